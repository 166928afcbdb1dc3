#include "policy/ast.h"

#include <assert.h>

const char *policy_type_name(policy_type t)
{
    static const char *const names[] = {
        [POLICY_SCP] = "SERVICE_CONTROL_POLICY", [POLICY_RCP] = "RESOURCE_CONTROL_POLICY",
        [POLICY_IDENTITY] = "identity",          [POLICY_BOUNDARY] = "permissions boundary",
        [POLICY_SESSION] = "session",            [POLICY_RESOURCE] = "resource",
        [POLICY_TRUST] = "role trust",           [POLICY_ENDPOINT] = "VPC endpoint",
    };
    assert((size_t)t < COUNTOF(names));
    return names[t];
}

bool condition_negated(condition_base base)
{
    switch (base) {
    case CONDITION_STRING_NOT_EQUALS:
    case CONDITION_STRING_NOT_EQUALS_IGNORE_CASE:
    case CONDITION_STRING_NOT_LIKE:
    case CONDITION_NUMERIC_NOT_EQUALS:
    case CONDITION_DATE_NOT_EQUALS:
    case CONDITION_NOT_IP_ADDRESS:
    case CONDITION_ARN_NOT_EQUALS:
    case CONDITION_ARN_NOT_LIKE: return true;
    default: return false;
    }
}
