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

static void requests_are_cases(void **state)
{
    (void)state;
    arena a;
    err   e = {0};
    arena_init(&a, MEMORY_GENERAL);
    const catalog     *facts = support_catalog(&a);
    const profile     *p = support_profile(&a, facts, "corpus-2026-11");
    support_world      w = support_world_named(&a, p, facts, "small", 7);
    generate_region    regions[] = {{{{"us-east-1", 9}, 2}, 3}, {{{"eu-west-1", 9}, 1}, 1}};
    generate_requests *g = NULL;
    if (generate_requests_new(&a, p, facts, org_at(w.o, 0), regions, 2, 7, &g, &e) != STATUS_OK) fail_msg("%s", e.text);
    authz_store *store = authz_store_new(facts, generate_vocabulary(g), generate_setting(g));
    authz_image *image = authz_image_build(store, org_at(w.o, 0), NULL);
    world_source stream = generate_source(g);
    written      text = {0};
    FILE        *f = memory_open(&text);
    export_requests(g, 2, 600, NULL, f); /* the mix with the most denials */
    assert_int_equal(fclose(f), 0);

    source   in = {.name = STR("requests.jsonl"), .text = {text.text, text.len}};
    uint32_t denied = 0, rows = 0;
    for (size_t begin = 0, end; begin < text.len; begin = end + 1, rows++) {
        arena         scratch = a;
        policy_case   c;
        authz_request q;
        end = str_find(in.text, '\n', begin);
        if (case_read(&scratch, &in, begin, end, &c, &e) != STATUS_OK) fail_msg("%s", e.text);
        assert_true(str_eq(c.id, arena_format(&scratch, "%u-%u", rows % 3, rows / 3)));
        stream.requests(stream.context, 2, rows % 3, rows / 3, 1, &q);
        decision text_says = authz_decide_case(&scratch, &c, facts), image_says = authz_decide(image, &q);
        if (!decision_equal(text_says, image_says))
            fail_msg("row %u: %s, the image says %s", rows, decision_name((decision_kind)text_says.kind),
                     decision_name((decision_kind)image_says.kind));
        denied += text_says.kind != DECISION_ALLOWED;
    }
    assert_int_equal(rows, 600);
    assert_true(denied > 20 && denied < 120);
    authz_image_release(store, image);
    authz_store_free(store);
    generate_requests_free(g);
    support_world_free(&w);
    free(text.text);
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
