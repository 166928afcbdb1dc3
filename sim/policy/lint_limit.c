/* Who is meant by a statement for every principal: whether its conditions keep strangers out. What they say is looked
 * at as AWS looks at it when it asks whether a bucket is public (Amazon S3 User Guide, "The meaning of 'public'"): a
 * key that says who asks or from where, compared with values that are fixed. Tags, names and roles of some name are no
 * such thing: everybody gives them to himself. */
#include "policy/lint_rules.h"

#include "policy/value.h"

#define V4_BITS_MIN    8u /* a wider block is no network of anybody's */
#define V6_BITS_MIN    16u
#define USERID_LEN_MIN 12u /* an account's id, the shortest that names somebody */

/* What a value has to name under a pattern. */
typedef enum {
    LIMIT_WHOLE,    /* all of an identifier: an account, an organization, a VPC        */
    LIMIT_PATH,     /* the organization in front of `/`                                 */
    LIMIT_USERID,   /* the id of a user or role: what follows it may be any session     */
    LIMIT_ARN,      /* the account                                                      */
    LIMIT_SOURCE,   /* the account, or what exists once in the world: a bucket          */
    LIMIT_ADDRESS,  /* a block that is not too wide                                     */
    LIMIT_TRUE,     /* `true`                                                           */
    LIMIT_SOMETHING /* more than stars: the key is of services or identity providers    */
} limit_kind;

static bool limit_kind_of(str key, limit_kind *out)
{
    static const struct {
        const char *name;
        limit_kind  kind;
    } keys[] = {
        {"kms:CallerAccount", LIMIT_WHOLE},
        {"aws:PrincipalAccount", LIMIT_WHOLE},
        {"aws:PrincipalOrgID", LIMIT_WHOLE},
        {"aws:SourceAccount", LIMIT_WHOLE},
        {"aws:SourceOrgID", LIMIT_WHOLE},
        {"aws:SourceOwner", LIMIT_WHOLE}, /* of Amazon SNS, in the policy that a topic begins with */
        {"aws:SourceVpc", LIMIT_WHOLE},
        {"aws:SourceVpce", LIMIT_WHOLE},
        {"aws:Ec2InstanceSourceVpc", LIMIT_WHOLE},
        {"aws:VpceAccount", LIMIT_WHOLE},
        {"aws:VpceOrgID", LIMIT_WHOLE},
        {"s3:DataAccessPointAccount", LIMIT_WHOLE},
        {"aws:PrincipalOrgPaths", LIMIT_PATH},
        {"aws:SourceOrgPaths", LIMIT_PATH},
        {"aws:VpceOrgPaths", LIMIT_PATH},
        {"aws:userid", LIMIT_USERID},
        {"aws:PrincipalArn", LIMIT_ARN},
        {"aws:SourceVpcArn", LIMIT_ARN},
        {"s3:DataAccessPointArn", LIMIT_ARN},
        {"aws:SourceArn", LIMIT_SOURCE},
        {"aws:SourceIp", LIMIT_ADDRESS}, /* not aws:VpcSourceIp: everybody may have 10.0.0.0/8 */
        {"aws:PrincipalIsAWSService", LIMIT_TRUE},
        {"elasticfilesystem:AccessedViaMountTarget", LIMIT_TRUE}, /* the file system's own network */
        {"aws:PrincipalServiceName", LIMIT_SOMETHING},
        {"aws:PrincipalServiceNamesList", LIMIT_SOMETHING},
    };
    for (size_t i = 0; i < COUNTOF(keys); i++) {
        if (!str_eq_nocase(key, str_of(keys[i].name))) continue;
        *out = keys[i].kind;
        return true;
    }
    *out = LIMIT_SOMETHING;
    return lint_key_foreign(key);
}

/* ---- values ---- */

/* What a variable puts in is the caller's to choose, but for what is said of the resource. */
static bool has_caller_variable(str s)
{
    const str resource = STR("aws:Resource");
    for (size_t at = str_find(s, '$', 0); at < s.len; at = str_find(s, '$', at + 1)) {
        str name = str_part(s, at + 1, s.len - at - 1);
        if (name.len < 2 || name.ptr[0] != '{' || name.ptr[1] == '*' || name.ptr[1] == '?' || name.ptr[1] == '$')
            continue;
        if (name.len <= resource.len || !str_eq_nocase(str_part(name, 1, resource.len), resource)) return true;
    }
    return false;
}

/* The parts of an ARN: a colon inside `${…}` divides nothing. False when there are fewer than six. */
static bool arn_split(str s, str parts[6])
{
    size_t begin = 0, count = 0;
    for (size_t i = 0; i < s.len && count < 5; i++) {
        if (s.ptr[i] == '$' && i + 1 < s.len && s.ptr[i + 1] == '{') {
            size_t close = str_find(s, '}', i);
            if (close == s.len) return false;
            i = close;
        }
        if (s.ptr[i] != ':') continue;
        parts[count++] = str_part(s, begin, i - begin);
        begin = i + 1;
    }
    if (count < 5) return false;
    parts[5] = str_part(s, begin, s.len - begin);
    return true;
}

static bool names_account(str account)
{
    size_t digits = 0;
    while (digits < account.len && account.ptr[digits] >= '0' && account.ptr[digits] <= '9') digits++;
    return (digits == 12 && account.len == 12) || str_starts(account, STR("${"));
}

/* `text`: compared as text, where a star takes colons too, and paths of roles may hold them; ARNs of S3 hold none. Of
 * sources a bucket is as good as an account: its name exists once in the world. */
static bool arn_is_fixed(str s, bool text, bool bucket_too)
{
    str parts[6];
    if (!arn_split(s, parts)) return false;
    bool s3 = str_is(parts[2], "s3");
    str  head = str_part(s, 0, (size_t)(parts[s3 ? 3 : 4].ptr - s.ptr));
    if (text && lint_has_wildcard(head)) return false;
    if (names_account(parts[4])) return true;
    str bucket = str_part(parts[5], 0, str_find(parts[5], '/', 0));
    return bucket_too && s3 && (parts[4].len == 0 || str_is(parts[4], "*")) && bucket.len > 0 &&
           !lint_has_wildcard(bucket);
}

static bool block_is_narrow(str s)
{
    value_ip block;
    return value_ip_read(s, &block) && block.bits >= (block.v6 ? V6_BITS_MIN : V4_BITS_MIN);
}

/* The text in front of the first `*` or `?`. */
static str fixed_part(str s)
{
    size_t len = 0;
    while (len < s.len && s.ptr[len] != '*' && s.ptr[len] != '?') len++;
    return str_part(s, 0, len);
}

static bool value_is_fixed(limit_kind kind, condition_base base, str value)
{
    bool truth = false,
         like = base == CONDITION_STRING_LIKE || base == CONDITION_ARN_LIKE || base == CONDITION_ARN_EQUALS;
    if (kind == LIMIT_ADDRESS && base == CONDITION_IP_ADDRESS) return block_is_narrow(value);
    if (kind == LIMIT_TRUE) return value_bool_read(value, &truth) && truth;
    if (has_caller_variable(value)) return false;
    if (!like || !lint_has_wildcard(value)) return value.len > 0;
    str fixed = fixed_part(value);
    switch (kind) {
    case LIMIT_PATH: return str_find(fixed, '/', 0) < fixed.len;
    case LIMIT_USERID: return fixed.len >= USERID_LEN_MIN;
    case LIMIT_ARN: return arn_is_fixed(value, base == CONDITION_STRING_LIKE, false);
    case LIMIT_SOURCE: return arn_is_fixed(value, base == CONDITION_STRING_LIKE, true);
    case LIMIT_SOMETHING: return !lint_only_stars(value);
    default: return false;
    }
}

/* ---- clauses ---- */

static bool base_compares(limit_kind kind, condition_base base)
{
    switch (base) {
    case CONDITION_STRING_EQUALS:
    case CONDITION_STRING_EQUALS_IGNORE_CASE:
    case CONDITION_STRING_LIKE: return true;
    case CONDITION_ARN_EQUALS:
    case CONDITION_ARN_LIKE: return kind == LIMIT_ARN || kind == LIMIT_SOURCE;
    case CONDITION_NUMERIC_EQUALS: return kind == LIMIT_WHOLE;
    case CONDITION_IP_ADDRESS: return kind == LIMIT_ADDRESS;
    case CONDITION_BOOL: return kind == LIMIT_TRUE;
    default: return false;
    }
}

/* ForAllValues and IfExists hold without the key, unless another clause asks for it. */
static bool is_demanded(linter *l, const policy_statement *s, const policy_clause *c)
{
    if (!c->if_exists && c->set != CONDITION_FOR_ALL) return true;
    if (!lint_work(l, (uint64_t)s->clause_count * 16)) return true;
    for (uint32_t i = 0; i < s->clause_count; i++) {
        const policy_clause *null = &s->clauses[i];
        if (null->base == CONDITION_NULL && null->value_count == 1 &&
            str_eq_nocase(null->values[0].text, STR("false")) && str_eq_nocase(null->key.text, c->key.text))
            return true;
    }
    return false;
}

static bool is_limit(linter *l, const policy_statement *s, const policy_clause *c)
{
    limit_kind kind;
    if (!limit_kind_of(c->key.text, &kind) || !base_compares(kind, c->base)) return false;
    for (uint32_t i = 0; i < c->value_count; i++)
        if (!value_is_fixed(kind, c->base, c->values[i].text)) return false;
    return is_demanded(l, s, c);
}

bool lint_limits_callers(linter *l, const policy_statement *s)
{
    for (uint32_t i = 0; i < s->clause_count; i++)
        if (is_limit(l, s, &s->clauses[i])) return true;
    return false;
}
