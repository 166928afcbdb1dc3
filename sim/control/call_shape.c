#include <assert.h>

#include "base/bitset.h"
#include "control/call.h"

uint32_t call_characters(str s)
{
    uint32_t count = 0;
    for (size_t i = 0; i < s.len; i++) count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return count;
}

static bool is_account(str s)
{
    return control_id_valid(CONTROL_ID_ACCOUNT, s);
}

static bool is_root(str s)
{
    return control_id_valid(CONTROL_ID_ROOT, s);
}

static bool is_ou(str s)
{
    return control_id_valid(CONTROL_ID_OU, s);
}

static bool is_parent(str s)
{
    return is_root(s) || is_ou(s);
}

static bool is_target(str s)
{
    return is_parent(s) || is_account(s);
}

static bool is_policy(str s)
{
    return control_id_valid(CONTROL_ID_POLICY, s);
}

static bool is_policy_type(str s)
{
    org_policy_type type;
    return org_policy_type_of(s, &type);
}

static bool is_child(str s)
{
    return is_ou(s) || is_account(s);
}

static bool is_child_type(str s)
{
    return str_is(s, "ACCOUNT") || str_is(s, "ORGANIZATIONAL_UNIT");
}

static bool is_number(str s)
{
    uint64_t number;
    return str_to_u64(s, &number);
}

static bool is_printable(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7E) return false;
    return true;
}

/* `[\\w+=,.@-]{1,64}` */
static bool is_role_name(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = char_lower(s.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && (c == '\0' || strchr("_+=,.@-", c) == NULL))
            return false;
    }
    return true;
}

static bool is_billing_access(str s)
{
    return str_is(s, "ALLOW") || str_is(s, "DENY");
}

/* API reference, CreateAccount, "Email". */
static bool is_email(str s)
{
    size_t at = str_find(s, '@', 0);
    if (!is_printable(s) || at == 0 || at == s.len || s.ptr[0] == '.') return false;
    for (size_t i = 0; i < at; i++)
        if (memchr(" \"'()<>[]:;,\\|%&", s.ptr[i], 16) != NULL) return false;
    str    domain = str_part(s, at + 1, s.len - at - 1);
    size_t dots = 0;
    for (size_t i = 0; i < domain.len; i++) {
        char c = char_lower(domain.ptr[i]);
        bool edge = i == 0 || i + 1 == domain.len;
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && (edge || (c != '-' && c != '.'))) return false;
        dots += c == '.';
    }
    return dots > 0;
}

#define ANY_LENGTH UINT32_MAX

/* What AWS answers about a member: the Reason is the code and the member in upper snake case. Lengths that quotas
 * decide are filled in by length_max. Ids have no lengths of their own: their pattern says it. */
#define SHAPE(upper, pattern, min, max)                                                                                \
    {                                                                                                                  \
        "INPUT_REQUIRED:" upper, "INVALID_PATTERN:" upper, "MIN_LENGTH_EXCEEDED:" upper, "MAX_LENGTH_EXCEEDED:" upper, \
            pattern, min, max                                                                                          \
    }
static const struct {
    const char *missing, *malformed, *too_short, *too_long;
    bool (*holds)(str s); /* null: any text */
    uint32_t min, max;
} shapes[CONTROL_MEMBER_COUNT] = {
    [MEMBER_AccountId] = SHAPE("ACCOUNT_ID", is_account, 0, ANY_LENGTH),
    [MEMBER_AccountName] = SHAPE("ACCOUNT_NAME", is_printable, 1, 50),
    [MEMBER_ChildId] = SHAPE("CHILD_ID", is_child, 0, ANY_LENGTH),
    [MEMBER_ChildType] = SHAPE("CHILD_TYPE", is_child_type, 0, ANY_LENGTH),
    [MEMBER_Content] = SHAPE("CONTENT", NULL, 1, ANY_LENGTH),
    [MEMBER_Description] = SHAPE("DESCRIPTION", NULL, 0, ANY_LENGTH),
    [MEMBER_DestinationParentId] = SHAPE("DESTINATION_PARENT_ID", is_parent, 0, ANY_LENGTH),
    [MEMBER_Email] = SHAPE("EMAIL", is_email, 6, 64),
    [MEMBER_Filter] = SHAPE("FILTER", is_policy_type, 0, ANY_LENGTH),
    [MEMBER_IamUserAccessToBilling] = SHAPE("IAM_USER_ACCESS_TO_BILLING", is_billing_access, 0, ANY_LENGTH),
    [MEMBER_MaxResults] = SHAPE("MAX_RESULTS", is_number, 0, ANY_LENGTH),
    [MEMBER_Name] = SHAPE("NAME", NULL, 1, ANY_LENGTH),
    [MEMBER_NextToken] = SHAPE("NEXT_TOKEN", NULL, 0, 100000),
    [MEMBER_OrganizationalUnitId] = SHAPE("ORGANIZATIONAL_UNIT_ID", is_ou, 0, ANY_LENGTH),
    [MEMBER_ParentId] = SHAPE("PARENT_ID", is_parent, 0, ANY_LENGTH),
    [MEMBER_PolicyId] = SHAPE("POLICY_ID", is_policy, 0, ANY_LENGTH),
    [MEMBER_PolicyType] = SHAPE("POLICY_TYPE", is_policy_type, 0, ANY_LENGTH),
    [MEMBER_RoleName] = SHAPE("ROLE_NAME", is_role_name, 1, 64),
    [MEMBER_RootId] = SHAPE("ROOT_ID", is_root, 0, ANY_LENGTH),
    [MEMBER_SourceParentId] = SHAPE("SOURCE_PARENT_ID", is_parent, 0, ANY_LENGTH),
    [MEMBER_TargetId] = SHAPE("TARGET_ID", is_target, 0, ANY_LENGTH),
    [MEMBER_Type] = SHAPE("TYPE", is_policy_type, 0, ANY_LENGTH),
};

static uint32_t length_max(const call *k, control_member m)
{
    bool ou = k->in->op == CONTROL_CREATE_ORGANIZATIONAL_UNIT || k->in->op == CONTROL_UPDATE_ORGANIZATIONAL_UNIT;
    if (m == MEMBER_Name) return ou ? k->quotas->ou_name_characters : k->quotas->policy_name_characters;
    if (m == MEMBER_Description) return k->quotas->policy_description_characters;
    return shapes[m].max;
}

static bool page_size_holds(call *k, str s)
{
    uint64_t number = 0;
    (void)str_to_u64(s, &number);
    if (number >= 1 && number <= CONTROL_PAGE_MAX) return true;
    return call_refuse(k, "InvalidInputException",
                       number == 0 ? "MIN_VALUE_EXCEEDED:MAX_RESULTS" : "MAX_VALUE_EXCEEDED:MAX_RESULTS",
                       "MaxResults is %.*s, expected 1 to %u", STR_FMT(s), CONTROL_PAGE_MAX);
}

static bool member_holds(call *k, control_member m)
{
    assert(shapes[m].missing != NULL);
    const char *const refused = "InvalidInputException";
    str               s = call_member(k, m);
    uint32_t          characters = call_characters(s), max = length_max(k, m);
    const char       *name = control_member_name(m);
    if (characters < shapes[m].min)
        return call_refuse(k, refused, shapes[m].too_short, "%s has %u characters, the least is %u", name, characters,
                           shapes[m].min);
    if (characters > max)
        return call_refuse(k, refused, shapes[m].too_long, "%s has %u characters, the limit is %u", name, characters,
                           max);
    if (m == MEMBER_MaxResults && is_number(s)) return page_size_holds(k, s);
    if (shapes[m].holds == NULL || shapes[m].holds(s)) return true;
    if (shapes[m].holds == is_billing_access)
        return call_refuse(k, refused, "INVALID_ENUM:IAM_USER_ACCESS_TO_BILLING",
                           "%s is `%.*s`, expected `ALLOW` or `DENY`", name, STR_FMT(s));
    if (shapes[m].holds == is_child_type)
        return call_refuse(k, refused, "INVALID_ENUM:CHILD_TYPE",
                           "unknown child type `%.*s`, expected `ACCOUNT` or `ORGANIZATIONAL_UNIT`", STR_FMT(s));
    if (shapes[m].holds == is_policy_type)
        return call_refuse(k, refused, "INVALID_ENUM_POLICY_TYPE", "unknown policy type `%.*s`", STR_FMT(s));
    return call_refuse(k, refused, shapes[m].malformed, "%s `%.*s` is not in AWS's pattern", name, STR_FMT(s));
}

bool call_shape_holds(call *k, uint64_t required, uint64_t optional)
{
    for (uint64_t left = required | optional; left != 0; left &= left - 1) {
        control_member member = (control_member)bits_first(left);
        bool           given = call_member(k, member).ptr != NULL;
        if (!given && required >> member & 1)
            return call_refuse(k, "InvalidInputException", shapes[member].missing, "%s is missing",
                               control_member_name(member));
        if (given && !member_holds(k, member)) return false;
    }
    return true;
}
