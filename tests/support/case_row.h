/* case_row.h - a case as one row of a case file, from what was parsed: policies that were cut down have no source. */
#ifndef SUPPORT_CASE_ROW_H
#define SUPPORT_CASE_ROW_H

#include "base/arena.h"
#include "policy/request.h"

/* One line without its end; expected: ptr null leaves it out. Lives in `a`. */
str case_row(arena *a, const policy_case *c, str id, str expected);

#endif
