/* random_world.h - organizations, changes to them and requests, all drawn: world n of a seed is always the same.
 *
 *   random_world w;
 *   random_world_init(&w, facts, v, chance_at(seed, n), sizes);  the organization at revision 0
 *   random_world_change(&w);                                     some changes, then a commit
 *   random_request(&w, view, &q);                                by an account that is there in that view
 *   random_world_deinit(&w);
 *
 * Any change that the org takes may come: attach, detach (down to nothing attached), create, update, delete a policy,
 * move, create, remove an account, create, rename, delete an OU, disable and enable a type; several at once, or none.
 */
#ifndef SUPPORT_RANDOM_WORLD_H
#define SUPPORT_RANDOM_WORLD_H

#include "authz/authz.h"
#include "support/random_layers.h"

#define RANDOM_PLAIN_ROLES 8u
#define RANDOM_ROLES       (RANDOM_PLAIN_ROLES + RANDOM_LAYERED_ROLES)

typedef struct {
    uint32_t accounts, ous, policies, statements; /* at most; a failing world is made smaller by lowering them */
    bool     layers; /* all that random_layers.h has, and RCPs; else SCPs and identity policies alone     */
} random_sizes;

typedef struct {
    arena                   a;
    chance                  c;
    random_sizes            sizes;
    const catalog          *facts;
    const authz_vocabulary *v;
    org                    *o;
    authz_role              roles[RANDOM_ROLES];
    authz_resource_policy   policies[RANDOM_RESOURCE_POLICIES];
    const policy           *endpoints[RANDOM_ENDPOINTS];
    uint32_t                serial; /* of names and ids */
} random_world;

/* The requests' keys and values. wide: domains of more than 64 values as well, for which a mask does not do. */
authz_vocabulary *random_vocabulary(const catalog *facts, bool wide);

void random_world_init(random_world *w, const catalog *facts, const authz_vocabulary *v, chance c, random_sizes sizes);
void random_world_deinit(random_world *w);
void random_world_change(random_world *w); /* commits one revision */
authz_setting random_setting(const random_world *w);
void          random_request(random_world *w, const org_view *view, authz_request *out);

#endif
