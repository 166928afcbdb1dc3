/* embedded.h - inside this room: the table that embed.cmake writes. */
#ifndef WORKLOADS_EMBEDDED_H
#define WORKLOADS_EMBEDDED_H

#include "workloads/data.h"

typedef struct { /* ascending by kind, then by name */
    data_kind   kind;
    const char *name, *path;
    const char *begin, *end;
} embedded_file;

extern const embedded_file embedded_files[];
extern const uint32_t      embedded_file_count;

#endif
