#include "workloads/data.h"

extern const char data_catalog_begin[], data_catalog_end[];

status data_catalog(arena *a, catalog **out, err *e)
{
    source *text = ARENA_NEW(a, source, 1);
    *text = (source){ .name = STR("workloads/catalog/aws.txt"),
                      .text = { data_catalog_begin, (size_t)(data_catalog_end - data_catalog_begin) } };
    return catalog_load(a, text, out, e);
}
