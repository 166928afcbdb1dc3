#include "support/support.h"

#include "workloads/data.h"

const catalog *support_catalog(arena *a)
{
    catalog *facts = NULL;
    err      e = {0};
    if (data_catalog(a, &facts, &e) != STATUS_OK) fail_msg("%s", e.text);
    return facts;
}
