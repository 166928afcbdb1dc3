/* fuzz_json.c - whatever bytes come: the reader ends, and what it accepts cJSON reads as the same values.
 *
 * tests/prop/prop_json_differential.c includes this file and asks the same question of texts that it makes.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/document.h"
#include "base/json.h"

#define NUMBER_BYTES_MAX 63 /* of cJSON's; document_parse refuses a longer one */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Reads all of it token by token; *long_number: cJSON would cut a number short. */
static status read_tokens(arena scratch, const source *in, bool *long_number, err *e)
{
    json_reader r;
    json_token  t;
    json_init(&r, &scratch, in, 0, in->text.len);
    do {
        TRY(json_next(&r, &t, e));
        if (t.kind == JSON_NUMBER && t.text.len > NUMBER_BYTES_MAX) *long_number = true;
    } while (t.kind != JSON_END);
    return STATUS_OK;
}

static bool number_equal(str lexeme, double value)
{
    char text[NUMBER_BYTES_MAX + 1] = {0};
    memcpy(text, lexeme.ptr, lexeme.len);
    return strtod(text, NULL) == value;
}

/* Whether the next value of the reader is cJSON's. Recursion is bounded by JSON_DEPTH_MAX. */
static bool value_equal(json_reader *r, const cJSON *item)
{
    json_token t, name;
    if (item == NULL || json_next(r, &t, NULL) != STATUS_OK) return false;
    switch (t.kind) {
    case JSON_NULL: return cJSON_IsNull(item);
    case JSON_TRUE: return cJSON_IsTrue(item);
    case JSON_FALSE: return cJSON_IsFalse(item);
    case JSON_NUMBER: return cJSON_IsNumber(item) && number_equal(t.text, item->valuedouble);
    case JSON_STRING: return cJSON_IsString(item) && str_is(t.text, item->valuestring);
    default: break;
    }
    bool object = t.kind == JSON_OBJECT;
    if (object ? !cJSON_IsObject(item) : !cJSON_IsArray(item)) return false;
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        if (object && (json_next(r, &name, NULL) != STATUS_OK || name.kind != JSON_KEY)) return false;
        if (object && !str_is(name.text, child->string)) return false;
        if (!value_equal(r, child)) return false;
    }
    return json_next(r, &t, NULL) == STATUS_OK && t.kind == (object ? JSON_OBJECT_END : JSON_ARRAY_END);
}

static bool trees_equal(arena scratch, const source *in)
{
    json_reader r;
    json_init(&r, &scratch, in, 0, in->text.len);
    cJSON *root = cJSON_ParseWithLength(in->text.ptr, in->text.len);
    bool   equal = root != NULL && value_equal(&r, root);
    cJSON_Delete(root);
    return equal;
}

/* What is wrong, null when nothing is. `accepted` and `e` say what our reader thought. */
static const char *json_disagreement(arena *a, const source *in, bool *accepted, err *e)
{
    json_reader r;
    document   *d = NULL;
    size_t      begin = 0, end = 0;
    bool        long_number = false;
    status      code = read_tokens(*a, in, &long_number, e);
    *accepted = code == STATUS_OK;
    json_init(&r, a, in, 0, in->text.len);
    if (json_skip(&r, &begin, &end, NULL) != code) return "json_skip and json_next disagree";
    status parsed = document_parse(a, in, &d, NULL);
    if (!*accepted || long_number) {
        document_free(d);
        return parsed == STATUS_OK ? "document_parse accepts what it must refuse" : NULL;
    }
    if (parsed != STATUS_OK) return "document_parse refuses what json accepts";
    source printed = {.name = STR("printed"), .text = document_print(a, d)};
    document_free(d);
    if (read_tokens(*a, &printed, &long_number, e) != STATUS_OK) return "the printed document is refused";
    return trees_equal(*a, in) ? NULL : "json and cJSON read different values";
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena a;
    err   e;
    bool  accepted = false;
    arena_init(&a, MEMORY_GENERAL);
    source      in = {.name = STR("fuzz"), .text = {(const char *)bytes, size}};
    const char *wrong = json_disagreement(&a, &in, &accepted, &e);
    if (wrong != NULL) {
        (void)fprintf(stderr, "%s\n", wrong);
        abort();
    }
    arena_deinit(&a);
    return 0;
}
