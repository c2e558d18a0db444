/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* power.h - energy of every domain, one window at a time, from meters or a model. */
#ifndef POWER_POWER_H
#define POWER_POWER_H

#include <stdbool.h>

#include "base/why.h"
#include "types/energy.h"
#include "types/usage.h"

struct power;

struct power_options {
	const char *meter; /* "auto", or the name of one row of the meter table */
	const char *root; /* DIR: meters are DIR/sys/class/powercap, DIR/dev/cpu, …; NULL = "/" */
	const char *proc_root; /* DIR/proc/cpuinfo of the power model; NULL = as root, "" = "/" */
	uint64_t now_mono_ns;  /* when the first interval begins */
	int64_t now_real_us;
};

/*
 * Opens the meters and takes their first reading. "auto" takes the best that this machine has: a
 * meter where there is one, the power model else.
 *
 * Returns 0 (*ret is the caller's, for power_free()); -ENOENT for an unknown meter name or a named
 * meter that this machine lacks; -EACCES; -errno. why says which, where and the mend.
 */
int power_new(const struct power_options *o, struct power **ret, struct why *why);

/*
 * Energy of u's window: reads every counter now (the caller has just ended the window) and fills
 * *ret whole, stamped with the end of the window. A reading that cannot be trusted is
 * ENERGY_MISSING with a gap, never an error: the pipeline goes on with what is left.
 */
int power_read(struct power *p, const struct usage *u, struct energy *ret);

/*
 * Reads the counters between two windows, so that none wraps twice unseen; the energy goes to the
 * window that the next power_read() ends. Needed only where windows are longer than
 * power_max_interval_ns(); cheap and harmless at any time.
 */
void power_poll(struct power *p, uint64_t now_mono_ns, int64_t now_real_us);

/* Longest time between two readings in which no counter can wrap twice; UINT64_MAX = any. */
uint64_t power_max_interval_ns(const struct power *p);

/* Domains as found at power_new(), readings empty; owned by p. */
const struct energy *power_domains(const struct power *p);

/* One line for people: which meter was taken and why ("powercap, 2 domains" / "model: …"). */
const char *power_choice(const struct power *p);

void power_free(struct power *p);

/*
 * Walks the meter table for `doctor`: calls f for each row with whether it would work here, and
 * what was found or what is missing and how to mend it.
 */
typedef void power_probe_fn(const char *meter, bool usable, const char *text, void *arg);
void power_probe(const char *root, power_probe_fn *f, void *arg);

#endif /* POWER_POWER_H */
