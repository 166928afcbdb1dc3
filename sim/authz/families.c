#include "authz/families.h"

#define MARKED   STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
#define LEVELLED STR("000000000000")

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

str family_marked(arena *a, const authz_entry *value)
{
    return vocabulary_fill(a, value, MARKED);
}

str family_levelled(arena *a, const authz_entry *value)
{
    return levelled(a, vocabulary_fill(a, value, LEVELLED));
}

str family_of_account(arena *a, const authz_entry *value, uint64_t account)
{
    char id[VOCABULARY_ACCOUNT_LEN];
    for (size_t i = sizeof id; i > 0; i--, account /= 10) id[i - 1] = (char)('0' + account % 10);
    return vocabulary_fill(a, value, (str){id, sizeof id});
}

str levelled(arena *a, str pattern_text)
{
    char *copy = ARENA_NEW(a, char, pattern_text.len + 1);
    for (size_t i = 0; i < pattern_text.len; i++) copy[i] = is_digit(pattern_text.ptr[i]) ? '0' : pattern_text.ptr[i];
    return (str){copy, pattern_text.len};
}

lexeme *levelled_all(arena *a, const lexeme *items, uint32_t count)
{
    lexeme *copy = ARENA_NEW(a, lexeme, count);
    for (uint32_t i = 0; i < count; i++) copy[i].text = levelled(a, items[i].text);
    return copy;
}

/* The next run of digits that is long enough to hold an account id; *len 0: there is none. */
static size_t run_next(str s, size_t from, size_t *len)
{
    for (size_t i = from; i < s.len; i += *len + 1) {
        *len = 0;
        while (i + *len < s.len && is_digit(s.ptr[i + *len])) ++*len;
        if (*len >= VOCABULARY_ACCOUNT_LEN) return i;
    }
    *len = 0;
    return s.len;
}

bool family_is_plain(const authz_entry *value)
{
    str    s = value->texts[0], before = str_part(s, 0, value->hole), after;
    size_t len;
    after = str_part(s, value->hole, s.len - value->hole);
    if (before.len > 0 && is_digit(before.ptr[before.len - 1])) return false;
    if (after.len > 0 && is_digit(after.ptr[0])) return false;
    return run_next(before, 0, &len) == before.len && run_next(after, 0, &len) == after.len;
}

bool patterns_are_clean(const lexeme *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        str s = items[i].text;
        for (size_t k = 0; k + 1 < s.len; k++) {
            char first = s.ptr[k], second = s.ptr[k + 1];
            if (is_digit(first) && (second == '*' || second == '?')) return false;
            if (is_digit(second) && (first == '*' || first == '?')) return false;
        }
    }
    return true;
}

uint64_t *accounts_named(arena *a, const lexeme *items, uint32_t count, uint32_t *account_count)
{
    uint64_t *accounts = NULL;
    size_t    found = 0, capacity = 0;
    for (uint32_t i = 0; i < count; i++) {
        str    s = items[i].text;
        size_t len = 0;
        for (size_t at = run_next(s, 0, &len); len > 0; at = run_next(s, at + len, &len)) {
            if (len > VOCABULARY_ACCOUNT_LEN) continue;
            uint64_t number = account_number(str_part(s, at, len));
            size_t   at_number = found;
            while (at_number > 0 && accounts[at_number - 1] > number) at_number--;
            if (at_number > 0 && accounts[at_number - 1] == number) continue;
            (void)ARENA_PUSH(a, uint64_t, accounts, found, capacity);
            memmove(&accounts[at_number + 1], &accounts[at_number], (found - 1 - at_number) * sizeof *accounts);
            accounts[at_number] = number;
        }
    }
    *account_count = (uint32_t)found;
    return accounts;
}
