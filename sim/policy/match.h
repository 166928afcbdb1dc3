/* match.h - actions, resources and globs as the core matches them. The oracle has its own.
 *
 * Sources: IAM User Guide, "Action", "Resource" and the matching table of spec section 1.5 and 1.6. Contested points
 * take the spec's default: C4 (a `*` that ends one of the first five segments may cross colons, Resource only), C5
 * (the first five segments ignore case in Resource).
 */
#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

#include "policy/catalog.h"
#include "policy/request.h"

/* `*` zero or more, `?` exactly one character (a UTF-8 code point). At most pattern * text steps, no recursion. */
bool match_glob(str pattern, str text);
bool match_glob_nocase(str pattern, str text);

/* One Action value against `service:Name`. */
bool match_action(str pattern, str action);
bool match_action_every(str pattern); /* whatever the action is */
/* Only the name part, for a pattern whose prefix is known to agree. */
bool match_action_name(str name_pattern, str name);

/* One Resource value. Variables are resolved from the request's context when version_2012 (temporaries go to scratch);
 * a value with an unresolved variable matches nothing. `type` decides about short ARNs. facts may be null. */
bool match_resource_pattern(arena *scratch, str pattern, const request *q, const catalog *facts, policy_type type,
                            bool version_2012);
/* The key of the next variable of text[*from..] that has no value unless the key has one: no escape, and without a
 * default. *from goes on inside it, as reading may begin anywhere: a Resource value's variables count behind its fifth
 * colon only. False when there is no further one. */
bool match_variable_next(str text, size_t *from, str *key);
/* The part of an ARN behind `colons` colons, up to the next one, or from the fifth on all the rest: 1 is the partition,
 * then service, region, account and what the service calls it by. Empty where there are fewer. */
str arn_part(str arn, size_t colons);
/* Arn condition operators: six parts, each a glob. */
bool match_arn(str pattern, str text);

/* Context lookup: the first entry with this name, ignoring case; null when absent. */
const request_key *request_key_find(const request *q, str key);
/* By type where the catalogue lists the key, else by the shape of its value. facts may be null. */
bool request_key_multivalued(const request_key *k, const catalog *facts);

#endif
