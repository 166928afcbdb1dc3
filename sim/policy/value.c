#include "policy/value.h"

static size_t digits_end(str s, size_t i)
{
    while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9') i++;
    return i;
}

static str trim_zeros(str s, bool leading)
{
    while (leading && s.len > 0 && s.ptr[0] == '0') s = str_part(s, 1, s.len - 1);
    while (!leading && s.len > 0 && s.ptr[s.len - 1] == '0') s.len--;
    return s;
}

bool value_number_read(str s, value_number *out)
{
    size_t i = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
    bool   negative = i == 1 && s.ptr[0] == '-';
    size_t end = digits_end(s, i);
    if (end == i) return false;
    str whole = str_part(s, i, end - i), fraction = {s.ptr, 0};
    if (end < s.len) {
        if (s.ptr[end] != '.' || end + 1 == s.len || digits_end(s, end + 1) != s.len) return false;
        fraction = str_part(s, end + 1, s.len - end - 1);
    }
    out->whole = trim_zeros(whole, true);
    out->fraction = trim_zeros(fraction, false);
    out->negative = negative && (out->whole.len > 0 || out->fraction.len > 0);
    return true;
}

int value_number_cmp(value_number a, value_number b)
{
    if (a.negative != b.negative) return a.negative ? -1 : 1;
    int order = a.whole.len != b.whole.len ? (a.whole.len < b.whole.len ? -1 : 1) : str_cmp(a.whole, b.whole);
    if (order == 0) order = str_cmp(a.fraction, b.fraction); /* no trailing zeros: text order is value order */
    return a.negative ? -order : order;
}

/* Exactly `count` digits at s[*i]. */
static bool take(str s, size_t *i, size_t count, int64_t *out)
{
    *out = 0;
    if (s.len - *i < count) return false;
    for (size_t end = *i + count; *i < end; (*i)++) {
        if (s.ptr[*i] < '0' || s.ptr[*i] > '9') return false;
        *out = *out * 10 + (s.ptr[*i] - '0');
    }
    return true;
}

static bool take_char(str s, size_t *i, char c)
{
    if (*i >= s.len || s.ptr[*i] != c) return false;
    (*i)++;
    return true;
}

static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

static bool leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool date_days(int64_t year, int64_t month, int64_t day, int64_t *out)
{
    static const int64_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    if (day > lengths[month - 1] + (month == 2 && leap(year))) return false;
    *out = days_before_year(year) - days_before_year(1970) + day - 1;
    for (int64_t m = 1; m < month; m++) *out += lengths[m - 1] + (m == 2 && leap(year));
    return true;
}

static bool zone(str s, size_t *i, int64_t *seconds)
{
    *seconds = 0;
    if (take_char(s, i, 'Z')) return *i == s.len;
    bool west = *i < s.len && s.ptr[*i] == '-';
    if (!west && !(*i < s.len && s.ptr[*i] == '+')) return false; /* a zone is required, C14 */
    (*i)++;
    int64_t hours = 0, minutes = 0;
    if (!take(s, i, 2, &hours) || !take_char(s, i, ':') || !take(s, i, 2, &minutes)) return false;
    if (hours > 23 || minutes > 59 || *i != s.len) return false;
    *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

bool value_date_read(str s, value_date *out)
{
    *out = (value_date){0, {s.ptr, 0}};
    /* All digits: Unix epoch seconds, four digits too (C13). A fraction makes it no date, but that `.0` is none: so are
     * whole seconds written that once were a floating-point number. */
    size_t whole = digits_end(s, 0), zeros = whole;
    if (zeros + 1 < s.len && s.ptr[zeros] == '.')
        for (zeros++; zeros < s.len && s.ptr[zeros] == '0';) zeros++;
    if (whole > 0 && whole <= 18 && zeros == s.len) return str_to_i64(str_part(s, 0, whole), &out->seconds);
    int64_t year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, offset = 0, days = 0;
    size_t  i = 0;
    if (!take(s, &i, 4, &year) || !take_char(s, &i, '-') || !take(s, &i, 2, &month)) return false;
    bool has_day = i < s.len;
    if (has_day && (!take_char(s, &i, '-') || !take(s, &i, 2, &day))) return false;
    if (!date_days(year, month, day, &days)) return false;
    if (i < s.len) {
        if (!take_char(s, &i, 'T') || !take(s, &i, 2, &hour) || !take_char(s, &i, ':') || !take(s, &i, 2, &minute))
            return false;
        if (take_char(s, &i, ':')) {
            if (!take(s, &i, 2, &second)) return false;
            if (take_char(s, &i, '.')) {
                size_t end = digits_end(s, i);
                if (end == i) return false;
                out->fraction = trim_zeros(str_part(s, i, end - i), false);
                i = end;
            }
        }
        if (hour > 23 || minute > 59 || second > 59 || !zone(s, &i, &offset)) return false;
    }
    out->seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
    return true;
}

int value_date_cmp(value_date a, value_date b)
{
    if (a.seconds != b.seconds) return a.seconds < b.seconds ? -1 : 1;
    return str_cmp(a.fraction, b.fraction);
}

bool value_bool_read(str s, bool *out)
{
    *out = str_eq_nocase(s, STR("true"));
    return *out || str_eq_nocase(s, STR("false"));
}

static bool ip4_read(str s, uint8_t *out)
{
    size_t i = 0;
    for (size_t part = 0; part < 4; part++) {
        size_t  end = digits_end(s, i);
        int64_t value = 0;
        if (end == i || end - i > 3 || (end - i > 1 && s.ptr[i] == '0')) return false;
        if (!take(s, &i, end - i, &value) || value > 255) return false;
        out[part] = (uint8_t)value;
        if (part < 3 && !take_char(s, &i, '.')) return false;
    }
    return i == s.len;
}

static bool ip6_group(str s, uint32_t *out)
{
    *out = 0;
    if (s.len == 0 || s.len > 4) return false;
    for (size_t i = 0; i < s.len; i++) {
        char     c = char_lower(s.ptr[i]);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                                                : 99;
        if (digit == 99) return false;
        *out = *out * 16 + digit;
    }
    return true;
}

/* The groups of one side of `::`; those that end the address may end in one of IPv4. Bytes written, or SIZE_MAX. */
static size_t ip6_side(str s, bool ends_address, uint8_t *out)
{
    size_t n = 0, i = 0;
    if (s.len == 0) return 0;
    for (;;) {
        size_t   end = str_find(s, ':', i);
        str      part = str_part(s, i, end - i);
        uint32_t group = 0;
        if (n > 14) return SIZE_MAX;
        if (end == s.len && ends_address && str_find(part, '.', 0) < part.len) {
            if (n > 12 || !ip4_read(part, out + n)) return SIZE_MAX;
            return n + 4;
        }
        if (!ip6_group(part, &group)) return SIZE_MAX;
        out[n++] = (uint8_t)(group >> 8);
        out[n++] = (uint8_t)group;
        if (end == s.len) return n;
        i = end + 1;
    }
}

static bool ip6_read(str s, uint8_t out[16])
{
    size_t gap = 0;
    while (gap + 1 < s.len && !(s.ptr[gap] == ':' && s.ptr[gap + 1] == ':')) gap++;
    bool    shortened = gap + 1 < s.len;
    uint8_t head[16] = {0}, tail[16] = {0};
    size_t  before = ip6_side(shortened ? str_part(s, 0, gap) : s, !shortened, head);
    size_t  after = shortened ? ip6_side(str_part(s, gap + 2, s.len - gap - 2), true, tail) : 0;
    if (before == SIZE_MAX || after == SIZE_MAX) return false;
    if (shortened ? before + after > 14 : before != 16) return false;
    memset(out, 0, 16);
    memcpy(out, head, before);
    memcpy(out + 16 - after, tail, after);
    return true;
}

bool value_ip_read(str s, value_ip *out)
{
    size_t   slash = str_find(s, '/', 0);
    str      address = str_part(s, 0, slash);
    uint64_t bits = 0;
    *out = (value_ip){.v6 = str_find(address, ':', 0) < address.len};
    if (!(out->v6 ? ip6_read(address, out->bytes) : ip4_read(address, out->bytes))) return false;
    uint32_t most = out->v6 ? 128 : 32;
    out->bits = most;
    if (slash == s.len) return true;
    if (!str_to_u64(str_part(s, slash + 1, s.len - slash - 1), &bits) || bits > most) return false;
    out->bits = (uint32_t)bits;
    return true;
}

bool value_ip_in(value_ip address, value_ip block)
{
    if (address.v6 != block.v6 || address.bits < block.bits) return false;
    for (uint32_t i = 0; i < block.bits; i++)
        if ((address.bytes[i / 8] ^ block.bytes[i / 8]) >> (7 - i % 8) & 1) return false;
    return true;
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool value_base64_read(str s, uint8_t *out, size_t *len)
{
    *len = 0;
    if (s.len % 4 != 0) return false;
    size_t padding = 0;
    while (padding < 2 && padding < s.len && s.ptr[s.len - 1 - padding] == '=') padding++;
    uint32_t word = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = i >= s.len - padding ? 0 : base64_digit(s.ptr[i]);
        if (digit < 0) return false;
        word = word << 6 | (uint32_t)digit;
        if (i % 4 != 3) continue;
        for (int shift = 16; shift >= 0; shift -= 8) out[(*len)++] = (uint8_t)(word >> shift);
        word = 0;
    }
    *len -= padding;
    return true;
}

bool value_number_ok(str s)
{
    value_number n;
    return value_number_read(s, &n);
}

bool value_date_ok(str s)
{
    value_date d;
    return value_date_read(s, &d);
}

bool value_bool_ok(str s)
{
    bool b;
    return value_bool_read(s, &b);
}

bool value_ip_ok(str s)
{
    value_ip ip;
    return value_ip_read(s, &ip);
}

bool value_base64_ok(str s)
{
    size_t padding = 0;
    while (padding < 2 && padding < s.len && s.ptr[s.len - 1 - padding] == '=') padding++;
    for (size_t i = 0; i + padding < s.len; i++)
        if (base64_digit(s.ptr[i]) < 0) return false;
    return s.len % 4 == 0;
}
