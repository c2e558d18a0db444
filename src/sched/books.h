/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * books.h - the books of every CPU, closed for one window.
 *
 * Like cells.h it works on the shared mapping only and is driven on plain memory by the tests.
 */
#ifndef SCHED_BOOKS_H
#define SCHED_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "sched/topology.h"
#include "types/usage.h"

struct books;

/* cpu: the mapping, [n_cpus], not owned. Returns 0 or -ENOMEM. */
int books_new(const struct jt_cpu_books *cpu, unsigned int n_cpus, struct books **ret);
void books_free(struct books *b);

/* Whether something else than the idle task runs there, as of its last switch. */
bool books_cpu_is_busy(const struct books *b, unsigned int cpu);

/*
 * One sample of "the clock of cpu's run queue was read at ran_mono_ns or a little earlier": the
 * best of a window ties the run-queue clocks to CLOCK_MONOTONIC. 0 = no sample.
 */
void books_sample_clock(struct books *b, unsigned int cpu, uint64_t ran_mono_ns);

/*
 * Closes the window at now_mono_ns: differences since the last call into u->books and u->package,
 * and u->losses' per-CPU parts. An idle CPU's open idle time counts up to now; a busy one's open
 * slice is carried. CPUs that came or went since the last call start or end there.
 */
void books_close(struct books *b, const struct topology *t, uint64_t now_mono_ns, struct usage *u);

#endif /* SCHED_BOOKS_H */
