/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* power.h - energy of every domain, one window at a time, from meters or a model. */
#ifndef POWER_POWER_H
#define POWER_POWER_H

#include <stdbool.h>

#include "base/why.h"
#include "types/energy.h"
#include "types/usage.h"

struct power;
struct perf_event_attr;

/* What meters ask of the machine beside files below root; a member that is NULL is the real one. */
struct power_hooks {
	uint64_t (*suspended_ns)(void); /* time asleep since boot */
	/* As the system call, for all tasks of one CPU: a descriptor to read, or -1 and errno. */
	int (*perf_event_open)(struct perf_event_attr *attr, int cpu);
};

/* The names that power_options.meter can have. */
#define POWER_WORDS "auto powercap perf msr hwmon gpu model none"

struct power_options {
	/* "auto", or names of rows of the meter table: "powercap", "powercap,gpu" */
	const char *meter;
	const char *root; /* DIR: meters are DIR/sys/class/powercap, DIR/dev/cpu, …; NULL = "/" */
	const char *proc_root;	 /* DIR/proc/cpuinfo of the power model; NULL = as root, "" = "/" */
	const char *calibration; /* file, see calibration.h; NULL = none */
	uint64_t now_mono_ns;	 /* when the first interval begins */
	const struct power_hooks *hooks; /* NULL = the machine's; used until power_free() */
};

/*
 * Opens the meters and takes their first reading. "auto" takes the best that this machine has: a
 * meter where there is one, the power model else; GPUs besides. Nothing is counted twice: what an
 * earlier meter covers is shown only.
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
 * Reads the meters between two windows, so that no counter wraps twice unseen and no power sensor
 * goes unread for long; the energy goes to the window that the next power_read() ends. Needed
 * where windows are longer than power_max_interval_ns(); harmless at any time.
 */
void power_poll(struct power *p, uint64_t now_mono_ns);

/*
 * Longest time between two readings in which no counter can wrap twice; UINT64_MAX = any. It
 * follows from the meters alone, whatever the windows are.
 */
uint64_t power_max_interval_ns(const struct power *p);

/* Domains as found at power_new(), readings empty; owned by p. */
const struct energy *power_domains(const struct power *p);

/* The i-th domain that was found but is not read, being another one's mirror; false = no more. */
bool power_mirror(const struct power *p, size_t i, struct energy_domain *ret);

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
