/* What is exported is read again as it was: the organization by the scenario reader, requests as cases. */
#include <stdio.h>
#include <stdlib.h>

#include "authz/case.h"
#include "policy/case.h"
#include "support/worlds.h"
#include "workloads/export.h"
#include "workloads/scenario.h"

static const char head[] = "{\"schema\":\"orgsim.scenario/1\",\"name\":\"again\",\"seed\":\"0x7\",\"quota_profile\":"
                           "\"aws-2026-05-15\",\"organization\":{\"inline\":";
static const char tail[] = "},\"evaluators\":{\"regions\":[{\"name\":\"us-east-1\",\"cells\":2,\"weight\":1}],"
                           "\"service_time\":{\"constant\":\"100us\"}},\"propagation\":{\"preset\":\"zero\"},"
                           "\"workload\":{\"windows\":[{\"start\":\"0s\",\"duration\":\"1s\",\"scenario\":\"s\"}],"
                           "\"scenarios\":{\"s\":{\"executor\":\"constant-arrival-rate\",\"arrival\":\"poisson\","
                           "\"rate\":10,\"timeUnit\":\"1s\",\"mix\":\"default\"}}}}";

typedef struct {
    char  *text;
    size_t len;
} written;

static FILE *memory_open(written *w)
{
    FILE *f = open_memstream(&w->text, &w->len);
    assert_non_null(f);
    return f;
}

static void same_attachments(const org_view *a, const org_view *b, org_target t)
{
    org_attachments x = org_attached(a, ORG_TYPE_SCP, t), y = org_attached(b, ORG_TYPE_SCP, t);
    assert_int_equal(x.count, y.count);
    for (uint32_t i = 0; i < x.count; i++) assert_int_equal(x.policies[i], y.policies[i]);
}

static void same_organization(const org_view *a, const org_view *b)
{
    assert_true(str_eq(org_id(a), org_id(b)));
    assert_int_equal(org_node_count(a), org_node_count(b));
    assert_int_equal(org_account_count(a), org_account_count(b));
    assert_int_equal(org_policy_count(a), org_policy_count(b));
    for (uint32_t i = 0; i < org_node_count(a); i++) {
        assert_true(str_eq(org_node_id(a, i), org_node_id(b, i)));
        assert_true(str_eq(org_node_name(a, i), org_node_name(b, i)));
        assert_int_equal(org_node_parent(a, i), org_node_parent(b, i));
        same_attachments(a, b, org_target_node(i));
    }
    for (uint32_t i = 0; i < org_account_count(a); i++) {
        assert_true(str_eq(org_account_id(a, i), org_account_id(b, i)));
        assert_true(str_eq(org_account_name(a, i), org_account_name(b, i)));
        assert_true(str_eq(org_account_email(a, i), org_account_email(b, i)));
        assert_int_equal(org_account_parent(a, i), org_account_parent(b, i));
        same_attachments(a, b, org_target_account(i));
    }
    for (uint32_t i = 0; i < org_policy_count(a); i++) {
        assert_true(str_eq(org_policy_id(a, i), org_policy_id(b, i)));
        assert_true(str_eq(org_policy_name(a, i), org_policy_name(b, i)));
        assert_true(str_eq(org_policy_description(a, i), org_policy_description(b, i)));
        assert_true(str_eq(org_policy_content(a, i), org_policy_content(b, i)));
    }
}

static void organization_is_read_again(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    const catalog *facts = support_catalog(&a);
    const profile *p = support_profile(&a, facts, "corpus-2026-11");
    support_world  w = support_world_named(&a, p, facts, "small", 7);
    written        text = {0};
    FILE          *f = memory_open(&text);
    (void)fputs(head, f);
    export_organization(org_at(w.o, 0), f);
    (void)fputs(tail, f);
    assert_int_equal(fclose(f), 0);

    source    in = {.name = STR("again.json"), .text = {text.text, text.len}};
    scenario *s = NULL;
    err       e = {0};
    if (scenario_read_text(&a, &in, (scenario_options){0}, 1000, &s, &e) != STATUS_OK) fail_msg("%s", e.text);
    same_organization(org_at(w.o, 0), org_at(s->o, 0));
    scenario_free(s);
    support_world_free(&w);
    free(text.text);
    arena_deinit(&a);
}

/* What the rows say of one request, and how many there are of it. */
typedef struct {
    decision d;
    uint32_t rows;
} told;

static told rows_read(arena scratch, const source *in, size_t *at, str id, const catalog *facts, bool layers[])
{
    told whole = {{DECISION_ALLOWED, LAYER_NONE, 0}, 0};
    while (*at < in->text.len) {
        arena       row = scratch;
        policy_case c;
        err         e = {0};
        size_t      end = str_find(in->text, '\n', *at);
        if (case_read(&row, in, *at, end, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
        bool part = c.id.len > id.len && str_starts(c.id, id) && c.id.ptr[id.len] == '.';
        if (!part && (whole.rows > 0 || !str_eq(c.id, id))) break;
        decision d = authz_decide_case(&row, &c, facts);
        if (whole.d.kind == DECISION_ALLOWED || (whole.d.kind != d.kind && d.kind == DECISION_EXPLICITLY_DENIED))
            whole.d = d;
        whole.rows++;
        *at = end + 1;
        layers[LAYER_RCP] |= c.rcps_apply;
        layers[LAYER_RESOURCE] |= c.resource != NULL;
        layers[LAYER_BOUNDARY] |= c.boundary != NULL;
        layers[LAYER_SESSION] |= c.session.count > 0;
        layers[LAYER_ENDPOINT] |= c.endpoint != NULL;
    }
    return whole;
}

#define REQUESTS 900u

static void requests_are_cases(void **state)
{
    (void)state;
    arena a;
    err   e = {0};
    arena_init(&a, MEMORY_GENERAL);
    const catalog     *facts = support_catalog(&a);
    const profile     *p = support_profile(&a, facts, "corpus-2026-11");
    generate_size      size = {.accounts = 20, .ous = 6, .scps = 15, .rcps = 8, .allow_list_percent = 5};
    support_world      w = support_world_sized(&a, p, facts, size, 7);
    generate_region    regions[] = {{{{"us-east-1", 9}, 2}, 3}, {{{"eu-west-1", 9}, 1}, 1}};
    generate_requests *g = NULL;
    if (generate_requests_new(&a, p, facts, org_at(w.o, 0), regions, 2, 7, &g, &e) != STATUS_OK) fail_msg("%s", e.text);
    authz_store *store = authz_store_new(facts, generate_vocabulary(g), generate_setting(g));
    authz_image *image = authz_image_build(store, org_at(w.o, 0), NULL);
    world_source stream = generate_source(g);
    for (uint32_t mix = 0; mix < profile_mix_count(p); mix++) {
        written text = {0};
        FILE   *f = memory_open(&text);
        export_requests(g, mix, REQUESTS, NULL, f);
        assert_int_equal(fclose(f), 0);
        source   in = {.name = STR("requests.jsonl"), .text = {text.text, text.len}};
        uint32_t denied = 0, several = 0, layered = 0;
        bool     layers[LAYER_ENDPOINT + 1] = {false};
        size_t   at = 0;
        for (uint32_t n = 0; n < REQUESTS; n++) {
            arena         scratch = a;
            authz_request q;
            str           id = arena_format(&scratch, "%u-%u", n % 3, n / 3);
            told          text_says = rows_read(scratch, &in, &at, id, facts, layers);
            stream.requests(stream.context, mix, n % 3, n / 3, 1, &q);
            decision image_says = authz_decide(image, &q);
            assert_int_equal(text_says.rows, authz_request_parts(image, &q));
            if (!decision_equal(text_says.d, image_says))
                fail_msg("mix %u, request %.*s: %s by %s, the image says %s by %s", mix, STR_FMT(id),
                         decision_name((decision_kind)text_says.d.kind), layer_name((decision_layer)text_says.d.layer),
                         decision_name((decision_kind)image_says.kind), layer_name((decision_layer)image_says.layer));
            denied += image_says.kind != DECISION_ALLOWED;
            several += text_says.rows > 1;
        }
        assert_int_equal(at, text.len);
        assert_true(denied > 0);
        for (size_t i = LAYER_RCP; i <= LAYER_ENDPOINT; i++) layered += i != LAYER_IDENTITY && layers[i];
        uint32_t every;
        assert_int_equal(profile_mix_find(p, STR("every-layer"), &every, &e), STATUS_OK);
        if (mix == every) assert_true(several > REQUESTS / 40 && layered == 5);
        free(text.text);
    }
    authz_image_release(store, image);
    authz_store_free(store);
    generate_requests_free(g);
    support_world_free(&w);
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(organization_is_read_again),
        cmocka_unit_test(requests_are_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
