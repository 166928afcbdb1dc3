/* value.h - numbers, dates, booleans, base64 and addresses in condition values, as the core reads them.
 *
 * Strict: what is not exactly of the form is refused (false). No floating point. The oracle has its own readers.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators"; W3C NOTE-datetime.
 */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

#include "base/str.h"

typedef struct { /* sign and digits; digits are views into the text, without leading and trailing zeros */
    bool negative;
    str  whole, fraction;
} value_number;
bool value_number_read(str s, value_number *out);
int  value_number_cmp(value_number a, value_number b);

typedef struct { /* an instant: seconds since 1970 and the fraction's digits without trailing zeros */
    int64_t seconds;
    str     fraction;
} value_date;
bool value_date_read(str s, value_date *out);
int  value_date_cmp(value_date a, value_date b);

bool value_bool_read(str s, bool *out);

typedef struct {
    uint8_t  bytes[16]; /* network order; IPv4 in the first four */
    uint32_t bits;      /* prefix length                         */
    bool     v6;
} value_ip;
bool value_ip_read(str s, value_ip *out);
bool value_ip_in(value_ip address, value_ip block); /* both sides masked to the block's prefix */

/* Decodes base64 into out (capacity >= s.len); false when not base64. */
bool value_base64_read(str s, uint8_t *out, size_t *len);

bool value_number_ok(str s);
bool value_date_ok(str s);
bool value_bool_ok(str s);
bool value_ip_ok(str s);
bool value_base64_ok(str s);

#endif
