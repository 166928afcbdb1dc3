#include "authz/doubts.h"
#include "support/check_world.h"

#include <assert.h>

#include "support/compare.h"

#define HELD_MAX 4

typedef struct {
    authz_image    *image;
    const org_view *view;
} held;

typedef struct {
    random_world  w;
    check_options options;
    check_counts *counts;
    authz_store  *store;
    held          held[HELD_MAX]; /* of several revisions, the newest last */
    uint32_t      held_count;
    arena        *texts;
    arena         scratch;
    str           difference; /* ptr null: none so far */
} checker;

static void differ(checker *k, const char *what, uint32_t revision, str detail)
{
    if (k->difference.ptr != NULL) return;
    k->difference = arena_format(k->texts, "revision %u: %s\n%.*s", revision, what, STR_FMT(detail));
}

/* ---- answers ---- */

/* What no test was asked for cannot depend on the request's values. */
static void count_decision(checker *k, held at, const authz_request *q, decision d)
{
    k->counts->compared++;
    k->counts->seen[d.kind]++;
    k->counts->by_scp += d.layer == LAYER_SCP;
    if (d.layer == LAYER_SCP) k->counts->by_level[d.level]++;
    authz_request bare = *q;
    memset(bare.value, 0, sizeof bare.value);
    bare.value[AUTHZ_PRINCIPAL] = q->value[AUTHZ_PRINCIPAL];
    k->counts->by_layer[d.layer]++;
    if (authz_decide_cost(at.image, q) > 0)
        k->counts->conditional++;
    else if (q->action.flags == 0 && authz_request_role(q) < RANDOM_PLAIN_ROLES &&
             !decision_equal(authz_decide(at.image, &bare), d))
        differ(k, "no test was counted, yet another request is answered otherwise", org_view_revision(at.view),
               STR(""));
}

#define DOUBTS_ONE_IN 16u /* to look for what cannot be evaluated takes longer than to decide */

static void check_doubts(checker *k, const compare_with *with, const authz_image *image, const authz_request *q)
{
    uint32_t want[DIAGNOSTIC_COUNT], have[DIAGNOSTIC_COUNT];
    uint32_t count = compare_doubts(k->scratch, with, image, q, want);
    k->counts->doubtful += count > 0;
    if (authz_request_doubts(image, q, have) == count && memcmp(want, have, sizeof want) == 0) return;
    differ(k, "what could not be evaluated is counted otherwise", org_view_revision(with->view),
           compare_describe(&k->scratch, with, image, q, authz_decide(image, q)));
}

/* Random requests to images of one view. */
static void check_answers(checker *k, const org_view *view, authz_image *const *images, uint32_t image_count,
                          uint32_t requests)
{
    static const char *const names[] = {"the image and the oracle differ",
                                        "the image compiled anew and the oracle differ"};
    compare_with             with = {k->w.facts, k->w.roles, view};
    while (requests > 0 && k->difference.ptr == NULL) {
        authz_request q[AUTHZ_BATCH];
        decision      want[AUTHZ_BATCH];
        uint32_t      count = 1 + chance_below(&k->w.c, AUTHZ_BATCH);
        if (count > requests) count = requests;
        for (uint32_t i = 0; i < count; i++) {
            random_request(&k->w, view, &q[i]);
            want[i] = compare_oracle(k->scratch, &with, images[0], &q[i]);
            count_decision(k, (held){images[0], view}, &q[i], want[i]);
            if (k->counts->compared % DOUBTS_ONE_IN == 0) check_doubts(k, &with, images[0], &q[i]);
        }
        for (uint32_t i = 0; i < image_count; i++) {
            uint32_t at = compare_decided(images[i], q, count, want);
            if (at < count)
                differ(k, names[i], org_view_revision(view),
                       compare_describe(&k->scratch, &with, images[i], &q[at], want[at]));
        }
        requests -= count;
    }
}

/* ---- sharing and figures ---- */

static void check_sharing(checker *k, held now, const authz_image *full)
{
    uint32_t revision = org_view_revision(now.view);
    for (uint32_t i = 0; i < org_account_count(now.view); i++)
        if (!authz_same_row(now.image, full, i))
            differ(k, "derived and full image have different rows", revision,
                   arena_format(&k->scratch, "account %u", i));
    authz_image_stats derived, whole;
    authz_image_stats_get(k->store, now.image, &derived);
    authz_image_stats_get(k->store, full, &whole);
    bool same =
        derived.rows == whole.rows && derived.row_bytes == whole.row_bytes && derived.formulas == whole.formulas;
    bool sane = whole.rows > 0 && whole.rows_shared == 0 && derived.rows_shared <= derived.rows &&
                derived.bytes > derived.row_bytes && derived.pages >= 3;
    if (!same || !sane) differ(k, "figures that contradict each other", revision, STR(""));
}

/* Where two revisions claim the same row, their oracle answers are the same. */
static void check_claims(checker *k, held before, held now)
{
    compare_with first = {k->w.facts, k->w.roles, before.view}, second = {k->w.facts, k->w.roles, now.view};
    for (uint32_t i = 0; i < org_account_count(before.view); i++) {
        if (!org_account_exists(before.view, i) || !org_account_exists(now.view, i)) continue;
        if (!authz_same_row(before.image, now.image, i)) continue;
        authz_request q;
        random_request(&k->w, now.view, &q);
        q.account = q.owner = i;
        authz_request_seal(k->w.v, &q);
        k->counts->same_rows++;
        decision x = compare_oracle(k->scratch, &first, before.image, &q);
        decision y = compare_oracle(k->scratch, &second, now.image, &q);
        if (!decision_equal(x, y))
            differ(k, "one row for two answers", org_view_revision(now.view),
                   compare_describe(&k->scratch, &second, now.image, &q, x));
    }
}

/* ---- revisions ---- */

static void hold(checker *k, held now)
{
    if (k->held_count == HELD_MAX) {
        uint32_t out = chance_below(&k->w.c, HELD_MAX); /* any but the newest, which is not there yet */
        authz_image_release(k->store, k->held[out].image);
        org_release(k->w.o, org_view_revision(k->held[out].view));
        memmove(&k->held[out], &k->held[out + 1], (HELD_MAX - out - 1) * sizeof *k->held);
        k->held_count--;
    }
    k->held[k->held_count++] = now;
}

static void check_revision(checker *k)
{
    const org_view *view = org_at(k->w.o, org_revision(k->w.o));
    if (chance_one_in(&k->w.c, 12)) authz_store_renew(k->store);
    bool         jump = chance_one_in(&k->w.c, 10) && k->held_count > 0; /* no image of the revision before */
    uint32_t     from = jump ? chance_below(&k->w.c, k->held_count) : k->held_count - 1;
    authz_image *before = k->held_count > 0 ? k->held[from].image : NULL;
    held         now = {authz_image_build(k->store, view, before), view};
    authz_image *full = authz_image_build(k->store, view, NULL);
    authz_store *apart = authz_store_new(k->w.facts, k->w.v, random_setting(&k->w));
    authz_image *images[] = {now.image, authz_image_build(apart, view, NULL)};
    assert(authz_image_revision(now.image) == org_view_revision(view));
    k->counts->images += 3;
    check_sharing(k, now, full);
    authz_image_release(k->store, full);
    check_answers(k, view, images, 2, k->options.requests * 3 / 4);
    authz_image_release(apart, images[1]);
    authz_store_free(apart);
    if (k->held_count > 0) {
        held old = k->held[chance_below(&k->w.c, k->held_count)];
        check_answers(k, old.view, &old.image, 1, k->options.requests / 4);
        check_claims(k, k->held[k->held_count - 1], now);
    }
    hold(k, now);
}

bool check_world(arena *a, const catalog *facts, const authz_vocabulary *v, chance c, check_options options,
                 check_counts *counts, str *difference)
{
    checker k = {.options = options, .counts = counts, .texts = a};
    arena_init(&k.scratch, MEMORY_GENERAL);
    random_world_init(&k.w, facts, v, c, options.sizes);
    k.store = authz_store_new(facts, v, random_setting(&k.w));
    check_revision(&k);
    for (uint32_t i = 0; i < options.revisions && k.difference.ptr == NULL; i++) {
        random_world_change(&k.w);
        check_revision(&k);
    }
    for (uint32_t i = 0; i < k.held_count; i++) authz_image_release(k.store, k.held[i].image);
    authz_store_free(k.store);
    random_world_deinit(&k.w);
    arena_deinit(&k.scratch);
    *difference = k.difference;
    return k.difference.ptr == NULL;
}
