/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * asker.h - asks jouletrail-resolver what identity/ wants to know of containers: a process of its
 * own, so that a state file that hangs, or is made to do harm, is not the tracer's trouble.
 */
#ifndef DAEMON_ASKER_H
#define DAEMON_ASKER_H

#include <stdint.h>

#include "base/why.h"
#include "identity/identity.h"

struct asker;
struct spawner;

/* Strings are copied. */
struct asker_options {
	const char *root;	   /* where state files lie; NULL = "/" */
	const char *labels;	   /* of containers, that are told of: "app,team"; NULL = none */
	struct spawner *spawner;   /* that starts it; NULL = forked here */
	struct identity *identity; /* of whom the questions are; outlives the asker */
};

/*
 * Starts the resolver: as the user jouletrail-resolver, or nobody, with CAP_DAC_READ_SEARCH alone
 * and without a network where we are root. Returns 0 (*ret for asker_free()) or -errno with why.
 */
int asker_new(const struct asker_options *o, struct asker **ret, struct why *why);

/*
 * Takes what has been answered and asks what is to be asked; waits for nothing. A resolver that has
 * not answered for ASKER_TIMEOUT_NS is ended, and started again later. NULL is fine.
 */
#define ASKER_TIMEOUT_NS (5 * JT_NS_PER_S)
void asker_exchange(struct asker *a, uint64_t now_mono_ns);

/* The same until all is answered, for timeout_ns at most: when nothing is measured any more. */
void asker_finish(struct asker *a, uint64_t timeout_ns);

/* Ends it; NULL is fine. */
void asker_free(struct asker *a);

#endif /* DAEMON_ASKER_H */
