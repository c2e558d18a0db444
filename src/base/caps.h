/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* caps.h - the capabilities of the calling thread, given up. */
#ifndef BASE_CAPS_H
#define BASE_CAPS_H

#include <stdint.h>
#include <sys/types.h>

/* Sets are bits by number: 1ULL << CAP_BPF. */

/* Out of the bounding set, all but keep: no program that is executed later has the others. */
void caps_bound(uint64_t keep);

/*
 * Permitted and effective are keep as far as they were permitted; inheritable and ambient are
 * empty; what executed programs may have is bounded by keep. Returns 0 or -errno.
 */
int caps_keep(uint64_t keep);

/* Effective is set, as far as it is permitted; the rest stays to be used later. 0 or -errno. */
int caps_use(uint64_t set);

/* What is held, effective or not. */
uint64_t caps_permitted(void);

/*
 * Another user, and no new privileges from what is executed. The groups are the user's one alone.
 * Of the capabilities keep stays permitted and effective. Who is not root stays who he is.
 * Returns 0 or -errno.
 */
int caps_become(uid_t uid, gid_t gid, uint64_t keep);

#endif /* BASE_CAPS_H */
