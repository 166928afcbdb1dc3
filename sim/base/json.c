#include "base/json.h"

#include <assert.h>

#include "base/hash.h"

/* What may come next. */
enum {
    STATE_BEGIN, /* the document's value                         */
    STATE_FIRST, /* behind `{` or `[`: a member or element, or the end */
    STATE_VALUE, /* behind `"name":`                             */
    STATE_MORE,  /* behind a member or element: `,` or the end   */
    STATE_END,   /* behind the document                          */
    STATE_FAILED,
};

/* One open container. `slots` is the hash set of an object with many names; it stays with the stack's level, so a
 * long run of large objects allocates it once. */
typedef struct json_frame {
    char      close;      /* `}` or `]`                                          */
    size_t    name_begin; /* this object's names are names[name_begin .. name_count) */
    uint32_t *slots;      /* 1 + index from name_begin, 0 for a free slot        */
    size_t    slot_count; /* a power of two, at least twice the names; 0: no set */
    size_t    slot_capacity;
} json_frame;

typedef struct json_name {
    str    text;
    size_t at;
} json_name;

#define NAMES_LINEAR_MAX 16
#define SHOWN_BYTES_MAX  100 /* of the user's text in one message */

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
    *r = (json_reader){
        .in = in, .pos = begin, .end = end, .a = a, .depth_max = JSON_DEPTH_MAX, .size_max = JSON_SIZE_MAX};
}

/* ---- characters ---- */

/* NUL at the end of input, which no rule accepts. */
static inline char here(const json_reader *r)
{
    return r->pos < r->end ? r->in->text.ptr[r->pos] : '\0';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static __attribute__((noinline)) void skip_spaces(json_reader *r)
{
    const char *text = r->in->text.ptr;
    size_t      i = r->pos, end = r->end;
    while (i < end && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r')) i++;
    r->pos = i;
}

static inline void skip_space(json_reader *r)
{
    if (r->pos < r->end && (unsigned char)r->in->text.ptr[r->pos] <= ' ') skip_spaces(r);
}

/* Length of the well-formed UTF-8 sequence at p (RFC 3629, table in section 4), 0 when there is none. */
static size_t utf8_length(const char *text, size_t left)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4) return 0;
    size_t count = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (left < count) return 0;
    unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;  /* no overlong form       */
    unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf; /* no surrogate, <= 10FFFF */
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < count; i++)
        if (p[i] < 0x80 || p[i] > 0xbf) return 0;
    return count;
}

static size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t count = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--, c >>= 6) to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)((0xf00 >> count & 0xff) | c);
    return count;
}

/* ---- refusing ---- */

static status refuse(json_reader *r, err *e, size_t at, const char *what)
{
    r->state = STATE_FAILED;
    return err_at(e, STATUS_SYNTAX, json_place(r, at), "%s", what);
}

/* The word or character at the reader's position, as a message shows it. */
static str found_text(const json_reader *r)
{
    str    left = str_part(r->in->text, r->pos, r->end - r->pos);
    size_t word = 0;
    while (word < left.len && word < SHOWN_BYTES_MAX &&
           (is_digit(left.ptr[word]) || (char_lower(left.ptr[word]) >= 'a' && char_lower(left.ptr[word]) <= 'z')))
        word++;
    return str_part(left, 0, word > 0 ? word : utf8_length(left.ptr, left.len));
}

static status refuse_found(json_reader *r, err *e, const char *expected)
{
    place at = json_place(r, r->pos);
    r->state = STATE_FAILED;
    if (r->pos >= r->end) return err_at(e, STATUS_SYNTAX, at, "unexpected end of input, expected %s", expected);
    str           found = found_text(r);
    unsigned char byte = (unsigned char)here(r);
    if (found.len == 0 || byte < ' ' || byte == 0x7f)
        return err_at(e, STATUS_SYNTAX, at, "expected %s, found byte 0x%02x", expected, byte);
    return err_at(e, STATUS_SYNTAX, at, "expected %s, found `%.*s`", expected, STR_FMT(found));
}

/* ---- strings ---- */

static bool hex4(const char *p, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = char_lower(p[i]);
        if (!is_digit(c) && (c < 'a' || c > 'f')) return false;
        *out = *out * 16 + (uint32_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return true;
}

/* Decodes the escape at text[*i], before text[close], and moves *i behind it. */
static status escape(json_reader *r, size_t *i, size_t close, char *to, size_t *len, err *e)
{
    static const char from[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
    const char       *text = r->in->text.ptr;
    const char       *known = memchr(from, text[*i + 1], sizeof from - 1);
    if (known != NULL) {
        *to = plain[known - from];
        *len = 1;
        *i += 2;
        return STATUS_OK;
    }
    uint32_t c = 0, low = 0;
    if (text[*i + 1] != 'u')
        return refuse(r, e, *i, "unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    if (close - *i < 6 || !hex4(text + *i + 2, &c)) return refuse(r, e, *i, "`\\u` without four hex digits");
    if (c == 0) return refuse(r, e, *i, "`\\u0000` is not allowed");
    size_t used = 6;
    if (c >= 0xd800 && c <= 0xdfff) {
        bool pair = c < 0xdc00 && close - *i >= 12 && text[*i + 6] == '\\' && text[*i + 7] == 'u' &&
                    hex4(text + *i + 8, &low) && low >= 0xdc00 && low <= 0xdfff;
        if (!pair) return refuse(r, e, *i, "lone surrogate, expected a pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        used = 12;
    }
    *len = utf8_put(to, c);
    *i += used;
    return STATUS_OK;
}

/* No escape is shorter than what it stands for, so the text's own length is enough. */
static status decode(json_reader *r, size_t begin, size_t close, str *out, err *e)
{
    char  *to = ARENA_NEW(r->a, char, close - begin);
    size_t used = 0;
    for (size_t i = begin; i < close;) {
        size_t len = 1;
        if (r->in->text.ptr[i] == '\\')
            TRY(escape(r, &i, close, to + used, &len, e));
        else
            to[used] = r->in->text.ptr[i++];
        used += len;
    }
    *out = (str){to, used};
    return STATUS_OK;
}

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* How many of the eight bytes at p come before the first that is a quote, a backslash, a control character or beyond
 * ASCII. Of a byte that is none of these no subtraction sets the top bit, unless it borrows, which it does only from a
 * byte that is flagged itself; read little-endian, the lowest flag is the first and so a true one. */
static inline size_t plain_bytes(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    w = __builtin_bswap64(w);
#endif
    uint64_t quote = w ^ ONES * '"', slash = w ^ ONES * '\\';
    uint64_t flags = ((quote - ONES) | (slash - ONES) | (w - ONES * 0x20) | w) & TOPS;
    return flags == 0 ? 8 : (size_t)__builtin_ctzll(flags) / 8;
}

static inline size_t skip_plain(const char *text, size_t i, size_t end)
{
    size_t plain = 8;
    while (plain == 8 && end - i >= 8) i += plain = plain_bytes(text + i);
    return i;
}

/* The rest of a string from text[i] on, with whatever can stand in it or must be refused. */
static __attribute__((noinline)) status read_string_rest(json_reader *r, size_t i, str *out, err *e)
{
    const char *text = r->in->text.ptr;
    size_t      begin = r->pos + 1, end = r->end;
    bool        escaped = false;
    for (;; i = skip_plain(text, i, end)) {
        if (i >= end) break;
        unsigned char c = (unsigned char)text[i];
        if (c == '"') {
            r->pos = i + 1;
            *out = str_part(r->in->text, begin, i - begin);
            return escaped ? decode(r, begin, i, out, e) : STATUS_OK;
        }
        if (c < 0x20) return refuse(r, e, i, "control character in a string, expected an escape");
        if (c == '\\') {
            escaped = true;
            if (end - i < 2) break;
            i += 2; /* whatever is escaped, it does not end the string; decode looks at it */
            if ((unsigned char)text[i - 1] >= 0x80) i--;
            continue;
        }
        size_t count = utf8_length(text + i, end - i);
        if (count == 0) return refuse(r, e, i, "invalid UTF-8");
        i += count;
    }
    return refuse(r, e, r->pos, "string without a closing quote");
}

/* The string whose opening quote is at the reader's position. Most are plain and end in their first quote. */
static inline status read_string(json_reader *r, str *out, err *e)
{
    const char *text = r->in->text.ptr;
    size_t      begin = r->pos + 1, i = skip_plain(text, begin, r->end);
    if (i >= r->end || text[i] != '"') return read_string_rest(r, i, out, e);
    r->pos = i + 1;
    *out = (str){text + begin, i - begin};
    return STATUS_OK;
}

/* ---- numbers and words ---- */

static status take_digits(json_reader *r, const char *what, err *e)
{
    if (!is_digit(here(r))) return refuse_found(r, e, what);
    while (is_digit(here(r))) r->pos++;
    return STATUS_OK;
}

static status read_number(json_reader *r, str *out, err *e)
{
    size_t begin = r->pos;
    if (here(r) == '-') r->pos++;
    size_t whole = r->pos;
    TRY(take_digits(r, "a digit", e));
    if (r->in->text.ptr[whole] == '0' && r->pos > whole + 1) return refuse(r, e, whole, "number with a leading zero");
    if (here(r) == '.') {
        r->pos++;
        TRY(take_digits(r, "a digit behind the decimal point", e));
    }
    if (here(r) == 'e' || here(r) == 'E') {
        r->pos++;
        if (here(r) == '+' || here(r) == '-') r->pos++;
        TRY(take_digits(r, "a digit of the exponent", e));
    }
    *out = str_part(r->in->text, begin, r->pos - begin);
    return STATUS_OK;
}

static status read_word(json_reader *r, str word, str *out, err *e)
{
    *out = str_part(r->in->text, r->pos, r->end - r->pos);
    if (!str_starts(*out, word)) return refuse_found(r, e, "a value");
    out->len = word.len;
    r->pos += word.len;
    return STATUS_OK;
}

/* ---- names: each once in an object ---- */

static uint64_t name_hash(str text)
{
    return hash_bytes(text.ptr, text.len, 0);
}

/* Few names are compared one by one: most differ in their length. */
static const json_name *name_find(const json_reader *r, const json_frame *f, str text)
{
    const json_name *names = r->names;
    if (f->slot_count == 0) {
        for (size_t n = f->name_begin, end = r->name_count; n < end; n++)
            if (names[n].text.len == text.len && str_eq(names[n].text, text)) return &names[n];
        return NULL;
    }
    for (size_t i = name_hash(text) & (f->slot_count - 1); f->slots[i] != 0; i = (i + 1) & (f->slot_count - 1)) {
        const json_name *name = &names[f->name_begin + f->slots[i] - 1];
        if (str_eq(name->text, text)) return name;
    }
    return NULL;
}

/* Puts the object's newest name into its set; all of them when the set is made or grows. */
static void name_index(json_reader *r, json_frame *f)
{
    const json_name *names = r->names + f->name_begin;
    size_t           count = r->name_count - f->name_begin, first = count - 1;
    if (count * 2 > f->slot_count) {
        first = 0;
        f->slot_count = f->slot_count == 0 ? (size_t)4 * NAMES_LINEAR_MAX : f->slot_count * 4;
        if (f->slot_count > f->slot_capacity) {
            f->slot_capacity = f->slot_count;
            f->slots = ARENA_NEW(r->a, uint32_t, f->slot_count);
        } else {
            memset(f->slots, 0, f->slot_count * sizeof *f->slots);
        }
    }
    for (size_t n = first; n < count; n++) {
        size_t i = name_hash(names[n].text) & (f->slot_count - 1);
        while (f->slots[i] != 0) i = (i + 1) & (f->slot_count - 1);
        f->slots[i] = (uint32_t)n + 1;
    }
}

static status refuse_duplicate(json_reader *r, const json_name *first, str text, size_t at, err *e)
{
    size_t line = 0, column = 0;
    place_line_column(json_place(r, first->at), &line, &column);
    r->state = STATE_FAILED;
    text.len = text.len < SHOWN_BYTES_MAX ? text.len : SHOWN_BYTES_MAX;
    return err_at(e, STATUS_SYNTAX, json_place(r, at), "duplicate member `%.*s`, first at line %zu", STR_FMT(text),
                  line);
}

static status read_name(json_reader *r, json_frame *f, json_token *out, err *e)
{
    if (here(r) != '"') return refuse_found(r, e, r->state == STATE_FIRST ? "a member name or `}`" : "a member name");
    out->kind = JSON_KEY;
    TRY(read_string(r, &out->text, e));
    out->end = r->pos;
    const json_name *first = name_find(r, f, out->text);
    if (first != NULL) return refuse_duplicate(r, first, out->text, out->at, e);
    *ARENA_PUSH(r->a, json_name, r->names, r->name_count, r->name_capacity) = (json_name){out->text, out->at};
    if (r->name_count - f->name_begin > NAMES_LINEAR_MAX) name_index(r, f);
    skip_space(r);
    if (here(r) != ':') return refuse_found(r, e, "`:`");
    r->pos++;
    r->state = STATE_VALUE;
    return STATUS_OK;
}

/* ---- values ---- */

static status open_container(json_reader *r, json_token *out, err *e)
{
    if (r->depth == r->depth_max) {
        r->state = STATE_FAILED;
        return err_at(e, STATUS_LIMIT, json_place(r, r->pos), "nested deeper than %u levels", r->depth_max);
    }
    if (r->depth == r->frame_capacity)
        r->frames = arena_grow(r->a, r->frames, sizeof *r->frames, alignof(json_frame), r->depth, &r->frame_capacity);
    bool        object = here(r) == '{';
    json_frame *f = &r->frames[r->depth++];
    f->close = object ? '}' : ']';
    f->name_begin = r->name_count;
    f->slot_count = 0;
    out->kind = object ? JSON_OBJECT : JSON_ARRAY;
    out->end = ++r->pos;
    r->state = STATE_FIRST;
    return STATUS_OK;
}

/* A value has been read: what may come next depends on what it stands in. */
static inline status value_end(json_reader *r, json_token *out, err *e)
{
    out->end = r->pos;
    r->state = STATE_MORE;
    if (r->depth > 0) return STATUS_OK;
    r->state = STATE_END;
    skip_space(r);
    return r->pos < r->end ? refuse_found(r, e, "the end of input") : STATUS_OK;
}

static inline status close_container(json_reader *r, json_frame *f, json_token *out, err *e)
{
    out->kind = f->close == '}' ? JSON_OBJECT_END : JSON_ARRAY_END;
    r->name_count = f->name_begin;
    r->depth--;
    r->pos++;
    return value_end(r, out, e);
}

static status read_value(json_reader *r, json_token *out, err *e)
{
    out->at = r->pos;
    switch (here(r)) {
    case '{':
    case '[': return open_container(r, out, e);
    case '"':
        out->kind = JSON_STRING;
        TRY(read_string(r, &out->text, e));
        break;
    case 't':
        out->kind = JSON_TRUE;
        TRY(read_word(r, STR("true"), &out->text, e));
        break;
    case 'f':
        out->kind = JSON_FALSE;
        TRY(read_word(r, STR("false"), &out->text, e));
        break;
    case 'n':
        out->kind = JSON_NULL;
        TRY(read_word(r, STR("null"), &out->text, e));
        break;
    default:
        if (here(r) != '-' && !is_digit(here(r))) return refuse_found(r, e, "a value");
        out->kind = JSON_NUMBER;
        TRY(read_number(r, &out->text, e));
    }
    return value_end(r, out, e);
}

static status check_begin(json_reader *r, err *e)
{
    if (r->pos >= r->end) return refuse(r, e, r->pos, "empty input, expected a JSON document");
    str text = str_part(r->in->text, r->pos, r->end - r->pos);
    if (str_starts(text, STR("\xef\xbb\xbf"))) return refuse(r, e, r->pos, "byte order mark, expected a JSON document");
    if (text.len <= r->size_max) return STATUS_OK;
    r->state = STATE_FAILED;
    return err_at(e, STATUS_LIMIT, json_place(r, r->pos), "%zu bytes of JSON, the limit is %zu", text.len, r->size_max);
}

static status next_in_container(json_reader *r, json_token *out, err *e)
{
    json_frame *f = &r->frames[r->depth - 1];
    if (here(r) == f->close) return close_container(r, f, out, e);
    if (r->state == STATE_MORE) {
        if (here(r) != ',') return refuse_found(r, e, f->close == '}' ? "`,` or `}`" : "`,` or `]`");
        r->pos++;
        skip_space(r);
        out->at = r->pos;
    }
    return f->close == '}' ? read_name(r, f, out, e) : read_value(r, out, e);
}

/* `end` is left to those who know it: two equal stores here make gcc load `pos` and the reader's `end` as one vector,
 * just behind the narrower store of `pos`, which the processor cannot forward. */
static status read_token(json_reader *r, json_token *out, err *e)
{
    skip_space(r);
    *out = (json_token){.kind = JSON_END, .at = r->pos};
    switch (r->state) {
    case STATE_BEGIN: TRY(check_begin(r, e)); return read_value(r, out, e);
    case STATE_VALUE: return read_value(r, out, e);
    case STATE_FIRST:
    case STATE_MORE: return next_in_container(r, out, e);
    case STATE_END: out->end = r->pos; return STATUS_OK;
    default: return refuse(r, e, r->pos, "read on after an error");
    }
}

/* ---- the reader's calls ---- */

status json_next(json_reader *r, json_token *out, err *e)
{
    if (!r->peeked) return read_token(r, out, e);
    r->peeked = false;
    *out = r->ahead;
    return STATUS_OK;
}

status json_peek(json_reader *r, json_token *out, err *e)
{
    if (!r->peeked) TRY(read_token(r, &r->ahead, e));
    r->peeked = true;
    *out = r->ahead;
    return STATUS_OK;
}

status json_skip(json_reader *r, size_t *begin, size_t *end, err *e)
{
    json_token t;
    TRY(json_next(r, &t, e));
    assert(t.kind != JSON_KEY && t.kind != JSON_END && t.kind != JSON_OBJECT_END && t.kind != JSON_ARRAY_END);
    size_t at = t.at;
    if (t.kind == JSON_OBJECT || t.kind == JSON_ARRAY)
        for (uint32_t outside = r->depth - 1; r->depth > outside;) TRY(read_token(r, &t, e));
    *begin = at;
    *end = t.end;
    return STATUS_OK;
}

status json_take_known(json_reader *r, size_t end, err *e)
{
    assert(r->peeked);
    assert(r->ahead.kind == JSON_OBJECT || r->ahead.kind == JSON_ARRAY);
    assert(end > r->pos);
    assert(end <= r->end);
    r->peeked = false;
    r->pos = end - 1;
    return close_container(r, &r->frames[r->depth - 1], &r->ahead, e);
}

status json_expect(json_reader *r, json_kind kind, const char *what, json_token *out, err *e)
{
    TRY(json_next(r, out, e));
    if (out->kind == kind) return STATUS_OK;
    r->state = STATE_FAILED;
    return err_at(e, STATUS_INVALID, json_place(r, out->at), "%s: found %s, expected %s", what,
                  json_kind_name(out->kind), json_kind_name(kind));
}

/* ---- writing ---- */

/* Puts the literal's form of s[i] to `to` (at most 6 bytes) and says how many bytes of s it stands for. */
static size_t quote_one(str s, size_t i, char *to, size_t *put)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt", hex[] = "0123456789abcdef";
    unsigned char     c = (unsigned char)s.ptr[i];
    const char       *known = memchr(plain, c, sizeof plain - 1);
    size_t            len = utf8_length(s.ptr + i, s.len - i);
    *put = len;
    if (known != NULL) {
        to[0] = '\\';
        to[1] = letter[known - plain];
        *put = 2;
    } else if (c < 0x20) {
        memcpy(to, "\\u00", 4);
        to[4] = hex[c >> 4];
        to[5] = hex[c & 15];
        *put = 6;
    } else if (len == 0) {
        *put = utf8_put(to, 0xfffd);
        return 1;
    } else {
        memcpy(to, s.ptr + i, len);
    }
    return len;
}

str json_quote(arena *a, str s)
{
    char   one[6];
    size_t put = 0, total = 2;
    for (size_t i = 0; i < s.len; total += put) i += quote_one(s, i, one, &put);
    char  *text = ARENA_NEW(a, char, total);
    size_t len = 0;
    text[len++] = '"';
    for (size_t i = 0; i < s.len; len += put) {
        i += quote_one(s, i, one, &put);
        memcpy(text + len, one, put);
    }
    text[len++] = '"';
    assert(len == total);
    return (str){text, len};
}
