/* oracle_value.h - what condition values mean, as the oracle reads them; private to the room.
 *
 * Each function answers false when a text is not of the form, and only otherwise fills its result.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators"; W3C NOTE-datetime; spec 2.5-2.8.
 */
#ifndef ORACLE_ORACLE_VALUE_H
#define ORACLE_ORACLE_VALUE_H

#include "base/arena.h"

bool oracle_number_order(str a, str b, int *order); /* a before b: negative; equal: 0; after: positive */
bool oracle_date_order(str a, str b, int *order);
bool oracle_bool_read(str s, bool *out);
bool oracle_address_in(str address, str block, bool *in); /* block: an address, or address/length */
bool oracle_base64_equal(arena scratch, str a, str b, bool *equal);

#endif
