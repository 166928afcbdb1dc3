/* run.h - a run made by hand, so that what a run leaves behind is tested without running a world: 24 cells in three
 * regions, eight changes of which the sixth is refused, a quarter of a million requests, the laws of world.h kept.
 */
#ifndef SUPPORT_RUN_H
#define SUPPORT_RUN_H

#include "bench/output.h"

typedef struct {
    scenario     s;
    world_result r;
    environment  env;
    output_run   run;
} support_run;

/* Text with all that HTML, CSV, JSON and a shell must quote stands in labels and names. */
support_run *support_run_new(arena *a);
void         support_run_free(support_run *made);

/* A new, empty folder below the working folder of the tests. */
str  support_folder(arena *a, const char *name);
str  support_file(arena *a, str folder, const char *file); /* its text; ptr null: not there */
bool support_has_part(str text, const char *part);

/* Whether a folder's documents keep to the schemas in results/, as python's jsonschema judges; known: it is there. */
bool support_schemas_known(void);
bool support_schemas_hold(arena *a, const char *schemas, str folder);

#endif
