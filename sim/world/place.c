/* Which cell an account's requests go to: a function of the account alone, so that it is the same in every run, and
 * spread by a hash, because neighbouring accounts tend to be of one OU. */
#include <assert.h>

#include "base/hash.h"
#include "base/rng.h"
#include "world/world.h"

uint32_t world_cell_in_region(uint32_t account, uint32_t cell_count)
{
    assert(cell_count > 0);
    return (uint32_t)rng_scale(hash_mix(account, 0x63656c6c), cell_count);
}
