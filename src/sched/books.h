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
 * One sample of the clocks: some CPU's run-queue clock, and CLOCK_MONOTONIC a little later. The
 * closest of a window ties the two together; run-queue clocks are common to all CPUs where
 * sched_clock is stable.
 */
void books_sample_clocks(struct books *b, uint64_t clock_ns, uint64_t mono_ns);

/* Whether there was a sample ever: no window can be closed before. */
bool books_clocks_known(const struct books *b);

/*
 * Closes the window at now_mono_ns: differences since the last call into u->books and u->package,
 * and u->losses' per-CPU parts. An idle CPU's open idle time counts up to now; a busy one's open
 * slice is carried. A CPU that came or went since the last call counts for what it ran meanwhile.
 */
void books_close(struct books *b, const struct topology *t, uint64_t now_mono_ns, struct usage *u);

/* Task time booked since books_close() on the CPUs that were online then. */
uint64_t books_late_ns(const struct books *b);

#endif /* SCHED_BOOKS_H */
