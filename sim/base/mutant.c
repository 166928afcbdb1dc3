#include "base/mutant.h"

#ifdef ORGSIM_MUTANTS

#include <assert.h>

int mutant_active = MUTANT_NONE;

const mutant_row mutant_rows[] = {
#define MUTANT_ROW(number, name, text) {number, #name, text},
    MUTANTS(MUTANT_ROW)
#undef MUTANT_ROW
};
const size_t mutant_row_count = sizeof mutant_rows / sizeof mutant_rows[0];

void mutant_set(int number)
{
    size_t i = 0;
    while (i < mutant_row_count && mutant_rows[i].number != number) i++;
    assert(number == MUTANT_NONE || i < mutant_row_count);
    mutant_active = number;
}

#endif
