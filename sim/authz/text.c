/* A request put back into text, with the policies that it meets. */
#include <assert.h>

#include "authz/image.h"
#include "policy/principal.h"

uint32_t authz_request_parts(const authz_image *image, const authz_request *q)
{
    if (!(q->action.flags & AUTHZ_SEVERAL)) return 1;
    return image->store->v->parts[q->value[AUTHZ_RESOURCE]].count;
}

authz_request request_part(const authz_image *image, const authz_request *q, uint32_t part)
{
    authz_request one = *q;
    assert(part < authz_request_parts(image, q));
    if (!(q->action.flags & AUTHZ_SEVERAL)) return one;
    authz_part p = image->store->v->parts[q->value[AUTHZ_RESOURCE]].parts[part];
    one.action.flags &= (uint8_t)~AUTHZ_SEVERAL;
    one.value[AUTHZ_RESOURCE] = p.resource;
    if (p.slot != 0) one.value[p.slot] = p.value;
    return one;
}

/* ---- policies of resources ---- */

static size_t own_account_find(str text, size_t from)
{
    str name = AUTHZ_OWN_ACCOUNT;
    while (from + name.len <= text.len && !str_eq(str_part(text, from, name.len), name)) from++;
    return from + name.len <= text.len ? from : text.len;
}

/* The policy as the owner has it attached. */
static const policy *policy_of_owner(arena *a, const policy *p, str owner)
{
    str text = str_part(p->in->text, p->at, p->end - p->at), filled = STR("");
    if (own_account_find(text, 0) == text.len) return p;
    for (size_t at = 0; at < text.len;) {
        size_t hole = own_account_find(text, at);
        str    before = str_part(text, at, hole - at);
        filled = arena_format(a, "%.*s%.*s%.*s", STR_FMT(filled), STR_FMT(before),
                              (int)(hole < text.len ? owner.len : 0), owner.ptr);
        at = hole < text.len ? hole + AUTHZ_OWN_ACCOUNT.len : text.len;
    }
    source *in = ARENA_NEW(a, source, 1);
    policy *out = NULL;
    *in = (source){p->in->name, filled, 1};
    status s = policy_parse(a, in, (policy_parse_options){.type = p->type, .lenient = true}, &out, NULL);
    assert(s == STATUS_OK);
    (void)s;
    return out;
}

uint16_t authz_request_resource(const authz_image *image, const authz_request *q, uint32_t part)
{
    return request_part(image, q, part).value[AUTHZ_RESOURCE];
}

/* ---- the case ---- */

void authz_request_case(arena *a, const authz_image *image, const authz_request *whole, uint32_t part, policy_case *c)
{
    const authz_store *s = image->store;
    const authz_role  *role = &s->setting.roles[authz_request_role(whole)];
    authz_request      q = request_part(image, whole, part);
    authz_resource     r = vocabulary_resource(s->v, q.value[AUTHZ_RESOURCE]);
    uint32_t           endpoint = q.action.flags & AUTHZ_ENDPOINT;
    request           *out = &c->request;
    *c = (policy_case){.identity = role->identity,
                       .boundary = role->boundary,
                       .session = role->session,
                       .aws_managed_key = r.aws_managed_key};
    authz_request_text(a, s->v, image->view, &q, out);
    if (endpoint > 0) c->endpoint = s->setting.endpoints[endpoint - 1];
    if (r.policy > 0) c->resource = policy_of_owner(a, s->setting.policies[r.policy - 1].parsed, out->resource_account);
}
