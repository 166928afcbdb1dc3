#include "base/document.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

/* cJSON copies a number into a buffer of 64 bytes before it converts it, and refuses what does not fit. */
#define NUMBER_BYTES_MAX 63
#define INTEGER_MAX      (UINT64_C(1) << 53) /* what a double holds exactly */
#define NAMES_MAX        128                 /* of one node_only            */
#define LINE_BYTES_MAX   100                 /* of an array on one line     */
#define SHOWN_BYTES_MAX  100

/* One value: cJSON's item and its extent in the text. */
struct node {
    const cJSON *item;
    size_t       name_at; /* of an object's member */
    size_t       at, end;
    size_t       count;
    struct node *children; /* [count] in order */
};

struct document {
    cJSON        *root;
    const source *in;  /* null in a document that is written */
    const node   *top; /* likewise                           */
};

/* ---- reading: the tree ---- */

static status check_text(arena scratch, const source *in, err *e)
{
    json_reader r;
    json_token  t;
    size_t      values = 0;
    json_init(&r, &scratch, in, 0, in->text.len);
    do {
        TRY(json_next(&r, &t, e));
        values += t.kind != JSON_KEY && t.kind != JSON_OBJECT_END && t.kind != JSON_ARRAY_END && t.kind != JSON_END;
        if (values > DOCUMENT_VALUES_MAX)
            return err_at(e, STATUS_LIMIT, json_place(&r, t.at), "more than %u values in one document",
                          DOCUMENT_VALUES_MAX);
        if (t.kind == JSON_NUMBER && t.text.len > NUMBER_BYTES_MAX)
            return err_at(e, STATUS_LIMIT, json_place(&r, t.at), "number of %zu characters, the limit is %d",
                          t.text.len, NUMBER_BYTES_MAX);
    } while (t.kind != JSON_END);
    return STATUS_OK;
}

static json_token checked_next(json_reader *r)
{
    json_token t;
    status     code = json_next(r, &t, NULL);
    assert(code == STATUS_OK); /* check_text has seen every token */
    return t;
}

/* Walks cJSON's tree and the text in step. Recursion is bounded by JSON_DEPTH_MAX. */
static void place_node(arena *a, json_reader *r, const cJSON *item, node *n)
{
    json_token t = checked_next(r);
    n->item = item;
    n->at = t.at;
    n->end = t.end;
    if (t.kind != JSON_OBJECT && t.kind != JSON_ARRAY) return;
    n->count = (size_t)cJSON_GetArraySize(item);
    n->children = ARENA_NEW(a, node, n->count);
    const cJSON *child = item->child;
    for (size_t i = 0; i < n->count; i++, child = child->next) {
        if (t.kind == JSON_OBJECT) n->children[i].name_at = checked_next(r).at;
        place_node(a, r, child, &n->children[i]);
    }
    json_token close = checked_next(r);
    assert(close.kind == JSON_OBJECT_END || close.kind == JSON_ARRAY_END);
    n->end = close.end;
}

status document_parse(arena *a, const source *in, document **out, err *e)
{
    TRY(check_text(*a, in, e));
    cJSON *root = cJSON_ParseWithLength(in->text.ptr, in->text.len);
    if (root == NULL)
        return err_at(e, STATUS_LIMIT, (place){in, 0}, "no memory for a document of %zu bytes", in->text.len);
    node       *top = ARENA_NEW(a, node, 1);
    json_reader r;
    json_init(&r, a, in, 0, in->text.len);
    place_node(a, &r, root, top);
    *out = memory_alloc(MEMORY_GENERAL, sizeof **out);
    **out = (document){.root = root, .in = in, .top = top};
    return STATUS_OK;
}

void document_free(document *d)
{
    if (d == NULL) return;
    cJSON_Delete(d->root);
    memory_free(MEMORY_GENERAL, d);
}

const node *document_root(const document *d)
{
    assert(d->top != NULL);
    return d->top;
}

place document_place(const document *d, const node *n)
{
    assert(d->in != NULL);
    return (place){d->in, n == NULL ? d->top->at : n->at};
}

node_kind node_kind_of(const node *n)
{
    switch (n->item->type & 0xff) {
    case cJSON_NULL: return NODE_NULL;
    case cJSON_True:
    case cJSON_False: return NODE_BOOL;
    case cJSON_Number: return NODE_NUMBER;
    case cJSON_String: return NODE_STRING;
    case cJSON_Array: return NODE_ARRAY;
    default: assert(cJSON_IsObject(n->item)); return NODE_OBJECT;
    }
}

const char *node_kind_name(node_kind kind)
{
    static const char *const names[] = {
        [NODE_NULL] = "`null`",     [NODE_BOOL] = "a boolean", [NODE_NUMBER] = "a number",
        [NODE_STRING] = "a string", [NODE_ARRAY] = "an array", [NODE_OBJECT] = "an object",
    };
    assert((size_t)kind < COUNTOF(names));
    return names[kind];
}

size_t node_count(const node *n)
{
    return n->count;
}

const node *node_at(const node *n, size_t index)
{
    assert(index < n->count);
    return &n->children[index];
}

str node_name(const node *n)
{
    return str_of(n->item->string);
}

const node *node_get(const node *n, const char *name)
{
    if (n == NULL || node_kind_of(n) != NODE_OBJECT) return NULL;
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->children[i].item->string, name) == 0) return &n->children[i];
    return NULL;
}

/* ---- reading: typed values ---- */

status node_error(const document *d, const node *n, err *e, status code, const char *format, ...)
{
    char    text[COUNTOF(e->text)];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return err_at(e, code, document_place(d, n), "%s", text);
}

status node_need(const document *d, const node *n, const char *name, const node **out, err *e)
{
    TRY(node_object(d, n, e));
    const node *member = node_get(n, name);
    if (member == NULL) return node_error(d, n, e, STATUS_INVALID, "missing member `%s`", name);
    *out = member;
    return STATUS_OK;
}

static status wrong_kind(const document *d, const node *n, const char *expected, err *e)
{
    return node_error(d, n, e, STATUS_INVALID, "expected %s, found %s", expected,
                      n == NULL ? "nothing" : node_kind_name(node_kind_of(n)));
}

static status demand(const document *d, const node *n, node_kind kind, err *e)
{
    return n != NULL && node_kind_of(n) == kind ? STATUS_OK : wrong_kind(d, n, node_kind_name(kind), e);
}

static str source_text(const document *d, const node *n)
{
    return str_part(d->in->text, n->at, n->end - n->at);
}

/* A text of the user as a message shows it, for "%.*s". */
static str shown(str s)
{
    return str_part(s, 0, s.len < SHOWN_BYTES_MAX ? s.len : SHOWN_BYTES_MAX);
}
#define SHOWN(s) STR_FMT(shown(s))

status node_string(const document *d, const node *n, str *out, err *e)
{
    TRY(demand(d, n, NODE_STRING, e));
    *out = str_of(n->item->valuestring);
    return STATUS_OK;
}

status node_bool(const document *d, const node *n, bool *out, err *e)
{
    TRY(demand(d, n, NODE_BOOL, e));
    *out = cJSON_IsTrue(n->item);
    return STATUS_OK;
}

status node_object(const document *d, const node *n, err *e)
{
    return demand(d, n, NODE_OBJECT, e);
}

status node_array(const document *d, const node *n, err *e)
{
    return demand(d, n, NODE_ARRAY, e);
}

status node_only(const document *d, const node *n, const char *const *names, size_t count, err *e)
{
    str known[NAMES_MAX];
    assert(count <= NAMES_MAX);
    TRY(demand(d, n, NODE_OBJECT, e));
    for (size_t i = 0; i < count; i++) known[i] = str_of(names[i]);
    for (size_t m = 0; m < n->count; m++) {
        str    name = node_name(&n->children[m]);
        place  at = {d->in, n->children[m].name_at};
        size_t i = 0;
        while (i < count && !str_eq(known[i], name)) i++;
        if (i < count || str_starts(name, STR("x-")) || str_is(name, "_comment")) continue;
        str near = str_nearest(name, known, count);
        if (near.len == 0) return err_at(e, STATUS_INVALID, at, "unknown key `%.*s`", SHOWN(name));
        return err_at(e, STATUS_INVALID, at, "unknown key `%.*s`, did you mean `%.*s`?", SHOWN(name), STR_FMT(near));
    }
    return STATUS_OK;
}

status node_source_text(const document *d, const node *n, str *text, place *at, err *e)
{
    if (n == NULL) return wrong_kind(d, n, "a value", e);
    *text = source_text(d, n);
    *at = document_place(d, n);
    return STATUS_OK;
}

/* ---- reading: exact numbers ---- */

typedef struct {
    bool     negative;
    uint64_t num, den; /* lowest terms */
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool multiply(uint64_t *value, uint64_t factor, int64_t times)
{
    if (*value == 0) return true;
    for (; times > 0; times--)
        if (__builtin_mul_overflow(*value, factor, value)) return false;
    return true;
}

/* mantissa * 10^exponent in lowest terms. */
static status decimal_scale(uint64_t mantissa, int64_t exponent, decimal *out)
{
    out->num = mantissa;
    out->den = 1;
    if (mantissa == 0) return STATUS_OK;
    if (exponent >= 0) return multiply(&out->num, 10, exponent) ? STATUS_OK : STATUS_LIMIT;
    int64_t twos = -exponent, fives = -exponent;
    for (; twos > 0 && out->num % 2 == 0; twos--) out->num /= 2;
    for (; fives > 0 && out->num % 5 == 0; fives--) out->num /= 5;
    return multiply(&out->den, 2, twos) && multiply(&out->den, 5, fives) ? STATUS_OK : STATUS_INVALID;
}

/* A number of JSON's grammar, exactly. STATUS_SYNTAX: it is none; STATUS_LIMIT: too large for 64 bits;
 * STATUS_INVALID: too fine for a denominator of 64 bits. */
static status decimal_parse(str s, decimal *out)
{
    uint64_t mantissa = 0;
    int64_t  exponent = 0, given = 0, zeros = 0; /* zeros: read, not yet in the mantissa */
    size_t   i = 0, whole = 0, fraction = 0;
    bool     point = false;
    out->negative = s.len > 0 && s.ptr[0] == '-';
    for (i = out->negative; i < s.len && (is_digit(s.ptr[i]) || (s.ptr[i] == '.' && !point)); i++) {
        if (s.ptr[i] == '.') {
            point = true;
            continue;
        }
        *(point ? &fraction : &whole) += 1;
        exponent -= point;
        zeros++;
        if (s.ptr[i] == '0') continue;
        bool fits =
            multiply(&mantissa, 10, zeros) && !__builtin_add_overflow(mantissa, (uint64_t)(s.ptr[i] - '0'), &mantissa);
        if (!fits) return point ? STATUS_INVALID : STATUS_LIMIT;
        zeros = 0;
    }
    if (whole == 0 || (point && fraction == 0)) return STATUS_SYNTAX;
    if (i < s.len) {
        if (char_lower(s.ptr[i++]) != 'e') return STATUS_SYNTAX;
        if (i < s.len && s.ptr[i] == '+' && i + 1 < s.len && is_digit(s.ptr[i + 1])) i++;
        if (!str_to_i64(str_part(s, i, s.len - i), &given)) return STATUS_SYNTAX;
        if (given > INT32_MAX || given < INT32_MIN) return given > 0 ? STATUS_LIMIT : STATUS_INVALID;
    }
    return decimal_scale(mantissa, exponent + zeros + given, out);
}

status node_i64(const document *d, const node *n, int64_t min, int64_t max, int64_t *out, err *e)
{
    const int64_t exact = (int64_t)INTEGER_MAX;
    decimal       v;
    TRY(demand(d, n, NODE_NUMBER, e));
    if (min < -exact) min = -exact;
    if (max > exact) max = exact;
    bool    integer = decimal_parse(source_text(d, n), &v) == STATUS_OK && v.den == 1 && v.num <= INTEGER_MAX;
    int64_t value = !integer ? 0 : v.negative ? -(int64_t)v.num : (int64_t)v.num;
    if (!integer || value < min || value > max)
        return node_error(d, n, e, STATUS_INVALID, "expected an integer from %" PRId64 " to %" PRId64 ", found `%.*s`",
                          min, max, SHOWN(source_text(d, n)));
    *out = value;
    return STATUS_OK;
}

/* A number node as an integer from 0 to 2^53. */
static status small_integer(const document *d, const node *n, uint64_t *out, err *e)
{
    str     text = source_text(d, n);
    decimal v;
    status  code = decimal_parse(text, &v);
    if (code == STATUS_LIMIT || (code == STATUS_OK && v.den == 1 && v.num > INTEGER_MAX && !v.negative))
        return node_error(d, n, e, STATUS_INVALID,
                          "integer `%.*s` is above 2^53, where JSON numbers are no longer exact: write it as a string",
                          SHOWN(text));
    if (code != STATUS_OK || v.den != 1 || (v.negative && v.num > 0))
        return node_error(d, n, e, STATUS_INVALID, "expected a non-negative integer, found `%.*s`", SHOWN(text));
    *out = v.num;
    return STATUS_OK;
}

/* The digit's value, 16 when it is none. */
static uint64_t hex_digit(char c)
{
    c = char_lower(c);
    return is_digit(c) ? (uint64_t)(c - '0') : c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a') + 10 : 16;
}

status node_u64(const document *d, const node *n, uint64_t *out, err *e)
{
    if (n != NULL && node_kind_of(n) == NODE_NUMBER) return small_integer(d, n, out, e);
    if (n == NULL || node_kind_of(n) != NODE_STRING) return wrong_kind(d, n, "an integer or a string with one", e);
    str      text = str_of(n->item->valuestring);
    bool     hex = str_starts(text, STR("0x")), fits = true;
    uint64_t base = hex ? 16 : 10, value = 0;
    str      digits = hex ? str_part(text, 2, text.len - 2) : text;
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t digit = hex_digit(digits.ptr[i]);
        if (digit >= base) digits.len = 0; /* told below */
        fits = fits && multiply(&value, base, 1) && !__builtin_add_overflow(value, digit, &value);
    }
    if (digits.len == 0)
        return node_error(d, n, e, STATUS_INVALID, "expected an integer, decimal or 0x and hex digits, found `%.*s`",
                          SHOWN(text));
    if (!fits) return node_error(d, n, e, STATUS_INVALID, "integer `%.*s` is above 64 bits", SHOWN(text));
    *out = value;
    return STATUS_OK;
}

status node_time_ns(const document *d, const node *n, int64_t *out, err *e)
{
    static const struct {
        const char *name;
        uint64_t    ns;
    } units[] = {{"ns", 1},
                 {"us", 1000},
                 {"ms", 1000000},
                 {"s", UINT64_C(1000000000)},
                 {"m", UINT64_C(60000000000)},
                 {"h", UINT64_C(3600000000000)},
                 {"d", UINT64_C(86400000000000)}};
    __extension__ typedef unsigned __int128 u128;
    if (n != NULL && node_kind_of(n) == NODE_NUMBER) {
        uint64_t ns = 0;
        TRY(small_integer(d, n, &ns, e));
        *out = (int64_t)ns;
        return STATUS_OK;
    }
    if (n == NULL || node_kind_of(n) != NODE_STRING)
        return wrong_kind(d, n, "a time such as `3500ms` or integer nanoseconds", e);
    str    text = str_of(n->item->valuestring);
    size_t unit_at = text.len, unit = 0;
    while (unit_at > 0 && !is_digit(text.ptr[unit_at - 1])) unit_at--;
    while (unit < COUNTOF(units) && !str_is(str_part(text, unit_at, text.len - unit_at), units[unit].name)) unit++;
    decimal v;
    status  code = decimal_parse(str_part(text, 0, unit_at), &v);
    if (unit == COUNTOF(units) || code == STATUS_SYNTAX)
        return node_error(d, n, e, STATUS_INVALID,
                          "expected a time such as `3500ms` (units ns, us, ms, s, m, h, d), found `%.*s`", SHOWN(text));
    if (v.negative) return node_error(d, n, e, STATUS_INVALID, "time `%.*s` is negative", SHOWN(text));
    u128 ns = code == STATUS_OK ? (u128)v.num * units[unit].ns : 0;
    if (code == STATUS_INVALID || (code == STATUS_OK && ns % v.den != 0))
        return node_error(d, n, e, STATUS_INVALID, "time `%.*s` is not a whole number of nanoseconds", SHOWN(text));
    if (code == STATUS_LIMIT || ns / v.den > INT64_MAX)
        return node_error(d, n, e, STATUS_INVALID, "time `%.*s` is above 2^63 nanoseconds", SHOWN(text));
    *out = (int64_t)(ns / v.den);
    return STATUS_OK;
}

/* "1/100" in lowest terms. STATUS_SYNTAX when it is none. */
static status fraction_parse(str s, size_t slash, decimal *out)
{
    uint64_t num = 0, den = 0;
    bool     digits = slash + 1 < s.len && str_to_u64(str_part(s, 0, slash), &num) &&
                  str_to_u64(str_part(s, slash + 1, s.len - slash - 1), &den);
    if (!digits || den == 0) return STATUS_SYNTAX;
    uint64_t a = num, b = den;
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    *out = (decimal){.num = num / a, .den = den / a};
    return STATUS_OK;
}

status node_ratio(const document *d, const node *n, uint64_t *num, uint64_t *den, err *e)
{
    bool string = n != NULL && node_kind_of(n) == NODE_STRING;
    if (n == NULL || (!string && node_kind_of(n) != NODE_NUMBER))
        return wrong_kind(d, n, "a ratio such as 0.25 or `1/100`", e);
    str     text = string ? str_of(n->item->valuestring) : source_text(d, n);
    size_t  slash = str_find(text, '/', 0);
    decimal v;
    status  code = slash < text.len ? fraction_parse(text, slash, &v) : decimal_parse(text, &v);
    if (code == STATUS_SYNTAX)
        return node_error(d, n, e, STATUS_INVALID, "expected a ratio such as 0.25 or `1/100`, found `%.*s`",
                          SHOWN(text));
    if (v.negative && (code != STATUS_OK || v.num > 0))
        return node_error(d, n, e, STATUS_INVALID, "ratio `%.*s` is negative", SHOWN(text));
    if (code != STATUS_OK)
        return node_error(d, n, e, STATUS_INVALID, "ratio `%.*s` does not fit 64 bits over 64 bits", SHOWN(text));
    *num = v.num;
    *den = v.den;
    return STATUS_OK;
}

/* ---- writing: the tree ---- */

static document *document_new(cJSON *root)
{
    assert(root != NULL);
    document *d = memory_alloc(MEMORY_GENERAL, sizeof *d);
    d->root = root;
    return d;
}

document *document_new_object(void)
{
    return document_new(cJSON_CreateObject());
}

document *document_new_array(void)
{
    return document_new(cJSON_CreateArray());
}

/* An out_node is cJSON's item under a name of our own. */
out_node *document_out(document *d)
{
    return (out_node *)d->root;
}

static out_node *attach(out_node *parent, const char *name, cJSON *item)
{
    cJSON *to = (cJSON *)parent;
    assert(item != NULL);
    assert(name == NULL ? cJSON_IsArray(to) : cJSON_IsObject(to));
    bool attached = name == NULL ? cJSON_AddItemToArray(to, item) : cJSON_AddItemToObject(to, name, item);
    assert(attached);
    return (out_node *)item;
}

out_node *out_object(out_node *parent, const char *name)
{
    return attach(parent, name, cJSON_CreateObject());
}

out_node *out_array(out_node *parent, const char *name)
{
    return attach(parent, name, cJSON_CreateArray());
}

void out_text(out_node *parent, const char *name, const char *value)
{
    attach(parent, name, cJSON_CreateString(value));
}

/* cJSON takes text with a NUL at its end. */
static char *terminated(str s)
{
    assert(s.len == 0 || memchr(s.ptr, '\0', s.len) == NULL);
    char *z = memory_alloc(MEMORY_GENERAL, s.len + 1);
    if (s.len > 0) memcpy(z, s.ptr, s.len);
    return z;
}

void out_str(out_node *parent, const char *name, str value)
{
    char *z = terminated(value);
    out_text(parent, name, z);
    memory_free(MEMORY_GENERAL, z);
}

void out_i64(out_node *parent, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    attach(parent, name, cJSON_CreateRaw(text));
}

void out_u64(out_node *parent, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    attach(parent, name, cJSON_CreateRaw(text));
}

void out_bool(out_node *parent, const char *name, bool value)
{
    attach(parent, name, cJSON_CreateBool(value));
}

void out_null(out_node *parent, const char *name)
{
    attach(parent, name, cJSON_CreateNull());
}

#define REAL_TEXT_SIZE 32

/* The shortest text that reads back as the same number; JSON has no word for what is not finite. */
static void real_text(double value, char text[REAL_TEXT_SIZE])
{
    (void)snprintf(text, REAL_TEXT_SIZE, "null");
    if (!isfinite(value)) return;
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, REAL_TEXT_SIZE, "%.*g", digits, value);
        if (strtod(text, NULL) == value) return;
    }
}

void out_real(out_node *parent, const char *name, double value)
{
    char text[REAL_TEXT_SIZE];
    real_text(value, text);
    attach(parent, name, cJSON_CreateRaw(text));
}

static bool is_json(str text)
{
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    source      in = {.name = STR("raw"), .text = text};
    json_reader r;
    size_t      begin = 0, end = 0;
    json_init(&r, &a, &in, 0, text.len);
    status code = json_skip(&r, &begin, &end, NULL);
    arena_deinit(&a);
    return code == STATUS_OK;
}

void out_raw(out_node *parent, const char *name, str json)
{
    assert(is_json(json));
    char *z = terminated(json);
    attach(parent, name, cJSON_CreateRaw(z));
    memory_free(MEMORY_GENERAL, z);
}

/* ---- writing: the text ---- */

typedef struct {
    arena *a, *scratch; /* the text; one string in quotes */
    char  *text;
    size_t len, capacity;
    bool   compact;
} printer;

static void put(printer *p, str s)
{
    while (p->capacity - p->len < s.len) p->text = arena_grow(p->a, p->text, 1, 1, p->len, &p->capacity);
    if (s.len > 0) memcpy(p->text + p->len, s.ptr, s.len);
    p->len += s.len;
}

static void put_line(printer *p, size_t depth)
{
    if (p->compact) return;
    put(p, STR("\n"));
    for (size_t i = 0; i < depth; i++) put(p, STR("  "));
}

static void put_string(printer *p, const char *text)
{
    arena scratch = *p->scratch;
    put(p, json_quote(&scratch, str_of(text)));
}

static void put_plain(printer *p, const cJSON *item)
{
    char text[REAL_TEXT_SIZE];
    switch (item->type & 0xff) {
    case cJSON_String: put_string(p, item->valuestring); break;
    case cJSON_Raw: put(p, str_of(item->valuestring)); break;
    case cJSON_True: put(p, STR("true")); break;
    case cJSON_False: put(p, STR("false")); break;
    case cJSON_NULL: put(p, STR("null")); break;
    default:
        assert(cJSON_IsNumber(item));
        real_text(item->valuedouble, text);
        put(p, str_of(text));
    }
}

/* An array of plain values, if it fits one line; else nothing. */
static bool put_on_one_line(printer *p, const cJSON *array)
{
    size_t begin = p->len;
    put(p, STR("["));
    for (const cJSON *item = array->child; item != NULL; item = item->next) {
        bool plain = !cJSON_IsArray(item) && !cJSON_IsObject(item);
        if (plain) put_plain(p, item);
        if (!plain || p->len - begin > LINE_BYTES_MAX) {
            p->len = begin;
            return false;
        }
        if (item->next != NULL) put(p, STR(", "));
    }
    put(p, STR("]"));
    return true;
}

/* Recursion is bounded by JSON_DEPTH_MAX: nothing deeper could be read again. */
static void put_value(printer *p, const cJSON *item, size_t depth)
{
    bool object = cJSON_IsObject(item);
    if (!object && !cJSON_IsArray(item)) {
        put_plain(p, item);
        return;
    }
    assert(depth < JSON_DEPTH_MAX);
    if (!object && !p->compact && put_on_one_line(p, item)) return;
    put(p, object ? STR("{") : STR("["));
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        put_line(p, depth + 1);
        if (object) {
            put_string(p, child->string);
            put(p, p->compact ? STR(":") : STR(": "));
        }
        put_value(p, child, depth + 1);
        if (child->next != NULL) put(p, STR(","));
    }
    if (item->child != NULL) put_line(p, depth);
    put(p, object ? STR("}") : STR("]"));
}

static str print(arena *a, const document *d, bool compact)
{
    arena scratch;
    arena_init(&scratch, MEMORY_GENERAL);
    printer p = {.a = a, .scratch = &scratch, .compact = compact};
    put_value(&p, d->root, 0);
    if (!compact) put(&p, STR("\n"));
    arena_deinit(&scratch);
    return (str){p.text, p.len};
}

str document_print(arena *a, const document *d)
{
    return print(a, d, false);
}

str document_print_compact(arena *a, const document *d)
{
    return print(a, d, true);
}
