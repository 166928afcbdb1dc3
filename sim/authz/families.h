/* families.h - inside this room: what patterns can say of a family value, which stands for all account ids at once.
 *
 * Two readings bound it, as long as no policy variable takes part:
 *
 *   marked      the id is twelve bytes that no policy text can hold: only wildcards match them, so a match here is a
 *               match for every id
 *   levelled    every digit, in the id and in the pattern alike, is a 0: equal texts stay equal, so no match here is
 *               no match for any id
 *
 * "Some pattern matches" grows from the first to the second reading, a negated operator shrinks, and where both agree
 * the truth is between them, hence the same for all ids.
 *
 * Mostly more is known. A family is plain when the id is bounded by what is no digit, and nothing else in its text is
 * as long; a pattern is clean when no wildcard touches a digit. Then digits of the pattern meet the id all twelve or
 * none: what the marked reading says holds for every id but those that the pattern spells out.
 */
#ifndef AUTHZ_FAMILIES_H
#define AUTHZ_FAMILIES_H

#include "authz/vocabulary.h"

str     family_marked(arena *a, const authz_entry *value);
str     family_levelled(arena *a, const authz_entry *value);
str     family_of_account(arena *a, const authz_entry *value, uint64_t account);
bool    family_is_plain(const authz_entry *value);
str     levelled(arena *a, str pattern_text);
lexeme *levelled_all(arena *a, const lexeme *items, uint32_t count);
bool    patterns_are_clean(const lexeme *items, uint32_t count);
/* The account ids that the patterns spell out, as numbers, ascending. */
uint64_t *accounts_named(arena *a, const lexeme *items, uint32_t count, uint32_t *account_count);

/* Twelve digits as a number. */
static inline uint64_t account_number(str id)
{
    uint64_t number = 0;
    for (size_t i = 0; i < id.len; i++) number = number * 10 + (uint64_t)(id.ptr[i] - '0');
    return number;
}

#endif
