/* data.h - the data files that travel inside the program: the catalogue by itself, the others by name. Where the user
 * gives a path instead of a name, that file is read from disk.
 */
#ifndef WORKLOADS_DATA_H
#define WORKLOADS_DATA_H

#include "base/document.h"
#include "policy/catalog.h"

/* The catalogue of AWS services (workloads/catalog/aws.txt), loaded into the arena. */
status data_catalog(arena *a, catalog **out, err *e);

typedef enum {
    DATA_PROFILE,     /* workloads/profiles/NAME.json            */
    DATA_QUOTA,       /* workloads/presets/quota/NAME.json       */
    DATA_PROPAGATION, /* workloads/presets/propagation/NAME.json */
    DATA_SCENARIO,    /* workloads/scenarios/NAME.json           */
    DATA_KIND_COUNT
} data_kind;

/* The text of a file by its name (without `.json`), or of a path (it ends in `.json`; relative to `base_path`'s folder,
 * which may be empty). Unknown name: one line that names the known ones, and the nearest. */
status      data_text(arena *a, data_kind kind, str name, str base_path, const source **out, err *e);
uint32_t    data_count(data_kind kind);
str         data_name(data_kind kind, uint32_t i); /* in alphabetical order */
const char *data_kind_name(data_kind kind);        /* `profile`, `quota profile`, … */

#endif
