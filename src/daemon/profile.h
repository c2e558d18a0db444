/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * profile.h - each window's energy over the stacks that were sampled in it, to the microjoule.
 *
 * A consumer's energy of a window goes to its own samples of that window, each alike; where it has
 * none, to a stack of its name and "[no sample]". Nothing else gets it, so that the stacks of a
 * profile sum to its consumers' energy exactly.
 */
#ifndef DAEMON_PROFILE_H
#define DAEMON_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "stacks/table.h"
#include "types/record.h"
#include "types/stack.h"

struct profile;

/*
 * table: of the windows' stacks; used until profile_free(). whole_machine: all consumers, idle and
 * unattributed energy; else those of the lineage. Returns 0 or -ENOMEM.
 */
int profile_new(bool whole_machine, struct stacks_table *table, struct profile **ret);
void profile_free(struct profile *p);

/*
 * The consumers of the tick, of one window, that the profile is of: by process or by thread.
 * profile_wanted() then says whose samples are asked for; arg is the profile. Returns 0 or -ENOMEM.
 */
int profile_begin(struct profile *p, const struct tick *t);
bool profile_wanted(uint32_t tgid, uint32_t pid, const void *arg);

/* Their energy over w, which has the samples of that window. Returns 0 or -errno. */
int profile_end(struct profile *p, const struct tick *t, const struct stack_window *w);

/* So far, by number of the stack in the table; *ret_n of them. Valid until the next window. */
struct profile_stack {
	uint64_t energy_uj;
	uint64_t n_samples;
};
const struct profile_stack *profile_stacks(const struct profile *p, size_t *ret_n);

uint64_t profile_energy_uj(const struct profile *p);
uint64_t profile_unsampled_uj(const struct profile *p); /* of it, in "[no sample]" */
uint64_t profile_n_samples(const struct profile *p);

#endif /* DAEMON_PROFILE_H */
