#include "base/json.h"

#include <assert.h>

#include "base/hash.h"

typedef struct json_frame {
    bool   object;
    bool   any;        /* a member or element was read             */
    bool   value_next; /* in an object: a key was read, value next */
    size_t name_begin; /* first of this object's names             */
    /* Objects with many members look names up here instead of one by one. */
    uint32_t *slots;
    size_t    slot_count;
} json_frame;

typedef struct json_name {
    str      text;
    uint64_t hash;
    size_t   at;
} json_name;

#define NAMES_LINEAR_MAX 16

const char *json_kind_name(json_kind kind)
{
    static const char *const names[] = {
        [JSON_END] = "the end of input", [JSON_OBJECT] = "an object", [JSON_OBJECT_END] = "`}`",
        [JSON_ARRAY] = "an array",       [JSON_ARRAY_END] = "`]`",    [JSON_KEY] = "a member name",
        [JSON_STRING] = "a string",      [JSON_NUMBER] = "a number",  [JSON_TRUE] = "`true`",
        [JSON_FALSE] = "`false`",        [JSON_NULL] = "`null`",
    };
    assert((size_t)kind < COUNTOF(names));
    return names[kind];
}

void json_init(json_reader *r, arena *a, const source *in, size_t begin, size_t end)
{
    assert(begin <= end && end <= in->text.len);
    *r = (json_reader){ .in = in, .pos = begin, .end = end, .a = a, .depth_max = JSON_DEPTH_MAX };
}

static status refuse(json_reader *r, err *e, status code, size_t at, const char *what)
{
    r->failed = true;
    return err_at(e, code, json_place(r, at), "%s", what);
}

static status refuse_found(json_reader *r, err *e, size_t at, const char *expected)
{
    r->failed = true;
    if (at >= r->end) return err_at(e, STATUS_SYNTAX, json_place(r, at), "unexpected end of input, expected %s", expected);
    unsigned char c = (unsigned char)r->in->text.ptr[at];
    if (c >= 0x20 && c < 0x7f)
        return err_at(e, STATUS_SYNTAX, json_place(r, at), "found `%c`, expected %s", c, expected);
    return err_at(e, STATUS_SYNTAX, json_place(r, at), "found byte 0x%02x, expected %s", c, expected);
}

static void skip_space(json_reader *r)
{
    const char *text = r->in->text.ptr;
    while (r->pos < r->end &&
           (text[r->pos] == ' ' || text[r->pos] == '\n' || text[r->pos] == '\t' || text[r->pos] == '\r'))
        r->pos++;
}

/* Length of the well-formed UTF-8 sequence at p (RFC 3629, table in section 4), 0 when there is none. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4) return 0;
    size_t count = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (left < count) return 0;
    unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < count; i++)
        if (p[i] < 0x80 || p[i] > 0xbf) return 0;
    return count;
}

static bool hex4(const char *p, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        char     c = char_lower(p[i]);
        uint32_t digit = 0;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else
            return false;
        *out = *out * 16 + digit;
    }
    return true;
}

static size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* One escape at text[*i] == '\\', decoded to `to`; *i moves behind it. */
static status escape(json_reader *r, size_t *i, size_t close, char *to, size_t *len, err *e)
{
    static const char from[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
    const char       *text = r->in->text.ptr;
    const char       *known = *i + 1 < close ? strchr(from, text[*i + 1]) : NULL;
    if (known != NULL && *known != '\0') {
        *to = plain[known - from];
        *len = 1;
        *i += 2;
        return STATUS_OK;
    }
    uint32_t c = 0, low = 0;
    if (*i + 6 > close || text[*i + 1] != 'u' || !hex4(text + *i + 2, &c))
        return refuse(r, e, STATUS_SYNTAX, *i, "unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    if (c == 0) return refuse(r, e, STATUS_SYNTAX, *i, "`\\u0000` is not allowed");
    size_t used = 6;
    if (c >= 0xd800 && c <= 0xdfff) {
        bool pair = c < 0xdc00 && *i + 12 <= close && text[*i + 6] == '\\' && text[*i + 7] == 'u' &&
                    hex4(text + *i + 8, &low) && low >= 0xdc00 && low <= 0xdfff;
        if (!pair) return refuse(r, e, STATUS_SYNTAX, *i, "lone surrogate, expected a pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        used = 12;
    }
    *len = utf8_put(to, c);
    *i += used;
    return STATUS_OK;
}

static status decode(json_reader *r, size_t begin, size_t close, str *out, err *e)
{
    char  *to = ARENA_NEW(r->a, char, close - begin + 1);
    size_t used = 0;
    for (size_t i = begin; i < close;) {
        size_t len = 1;
        if (r->in->text.ptr[i] == '\\')
            TRY(escape(r, &i, close, to + used, &len, e));
        else
            to[used] = r->in->text.ptr[i++];
        used += len;
    }
    *out = (str){ to, used };
    return STATUS_OK;
}

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* Whether any of eight bytes is a quote, a backslash, a control character or beyond ASCII. */
static bool word_special(uint64_t w)
{
    uint64_t quote = w ^ ONES * '"', slash = w ^ ONES * '\\';
    return (((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | ((w - ONES * 0x20) & ~w) | w) & TOPS;
}

static status read_string(json_reader *r, str *out, err *e)
{
    const char *text = r->in->text.ptr;
    size_t      begin = r->pos + 1, i = begin;
    bool        escaped = false;
    for (;;) {
        uint64_t word = 0;
        while (r->end - i >= 8 && (memcpy(&word, text + i, 8), !word_special(word))) i += 8;
        if (i >= r->end) return refuse(r, e, STATUS_SYNTAX, r->pos, "string without an end");
        unsigned char c = (unsigned char)text[i];
        if (c == '"') break;
        if (c < 0x20) return refuse(r, e, STATUS_SYNTAX, i, "control character in a string, expected an escape");
        if (c == '\\') {
            escaped = true;
            i += 2;
        } else {
            size_t count = utf8_length((const unsigned char *)text + i, r->end - i);
            if (count == 0) return refuse(r, e, STATUS_SYNTAX, i, "invalid UTF-8");
            i += count;
        }
        if (i > r->end) return refuse(r, e, STATUS_SYNTAX, r->pos, "string without an end");
    }
    if (escaped)
        TRY(decode(r, begin, i, out, e));
    else
        *out = (str){ text + begin, i - begin };
    r->pos = i + 1;
    return STATUS_OK;
}

static size_t digits(const json_reader *r, size_t i)
{
    while (i < r->end && r->in->text.ptr[i] >= '0' && r->in->text.ptr[i] <= '9') i++;
    return i;
}

static status read_number(json_reader *r, str *out, err *e)
{
    const char *text = r->in->text.ptr;
    size_t      i = r->pos + (text[r->pos] == '-'), begin = i;
    i = digits(r, i);
    if (i == begin) return refuse_found(r, e, i, "a digit");
    if (text[begin] == '0' && i > begin + 1) return refuse(r, e, STATUS_SYNTAX, begin, "number with a leading zero");
    if (i < r->end && text[i] == '.') {
        size_t from = i + 1;
        i = digits(r, from);
        if (i == from) return refuse_found(r, e, i, "a digit after the decimal point");
    }
    if (i < r->end && (text[i] == 'e' || text[i] == 'E')) {
        size_t from = i + 1;
        if (from < r->end && (text[from] == '+' || text[from] == '-')) from++;
        i = digits(r, from);
        if (i == from) return refuse_found(r, e, i, "a digit of the exponent");
    }
    *out = (str){ text + r->pos, i - r->pos };
    r->pos = i;
    return STATUS_OK;
}

static json_frame *top(json_reader *r)
{
    return r->depth == 0 ? NULL : &r->frames[r->depth - 1];
}

static status push(json_reader *r, bool object, size_t at, err *e)
{
    if (r->depth == r->depth_max) {
        r->failed = true;
        return err_at(e, STATUS_LIMIT, json_place(r, at), "nested deeper than %u levels", r->depth_max);
    }
    if (r->depth == r->frame_capacity)
        r->frames = arena_grow(r->a, r->frames, sizeof *r->frames, alignof(json_frame), r->depth, &r->frame_capacity);
    r->frames[r->depth++] = (json_frame){ .object = object, .name_begin = r->name_count };
    return STATUS_OK;
}

static void pop(json_reader *r)
{
    r->name_count = top(r)->name_begin;
    r->depth--;
}

/* Puts the frame's names numbered `from` and later (counted from its first) into its table. */
static void names_index(json_reader *r, json_frame *f, size_t from)
{
    size_t count = r->name_count - f->name_begin;
    if (count * 2 > f->slot_count) {
        f->slot_count = f->slot_count == 0 ? 64 : f->slot_count * 4;
        f->slots = ARENA_NEW(r->a, uint32_t, f->slot_count);
        from = 0;
    }
    for (size_t n = from; n < count; n++) {
        size_t i = (size_t)r->names[f->name_begin + n].hash & (f->slot_count - 1);
        while (f->slots[i] != 0) i = (i + 1) & (f->slot_count - 1);
        f->slots[i] = (uint32_t)n + 1;
    }
}

static const json_name *name_find(const json_reader *r, const json_frame *f, str text, uint64_t hash)
{
    if (f->slots != NULL) {
        for (size_t i = (size_t)hash & (f->slot_count - 1); f->slots[i] != 0; i = (i + 1) & (f->slot_count - 1)) {
            size_t at = f->name_begin + f->slots[i] - 1;
            if (at >= r->name_count) continue; /* left by a peek */
            const json_name *n = &r->names[at];
            if (n->hash == hash && str_eq(n->text, text)) return n;
        }
        return NULL;
    }
    for (size_t i = f->name_begin; i < r->name_count; i++)
        if (r->names[i].hash == hash && str_eq(r->names[i].text, text)) return &r->names[i];
    return NULL;
}

static status remember_name(json_reader *r, str text, size_t at, err *e)
{
    json_frame      *f = top(r);
    uint64_t         hash = hash_bytes(text.ptr, text.len, 0);
    const json_name *before = name_find(r, f, text, hash);
    if (before != NULL) {
        size_t line = 0, column = 0;
        place_line_column(json_place(r, before->at), &line, &column);
        r->failed = true;
        return err_at(e, STATUS_SYNTAX, json_place(r, at), "duplicate member `%.*s`, first at line %zu, column %zu",
                      STR_FMT(text), line, column);
    }
    *ARENA_PUSH(r->a, json_name, r->names, r->name_count, r->name_capacity) = (json_name){ text, hash, at };
    size_t count = r->name_count - f->name_begin;
    if (count > NAMES_LINEAR_MAX) names_index(r, f, f->slots == NULL ? 0 : count - 1);
    return STATUS_OK;
}

static status read_word(json_reader *r, json_kind kind, str word, json_token *out, err *e)
{
    if (r->end - r->pos < word.len || !str_eq(str_part(r->in->text, r->pos, word.len), word))
        return refuse_found(r, e, r->pos, "a value");
    out->kind = kind;
    out->text = str_part(r->in->text, r->pos, word.len);
    r->pos += word.len;
    return STATUS_OK;
}

static status read_value(json_reader *r, json_token *out, err *e)
{
    if (r->pos >= r->end) return refuse_found(r, e, r->pos, "a value");
    char c = r->in->text.ptr[r->pos];
    switch (c) {
    case '{':
    case '[':
        TRY(push(r, c == '{', r->pos, e));
        r->pos++;
        out->kind = c == '{' ? JSON_OBJECT : JSON_ARRAY;
        return STATUS_OK;
    case '"': out->kind = JSON_STRING; return read_string(r, &out->text, e);
    case 't': return read_word(r, JSON_TRUE, STR("true"), out, e);
    case 'f': return read_word(r, JSON_FALSE, STR("false"), out, e);
    case 'n': return read_word(r, JSON_NULL, STR("null"), out, e);
    default: break;
    }
    if (c != '-' && (c < '0' || c > '9')) return refuse_found(r, e, r->pos, "a value");
    out->kind = JSON_NUMBER;
    return read_number(r, &out->text, e);
}

static status read_name(json_reader *r, json_token *out, err *e)
{
    if (r->pos >= r->end || r->in->text.ptr[r->pos] != '"') return refuse_found(r, e, r->pos, "a member name");
    TRY(read_string(r, &out->text, e));
    TRY(remember_name(r, out->text, out->at, e));
    out->end = r->pos;
    skip_space(r);
    if (r->pos >= r->end || r->in->text.ptr[r->pos] != ':') return refuse_found(r, e, r->pos, "`:`");
    r->pos++;
    out->kind = JSON_KEY;
    return STATUS_OK;
}

static status next_top(json_reader *r, json_token *out, err *e)
{
    if (r->done) {
        if (r->pos < r->end) return refuse_found(r, e, r->pos, "nothing after the document");
        out->kind = JSON_END;
        return STATUS_OK;
    }
    if (r->pos >= r->end) return refuse(r, e, STATUS_SYNTAX, r->pos, "empty input, expected a JSON document");
    if (str_starts(str_part(r->in->text, r->pos, r->end - r->pos), STR("\xef\xbb\xbf")))
        return refuse(r, e, STATUS_SYNTAX, r->pos, "byte order mark, expected a JSON document");
    return read_value(r, out, e);
}

static status next_inside(json_reader *r, json_frame *f, json_token *out, err *e)
{
    char close = f->object ? '}' : ']';
    if (f->value_next) {
        f->value_next = false;
        f->any = true;
        return read_value(r, out, e);
    }
    if (r->pos < r->end && r->in->text.ptr[r->pos] == close) {
        out->kind = f->object ? JSON_OBJECT_END : JSON_ARRAY_END;
        r->pos++;
        pop(r);
        return STATUS_OK;
    }
    if (f->any) {
        if (r->pos >= r->end || r->in->text.ptr[r->pos] != ',')
            return refuse_found(r, e, r->pos, f->object ? "`,` or `}`" : "`,` or `]`");
        r->pos++;
        skip_space(r);
        out->at = r->pos;
    }
    if (f->object) {
        f->value_next = true;
        return read_name(r, out, e);
    }
    f->any = true;
    return read_value(r, out, e);
}

status json_next(json_reader *r, json_token *out, err *e)
{
    assert(!r->failed);
    skip_space(r);
    *out = (json_token){ .at = r->pos };
    json_frame *f = top(r);
    TRY(f == NULL ? next_top(r, out, e) : next_inside(r, f, out, e));
    if (out->kind != JSON_KEY) out->end = r->pos;
    if (r->depth == 0) {
        r->done = true;
        skip_space(r);
        /* Text after the document is an error of the document: it is told with its last token. */
        if (out->kind != JSON_END && r->pos < r->end) return refuse_found(r, e, r->pos, "nothing after the document");
    }
    return STATUS_OK;
}

status json_peek(json_reader *r, json_token *out, err *e)
{
    json_reader before = *r;
    json_frame  frame = r->depth == 0 ? (json_frame){ 0 } : *top(r);
    TRY(json_next(r, out, e));
    *r = before;
    if (r->depth > 0) *top(r) = frame;
    return STATUS_OK;
}

status json_skip(json_reader *r, size_t *begin, size_t *end, err *e)
{
    json_token t;
    uint32_t   depth = r->depth;
    TRY(json_next(r, &t, e));
    *begin = t.at;
    while (r->depth > depth) TRY(json_next(r, &t, e));
    *end = t.end;
    return STATUS_OK;
}

status json_expect(json_reader *r, json_kind kind, const char *what, json_token *out, err *e)
{
    TRY(json_next(r, out, e));
    if (out->kind == kind) return STATUS_OK;
    r->failed = true;
    return err_at(e, STATUS_INVALID, json_place(r, out->at), "%s: found %s, expected %s", what,
                  json_kind_name(out->kind), json_kind_name(kind));
}

str json_quote(arena *a, str s)
{
    static const char hex[] = "0123456789abcdef";
    char             *to = ARENA_NEW(a, char, s.len * 6 + 3);
    size_t            n = 0;
    to[n++] = '"';
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\') {
            to[n++] = '\\';
            to[n++] = (char)c;
        } else if (c == '\n') {
            to[n++] = '\\';
            to[n++] = 'n';
        } else if (c < 0x20) {
            memcpy(to + n, "\\u00", 4);
            to[n + 4] = hex[c >> 4];
            to[n + 5] = hex[c & 15];
            n += 6;
        } else {
            to[n++] = (char)c;
        }
    }
    to[n++] = '"';
    return (str){ to, n };
}
