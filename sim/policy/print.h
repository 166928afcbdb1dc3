/* print.h - a parsed policy as a document again, on one line without white space: for policies that were changed or
 * made in memory. Parsing it gives the same policy but for places; condition values stand as strings, as which they
 * count.
 * Memory  the text lives in `a`.
 */
#ifndef POLICY_PRINT_H
#define POLICY_PRINT_H

#include "policy/ast.h"

str policy_print(arena *a, const policy *p);
str policy_print_statement(arena *a, const policy_statement *s); /* `{"Effect":…}` */

#endif
