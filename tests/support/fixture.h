/* fixture.h - what unit tests of policies and of images start from; in a header, as they link no room above theirs. */
#ifndef SUPPORT_FIXTURE_H
#define SUPPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "policy/catalog.h"
#include "policy/parse.h"

/* The preamble of a file of tests: `a` lives as long as they do; more: what else is made before the first. */
#define FIXTURE_ARENA(more)             \
    static arena a;                     \
    static int   setup(void **state)    \
    {                                   \
        (void)state;                    \
        arena_init(&a, MEMORY_GENERAL); \
        more;                           \
        return 0;                       \
    }                                   \
    static int teardown(void **state)   \
    {                                   \
        (void)state;                    \
        arena_deinit(&a);               \
        return 0;                       \
    }

/* The catalogue that travels inside the program, from the source tree. */
static inline const catalog *fixture_catalog(arena *a)
{
    source  *text = ARENA_NEW(a, source, 1);
    catalog *facts = NULL;
    err      e = {0};
    if (file_read(a, SOURCE_DIR "/workloads/catalog/aws.txt", FILE_BYTES_MAX, text, &e) != STATUS_OK)
        fail_msg("%s", e.text);
    if (catalog_load(a, text, &facts, &e) != STATUS_OK) fail_msg("%s", e.text);
    return facts;
}

static inline const policy *fixture_policy(arena *a, policy_type type, const char *text)
{
    source *in = ARENA_NEW(a, source, 1);
    policy *out = NULL;
    err     e = {0};
    *in = (source){STR("policy"), str_of(text), 1};
    if (policy_parse(a, in, (policy_parse_options){.type = type}, &out, &e) != STATUS_OK) fail_msg("%s", e.text);
    return out;
}

/* One statement, its braces left out, as an SCP. */
#define SCP(statement) "{\"Version\":\"2012-10-17\",\"Statement\":[{" statement "}]}"

#endif
