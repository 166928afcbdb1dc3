#include "base/records.h"

#include <assert.h>
#include <inttypes.h>

#include "base/extent.h"

#define NAME_SHOWN_MAX 400 /* of the input's name in one message */

/* What is read next; the first decides. */
typedef enum {
    AT_START,
    IN_LINE,      /* at its beginning or further on                        */
    IN_LONG_LINE, /* of a line that is too long, whose rest is thrown away */
    BEFORE_FIRST, /* behind `[`                                            */
    BEFORE_NEXT,  /* behind a comma                                        */
    BEHIND_ONE,   /* an element has ended                                  */
    IN_CONTAINER, /* of an element that is an object or an array           */
    IN_SCALAR,    /* of any other                                          */
    BEHIND_ARRAY,
    BEHIND_ALL, /* nothing more is looked at */
} state;

/* begin: of the record that is not whole yet, when in one; scanned: up to where the batch's text was looked at. */
struct record_reader {
    file_reader *file;
    uint64_t     bytes;
    state        at;
    size_t       begin, scanned;
    extent_scan  extent;
    bool         in_string, escaped; /* inside a scalar */
    bool         ended;
    const char  *broken; /* what is wrong with the array: nothing behind it is looked at */
    size_t       broken_at;
};

static const char flaw_long[] = "record of more than 2^30 bytes";
static const char broken_open[] = "unexpected end of input, expected `]`";
static const char broken_comma[] = "found `,`, expected an element of the array";
static const char broken_close[] = "found `]`, expected an element of the array";
static const char broken_no_comma[] = "found another element, expected `,` or `]`";
static const char broken_behind[] = "found more behind the array, expected the end of input";

status record_reader_open(const char *path, record_reader **out, err *e)
{
    file_reader *file = NULL;
    TRY(file_reader_open(path, &file, e));
    *out = memory_alloc(MEMORY_GENERAL, sizeof **out);
    (*out)->file = file;
    return STATUS_OK;
}

void record_reader_close(record_reader *r)
{
    if (r == NULL) return;
    file_reader_close(r->file);
    memory_free(MEMORY_GENERAL, r);
}

str record_reader_name(const record_reader *r)
{
    return file_reader_name(r->file);
}

bool record_reader_is_array(const record_reader *r)
{
    return r->at >= BEFORE_FIRST;
}

uint64_t record_reader_bytes(const record_reader *r)
{
    return r->bytes;
}

void record_batch_free(record_batch *b)
{
    memory_free(MEMORY_GENERAL, b->text);
    memory_free(MEMORY_GENERAL, b->items);
    *b = (record_batch){0};
}

/* ---- finding records in what has been read ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void record_put(record_batch *b, size_t begin, size_t end, const char *flaw)
{
    if (b->count == b->item_capacity) {
        uint32_t wider = b->item_capacity == 0 ? 1024 : b->item_capacity * 2;
        b->items = memory_realloc(MEMORY_GENERAL, b->items, b->item_capacity * sizeof(record), wider * sizeof(record));
        b->item_capacity = wider;
    }
    b->items[b->count++] = (record){begin, end, flaw};
}

static void element_end(record_reader *r, record_batch *b, size_t end)
{
    record_put(b, r->begin, end, NULL);
    r->at = BEHIND_ONE;
}

static void array_break(record_reader *r, size_t at, const char *why)
{
    r->broken = why;
    r->broken_at = at;
    r->at = BEHIND_ALL;
}

static void line_end(record_reader *r, record_batch *b, size_t end)
{
    size_t begin = r->begin;
    while (begin < end && is_space(b->text[begin])) begin++;
    if (begin < end) record_put(b, begin, end, NULL);
}

static void scan_lines(record_reader *r, record_batch *b)
{
    while (r->scanned < b->used && b->count < RECORD_COUNT_MAX) {
        const char *found = memchr(b->text + r->scanned, '\n', b->used - r->scanned);
        size_t      end = found == NULL ? b->used : (size_t)(found - b->text);
        r->scanned = end;
        if (found == NULL) return;
        if (r->at == IN_LINE) line_end(r, b, end);
        r->at = IN_LINE;
        r->begin = r->scanned = end + 1;
    }
}

static void element_begin(record_reader *r, char first)
{
    bool container = first == '{' || first == '[';
    r->at = container ? IN_CONTAINER : IN_SCALAR;
    r->begin = r->scanned;
    r->extent = (extent_scan){0, 0, 0};
    r->in_string = r->escaped = false;
}

/* Up to a comma, bracket or blank outside its quotes. The first byte is its own whatever it is. */
static void scan_scalar(record_reader *r, record_batch *b)
{
    for (; r->scanned < b->used; r->scanned++) {
        char c = b->text[r->scanned];
        if (r->in_string) {
            r->in_string = c != '"' || r->escaped;
            r->escaped = c == '\\' && !r->escaped;
        } else if (r->scanned > r->begin && (c == ',' || c == ']' || c == '{' || c == '[' || is_space(c))) {
            element_end(r, b, r->scanned);
            return;
        } else {
            r->in_string = c == '"';
        }
    }
}

static void scan_container(record_reader *r, record_batch *b)
{
    size_t used = 0;
    bool   closed = extent_next(&r->extent, b->text + r->scanned, b->used - r->scanned, &used);
    r->scanned += used;
    if (closed) element_end(r, b, r->scanned);
}

/* What stands between elements, at r->scanned, which is no blank. */
static void scan_between(record_reader *r, char c)
{
    bool behind_one = r->at == BEHIND_ONE, comma = c == ',';
    if (!comma && c != ']') {
        if (behind_one)
            array_break(r, r->scanned, broken_no_comma);
        else
            element_begin(r, c);
    } else if (behind_one || (!comma && r->at == BEFORE_FIRST)) {
        r->at = comma ? BEFORE_NEXT : BEHIND_ARRAY;
        r->scanned++;
    } else {
        array_break(r, r->scanned, comma ? broken_comma : broken_close);
    }
}

static void scan_array(record_reader *r, record_batch *b)
{
    while (r->scanned < b->used && b->count < RECORD_COUNT_MAX) {
        if (r->at == IN_CONTAINER) {
            scan_container(r, b);
        } else if (r->at == IN_SCALAR) {
            scan_scalar(r, b);
        } else if (r->at == BEHIND_ALL) {
            r->scanned = b->used;
        } else if (is_space(b->text[r->scanned])) {
            r->scanned++;
        } else if (r->at == BEHIND_ARRAY) {
            array_break(r, r->scanned, broken_behind);
        } else {
            scan_between(r, b->text[r->scanned]);
        }
    }
}

static void scan_start(record_reader *r, const record_batch *b)
{
    while (r->scanned < b->used && is_space(b->text[r->scanned])) r->scanned++;
    if (r->scanned == b->used) return;
    bool array = b->text[r->scanned] == '[';
    r->at = array ? BEFORE_FIRST : IN_LINE;
    r->scanned = array ? r->scanned + 1 : 0; /* blank lines in front are lines like others */
    r->begin = 0;
}

static void scan(record_reader *r, record_batch *b)
{
    if (r->at == AT_START) scan_start(r, b);
    if (r->at == IN_LINE || r->at == IN_LONG_LINE)
        scan_lines(r, b);
    else if (r->at != AT_START)
        scan_array(r, b);
}

/* The input has ended: what is open ends with it. */
static void scan_end(record_reader *r, record_batch *b)
{
    if (r->at == IN_LINE) line_end(r, b, b->used);
    if (r->at >= BEFORE_FIRST && r->at < BEHIND_ARRAY) array_break(r, b->used, broken_open);
    r->begin = r->scanned = b->used;
    r->at = r->at <= IN_LONG_LINE ? IN_LONG_LINE : BEHIND_ALL;
}

/* ---- batches ---- */

static bool is_inside(const record_reader *r)
{
    return (r->at == IN_LINE && r->begin < r->scanned) || r->at == IN_CONTAINER || r->at == IN_SCALAR;
}

/* Counted in whole words by the compiler. */
static size_t newlines(const char *text, size_t len)
{
    size_t count = 0;
    while (len > 0) {
        size_t  part = len < 255 * 16 ? len : 255 * 16;
        uint8_t lanes[16] = {0};
        size_t  whole = part / 16 * 16;
        for (size_t i = 0; i < whole; i += 16)
            for (size_t lane = 0; lane < 16; lane++) lanes[lane] = (uint8_t)(lanes[lane] + (text[i + lane] == '\n'));
        for (size_t lane = 0; lane < 16; lane++) count += lanes[lane];
        for (size_t i = whole; i < part; i++) count += text[i] == '\n';
        text += part;
        len -= part;
    }
    return count;
}

static void reserve(record_batch *b, size_t capacity)
{
    if (capacity <= b->capacity) return;
    b->text = memory_realloc(MEMORY_GENERAL, b->text, b->capacity, capacity);
    b->capacity = capacity;
}

/* Moves the batch's place in the input behind text[0, len). */
static void place_move(record_batch *b, const char *text, size_t len)
{
    const char *newest = len > 0 ? memrchr(text, '\n', len) : NULL;
    b->line += newlines(text, len);
    b->column = newest == NULL ? b->column + len : (size_t)(text + len - newest);
}

/* What of the last batch belongs to the next one. */
static void carry(record_reader *r, const record_batch *last, record_batch *next)
{
    next->count = 0;
    next->used = 0;
    next->line = next->column = 1;
    if (last == NULL) return;
    next->line = last->line;
    next->column = last->column;
    place_move(next, last->text, last->taken);
    next->used = last->used - last->taken;
    reserve(next, next->used);
    if (next->used > 0) memcpy(next->text, last->text + last->taken, next->used);
    r->begin -= is_inside(r) ? last->taken : r->begin;
    r->scanned -= last->taken;
}

/* Text that belongs to no record needs no room. */
static void forget(record_reader *r, record_batch *b)
{
    if (b->count > 0 || is_inside(r) || r->scanned < b->used) return;
    place_move(b, b->text, b->used);
    b->used = r->scanned = r->begin = 0;
}

/* One record has filled the batch alone and has not ended: it goes, and what is left of its line. In an array there is
 * no place to go on. */
static void drop_long(record_reader *r, record_batch *b)
{
    if (r->at != IN_LINE) {
        array_break(r, r->begin, flaw_long);
        return;
    }
    record_put(b, r->begin, r->begin, flaw_long);
    r->at = IN_LONG_LINE;
}

static status broken_say(const record_reader *r, const record_batch *b, err *e)
{
    record_batch at = {.line = b->line, .column = b->column};
    str          name = record_reader_name(r);
    if (name.len > NAME_SHOWN_MAX) name.len = NAME_SHOWN_MAX;
    place_move(&at, b->text, r->broken_at);
    return err_set(e, STATUS_SYNTAX, "%.*s:%" PRIu64 ":%" PRIu64 ": %s", STR_FMT(name), at.line, at.column, r->broken);
}

static status read_more(record_reader *r, record_batch *b, size_t bytes, const volatile int *stop, err *e)
{
    size_t wider = b->capacity < bytes ? bytes : b->capacity * 2, most = RECORD_BYTES_MAX + 2 * bytes;
    if (b->used == b->capacity) reserve(b, wider < most ? wider : most);
    size_t room = b->capacity - b->used, got = 0;
    if (b->used < bytes && room > bytes - b->used) room = bytes - b->used;
    status s = file_reader_next(r->file, b->text + b->used, room, stop, &got, e);
    r->bytes += got;
    b->used += got;
    r->ended = s != STATUS_OK || got == 0;
    return s;
}

status record_reader_next(record_reader *r, const record_batch *last, record_batch *next, size_t bytes,
                          const volatile int *stop, err *e)
{
    status s = STATUS_OK;
    assert(last != next);
    assert(bytes > 0);
    carry(r, last, next);
    scan(r, next);
    while (!r->ended && r->broken == NULL && next->count < RECORD_COUNT_MAX) {
        if (next->count > 0 && (next->used >= bytes || file_reader_waits(r->file))) break;
        if (next->count == 0 && is_inside(r) && next->used - r->begin > RECORD_BYTES_MAX) drop_long(r, next);
        if (r->broken != NULL) break;
        forget(r, next);
        s = read_more(r, next, bytes, stop, e);
        scan(r, next);
    }
    if (r->ended && r->broken == NULL && next->count < RECORD_COUNT_MAX && s == STATUS_OK) scan_end(r, next);
    next->taken = is_inside(r) ? r->begin : r->scanned;
    return s == STATUS_OK && r->broken != NULL ? broken_say(r, next, e) : s;
}
