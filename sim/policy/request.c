#include "policy/request.h"

#include <assert.h>

const char *decision_name(decision_kind kind)
{
    static const char *const names[] = { "Allowed", "ImplicitlyDenied", "ExplicitlyDenied" };
    assert((size_t)kind < COUNTOF(names));
    return names[kind];
}

const char *layer_name(decision_layer layer)
{
    static const char *const names[] = { "none",     "SCP",      "RCP",     "resource",
                                         "identity", "boundary", "session", "endpoint" };
    assert((size_t)layer < COUNTOF(names));
    return names[layer];
}
