/* intern.h - text to dense ids 0, 1, 2 … in order of first sight, and back.
 *
 * Memory  the table copies text into its own arena; ids and the `str` given back live until deinit.
 * Order   ids depend on the order of insertion alone.
 * Threads lookups may run in parallel with each other, never with an insertion.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

#define INTERN_NONE UINT32_MAX

typedef struct intern_table intern_table;

intern_table *intern_new(memory_subsystem subsystem, bool nocase); /* nocase: the first spelling is kept */
void          intern_free(intern_table *t);
uint32_t      intern_add(intern_table *t, str s);
uint32_t      intern_find(const intern_table *t, str s); /* INTERN_NONE when absent */
str           intern_text(const intern_table *t, uint32_t id);
uint32_t      intern_count(const intern_table *t);

/* A map from a 64-bit key (never UINT64_MAX) to a u32, open addressing; for hash-consing the caller compares. */
typedef struct idmap idmap;
idmap               *idmap_new(memory_subsystem subsystem);
void                 idmap_free(idmap *m);
bool                 idmap_get(const idmap *m, uint64_t key, uint32_t *value);
void                 idmap_put(idmap *m, uint64_t key, uint32_t value); /* replaces */
bool                 idmap_remove(idmap *m, uint64_t key);
uint32_t             idmap_count(const idmap *m);

#endif
