/* The keys that follow from a request, the organization and the time are the oracle's: random requests by every kind of
 * caller, of which some say some of these keys themselves. */
#include "support/support.h"

#include <inttypes.h>
#include <stdlib.h>

#include "oracle/oracle.h"
#include "policy/derive.h"
#include "support/case_stream.h"

#define SEED  UINT64_C(20261128)
#define CASES 100000u

static const derive_place places[] = {{{NULL, 0}, {NULL, 0}},
                                      {{"o-1", 3}, {"o-1/r-1/", 8}},
                                      {{"o-1", 3}, {"o-1/r-1/ou-1/", 13}},
                                      {{"o-2", 3}, {"o-2/r-1/ou-1/ou-2/", 18}}};
static const int64_t      moments[] = {DERIVE_NO_TIME, 0,           -1, 1767225600, 1709164799, 951782400, 253402300799,
                                       253402300800,   -62167219201};

static int by_key(const void *a, const void *b)
{
    return str_cmp_nocase(((const request_key *)a)->key, ((const request_key *)b)->key);
}

static bool same_key(const request_key *x, const request_key *y)
{
    if (!str_eq(x->key, y->key) || x->is_array != y->is_array || x->value_count != y->value_count) return false;
    for (uint32_t i = 0; i < x->value_count; i++)
        if (!str_eq(x->values[i], y->values[i])) return false;
    return true;
}

static void say_keys(const char *who, const request *q)
{
    print_message("%s:\n", who);
    for (uint32_t i = 0; i < q->context_count; i++) {
        print_message("  %.*s =", STR_FMT(q->context[i].key));
        for (uint32_t v = 0; v < q->context[i].value_count; v++)
            print_message(" `%.*s`", STR_FMT(q->context[i].values[v]));
        print_message("\n");
    }
}

/* A third of the requests says as much as the menus have, the others nothing, or tags alone. */
static void thin_out(arena *a, uint32_t n, request *q)
{
    static const char *const tags[] = {"aws:RequestTag/a", "aws:RequestTag/B", "AWS:requesttag/c"};
    if (n % 3 == 0) return;
    q->context_count = 0;
    q->context = ARENA_NEW(a, request_key, COUNTOF(tags));
    for (size_t i = 0; i < COUNTOF(tags) && n % 3 == 2 && (n / 3 & UINT32_C(1) << i) != 0; i++) {
        str *value = ARENA_NEW(a, str, 1);
        *value = STR("v");
        q->context[q->context_count++] = (request_key){str_of(tags[i]), value, 1, false};
    }
}

static void derived_keys_are_the_oracles(void **state)
{
    (void)state;
    arena       a;
    case_stream stream;
    uint64_t    derived = 0;
    arena_init(&a, MEMORY_GENERAL);
    case_stream_init(&stream, SEED);
    for (uint32_t n = 0; n < CASES; n++) {
        policy_case c;
        chance      draw = chance_at(SEED, n);
        case_stream_at(&stream, n, &c);
        thin_out(&a, n, &c.request);
        derive_facts facts = {.principal = places[chance_below(&draw, COUNTOF(places))],
                              .resource = places[chance_below(&draw, COUNTOF(places))],
                              .unix_seconds = moments[chance_below(&draw, COUNTOF(moments))]};
        request      x = c.request, y = c.request;
        uint32_t     given = c.request.context_count;
        request_derive(&a, &x, &facts);
        oracle_derive(&a, &y, &facts);
        bool same = x.context_count == y.context_count;
        for (uint32_t i = 0; i < given && same; i++)
            same = same_key(&x.context[i], &c.request.context[i]) && same_key(&y.context[i], &c.request.context[i]);
        if (same) qsort(x.context + given, x.context_count - given, sizeof *x.context, by_key);
        if (same) qsort(y.context + given, y.context_count - given, sizeof *y.context, by_key);
        for (uint32_t i = given; i < x.context_count && same; i++) same = same_key(&x.context[i], &y.context[i]);
        if (!same) {
            print_message("%.*s asks %.*s for %.*s\n", STR_FMT(x.principal), STR_FMT(x.action), STR_FMT(x.resource));
            say_keys("derived", &x);
            say_keys("oracle", &y);
            fail_msg("case %" PRIu32, n);
        }
        derived += x.context_count - given;
        arena_reset(&a);
    }
    assert_true(derived > UINT64_C(5) * CASES);
    case_stream_deinit(&stream);
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(derived_keys_are_the_oracles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
