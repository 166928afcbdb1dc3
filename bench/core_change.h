/* core_change.h - inside `bench core`: what one changed SCP costs. Attach, update and detach an SCP at OUs that hold
 * about a tenth of all accounts, by control operations; timed is authz_image_build from the image before.
 *
 * The SCP is one that hardly any target has, so that the update is felt at that OU alone. Its new text is another SCP's
 * with a space, so that it has to be compiled anew; where a quota refuses the space, the text as it is. Where an OU is
 * full, one of its SCPs is detached before and attached again after: both are timed too. So the organization is the
 * same after each round, the texts of the policies used apart.
 */
#ifndef BENCH_CORE_CHANGE_H
#define BENCH_CORE_CHANGE_H

#include "bench/core_modes.h"

typedef enum { CORE_ATTACH, CORE_DETACH, CORE_UPDATE, CORE_CHANGE_COUNT } core_change_kind;

typedef struct {
    const core_world *w;
    authz_image      *image; /* of the newest revision; the world's own until the first change */
    uint64_t          seed, serial, draws;
    uint32_t          rounds;            /* of each slice */
    uint32_t         *nodes, node_count; /* OUs to change, with the accounts below them */
    uint32_t         *node_accounts;
    uint32_t         *policies, policy_count; /* SCPs to change  */
    uint32_t         *texts, text_count;      /* SCPs to copy from */
    uint64_t          accounts;               /* sum over rounds of the accounts below the OU */
    uint64_t          round_count;
    core_samples      samples[CORE_CHANGE_COUNT]; /* ns of a build */
    arena             scratch;
} core_change;

/* False when the organization has no OU, or no SCP to attach. Frees its last image with core_change_free. */
bool core_change_task(arena *a, const char *name, const core_world *w, uint64_t seed, uint32_t slices, uint32_t rounds,
                      core_task *task, core_change **out);
void core_change_free(core_change *c);

#endif
