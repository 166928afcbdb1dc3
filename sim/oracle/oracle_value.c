#include "oracle/oracle_value.h"

/* ---- reading from the left ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static str take_digits(str *s)
{
    size_t n = 0;
    while (n < s->len && is_digit(s->ptr[n])) n++;
    str digits = str_part(*s, 0, n);
    *s = str_part(*s, n, s->len - n);
    return digits;
}

static bool take_char(str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) return false;
    *s = str_part(*s, 1, s->len - 1);
    return true;
}

/* Exactly two or four digits of a date. */
static bool take_field(str *s, size_t width, int64_t *out)
{
    if (s->len < width) return false;
    str field = str_part(*s, 0, width), rest = field;
    if (take_digits(&rest).len != width) return false;
    *s = str_part(*s, width, s->len - width);
    return str_to_i64(field, out);
}

/* ---- numbers: a sign and a row of digits around the point, compared digit by digit; spec 2.5 ---- */

typedef struct {
    int sign;
    str whole, fraction;
} number;

static bool number_read(str s, number *out)
{
    bool minus = take_char(&s, '-');
    if (!minus) (void)take_char(&s, '+');
    number n = {.sign = minus ? -1 : 1, .whole = take_digits(&s)};
    if (n.whole.len == 0) return false;
    if (take_char(&s, '.')) {
        n.fraction = take_digits(&s);
        if (n.fraction.len == 0) return false;
    }
    *out = n;
    return s.len == 0;
}

/* The digit with its sign: before the point place 0 is the units, behind it place 0 is the tenths. Where the text has
 * no digit, the digit is zero. */
static int whole_digit(number n, size_t place)
{
    return place < n.whole.len ? n.sign * (n.whole.ptr[n.whole.len - 1 - place] - '0') : 0;
}

static int fraction_digit(number n, size_t place)
{
    return place < n.fraction.len ? n.sign * (n.fraction.ptr[place] - '0') : 0;
}

/* The highest place where the signed digits differ decides. */
static int number_order(number a, number b)
{
    size_t whole = a.whole.len > b.whole.len ? a.whole.len : b.whole.len;
    size_t fraction = a.fraction.len > b.fraction.len ? a.fraction.len : b.fraction.len;
    int    order = 0;
    for (size_t i = whole; i > 0 && order == 0; i--) order = whole_digit(a, i - 1) - whole_digit(b, i - 1);
    for (size_t i = 0; i < fraction && order == 0; i++) order = fraction_digit(a, i) - fraction_digit(b, i);
    return order;
}

bool oracle_number_order(str a, str b, int *order)
{
    number x, y;
    if (!number_read(a, &x) || !number_read(b, &y)) return false;
    *order = number_order(x, y);
    return true;
}

/* ---- dates: instants in seconds since 1970, UTC; spec 2.6 ---- */

typedef struct {
    int64_t seconds;
    number  fraction; /* of a second: only digits behind the point */
} instant;

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01, counted year by year and month by month. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    int64_t days = day - 1;
    for (int64_t y = 1970; y < year; y++) days += is_leap(y) ? 366 : 365;
    for (int64_t y = year; y < 1970; y++) days -= is_leap(y) ? 366 : 365;
    for (int64_t m = 1; m < month; m++) days += days_in_month(year, m);
    return days;
}

/* `Z`, `+hh:mm` or `-hh:mm`; a time without one is outside the profile (spec C14). */
static bool take_zone(str *s, int64_t *seconds)
{
    int64_t hour, minute;
    *seconds = 0;
    if (take_char(s, 'Z')) return true;
    bool west = take_char(s, '-');
    if (!west && !take_char(s, '+')) return false;
    if (!take_field(s, 2, &hour) || !take_char(s, ':') || !take_field(s, 2, &minute)) return false;
    *seconds = (west ? -1 : 1) * (hour * 3600 + minute * 60);
    return hour <= 23 && minute <= 59;
}

static bool date_read(str s, instant *out)
{
    *out = (instant){.fraction.sign = 1};
    number epoch; /* whole seconds since 1970, unsigned; four digits are no year: contested, spec C13 */
    if (s.len > 0 && is_digit(s.ptr[0]) && number_read(s, &epoch)) {
        number none = {.sign = 1, .fraction = epoch.fraction}; /* `.0` says nothing; any other is outside the profile */
        return number_order(none, (number){.sign = 1}) == 0 && str_to_i64(epoch.whole, &out->seconds);
    }
    int64_t year, month, day = 1, hour = 0, minute = 0, second = 0, zone = 0;
    if (!take_field(&s, 4, &year) || !take_char(&s, '-') || !take_field(&s, 2, &month)) return false;
    if (s.len > 0 && (!take_char(&s, '-') || !take_field(&s, 2, &day))) return false;
    if (s.len > 0) {
        if (!take_char(&s, 'T') || !take_field(&s, 2, &hour) || !take_char(&s, ':') || !take_field(&s, 2, &minute))
            return false;
        if (take_char(&s, ':')) {
            if (!take_field(&s, 2, &second)) return false;
            if (take_char(&s, '.') && (out->fraction.fraction = take_digits(&s)).len == 0) return false;
        }
        if (!take_zone(&s, &zone)) return false;
    }
    if (s.len > 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    out->seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - zone;
    return true;
}

bool oracle_date_order(str a, str b, int *order)
{
    instant x, y;
    if (!date_read(a, &x) || !date_read(b, &y)) return false;
    *order = x.seconds != y.seconds ? (x.seconds < y.seconds ? -1 : 1) : number_order(x.fraction, y.fraction);
    return true;
}

/* ---- booleans; spec 2.7 ---- */

bool oracle_bool_read(str s, bool *out)
{
    *out = str_eq_nocase(s, STR("true"));
    return *out || str_eq_nocase(s, STR("false"));
}

/* ---- addresses: rows of 32 or 128 bits; a block holds what begins with its bits; spec 2.8 ---- */

typedef struct {
    char   bits[128];
    size_t count;
} address;

static bool address_push(address *a, uint32_t value, uint32_t width)
{
    if (a->count + width > sizeof a->bits) return false;
    for (uint32_t i = width; i > 0; i--) a->bits[a->count++] = (value >> (i - 1)) & 1 ? '1' : '0';
    return true;
}

/* Up to three digits without a leading zero. */
static bool small_number_read(str s, uint64_t max, uint64_t *out)
{
    return s.len <= 3 && (s.len == 1 || !str_starts(s, STR("0"))) && str_to_u64(s, out) && *out <= max;
}

static bool v4_read(str s, address *out)
{
    for (int i = 0; i < 4; i++) {
        uint64_t octet;
        if (i > 0 && !take_char(&s, '.')) return false;
        if (!small_number_read(take_digits(&s), 255, &octet) || !address_push(out, (uint32_t)octet, 8)) return false;
    }
    return s.len == 0;
}

static bool hextet_read(str s, address *out)
{
    uint32_t value = 0;
    if (s.len < 1 || s.len > 4) return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = char_lower(s.ptr[i]);
        if (!is_digit(c) && (c < 'a' || c > 'f')) return false;
        value = value * 16 + (uint32_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return address_push(out, value, 16);
}

/* Groups between colons, none in an empty text; where the address ends, the last may be written as IPv4. */
static bool groups_read(str s, bool at_end, address *out)
{
    *out = (address){.count = 0};
    for (size_t begin = 0; s.len > 0 && begin <= s.len;) {
        size_t end = str_find(s, ':', begin);
        str    group = str_part(s, begin, end - begin);
        bool   dotted = str_find(group, '.', 0) < group.len;
        if (dotted ? !at_end || end < s.len || !v4_read(group, out) : !hextet_read(group, out)) return false;
        begin = end + 1;
    }
    return true;
}

/* `::` stands for the zeros, one group or more, that bring the address to 128 bits. */
static bool v6_read(str s, address *out)
{
    size_t gap = 0;
    while (gap + 2 <= s.len && !str_is(str_part(s, gap, 2), "::")) gap++;
    if (gap + 2 > s.len) return groups_read(s, true, out) && out->count == 128;
    address tail;
    if (!groups_read(str_part(s, 0, gap), false, out)) return false;
    if (!groups_read(str_part(s, gap + 2, s.len - gap - 2), true, &tail)) return false;
    if (out->count + tail.count > 112) return false;
    while (out->count + tail.count < 128) (void)address_push(out, 0, 1);
    memcpy(out->bits + out->count, tail.bits, tail.count);
    out->count = 128;
    return true;
}

static bool address_read(str s, address *out)
{
    *out = (address){.count = 0};
    return str_find(s, ':', 0) < s.len ? v6_read(s, out) : v4_read(s, out);
}

bool oracle_address_in(str text, str block, bool *in)
{
    address  given, network;
    size_t   slash = str_find(block, '/', 0);
    uint64_t length;
    if (!address_read(text, &given) || !address_read(str_part(block, 0, slash), &network)) return false;
    if (slash == block.len)
        length = network.count;
    else if (!small_number_read(str_part(block, slash + 1, block.len - slash - 1), network.count, &length))
        return false;
    *in = given.count == network.count && memcmp(given.bits, network.bits, length) == 0; /* else another family */
    return true;
}

/* ---- base64 (RFC 4648, section 4) ---- */

static int sextet(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t            at = str_find(STR(alphabet), c, 0);
    return at < sizeof alphabet - 1 ? (int)at : -1;
}

static bool base64_read(arena *a, str s, str *out)
{
    size_t pad = str_ends(s, STR("==")) ? 2 : str_ends(s, STR("=")) ? 1 : 0;
    if (s.len % 4 != 0) return false;
    char    *bytes = ARENA_NEW(a, char, s.len);
    size_t   count = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < s.len - pad; i++) {
        int value = sextet(s.ptr[i]);
        if (value < 0) return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 > 0) bytes[count++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    *out = (str){bytes, count};
    return true;
}

bool oracle_base64_equal(arena scratch, str a, str b, bool *equal)
{
    str x, y;
    if (!base64_read(&scratch, a, &x) || !base64_read(&scratch, b, &y)) return false;
    *equal = str_eq(x, y);
    return true;
}
