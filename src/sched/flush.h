/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flush.h - makes busy CPUs switch once, so that the running task's time is charged up to now.
 *
 * A task's runtime is fresh only at ticks and switches. One pinned thread per CPU, with real-time
 * priority where that is allowed, preempts what runs there; idle CPUs are never woken.
 */
#ifndef SCHED_FLUSH_H
#define SCHED_FLUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "jouletrail/shared.h"

struct flush;

/*
 * Room for a thread per CPU of books[n_cpus], the mapping (not owned); none is started yet.
 * Returns 0 or -ENOMEM.
 */
int flush_new(const struct jt_cpu_books *books, unsigned int n_cpus, struct flush **ret);
void flush_free(struct flush *f);

/*
 * Asks for a switch on cpu in the coming flush_run(); starts its thread at first need.
 * Returns 0 or -errno.
 */
int flush_request(struct flush *f, unsigned int cpu);

/*
 * Wakes the requested threads and waits until each has run, at most timeout_ns in all. Returns how
 * many did not come in time: their CPU's last slice is carried to the next window.
 */
unsigned int flush_run(struct flush *f, uint64_t timeout_ns);

/*
 * What the thread of cpu saw in the last flush_run(): the run-queue clock as it ran, and
 * CLOCK_MONOTONIC a little later. False if it was not asked, did not come, or was switched out
 * while it looked.
 */
bool flush_clocks(const struct flush *f, unsigned int cpu, uint64_t *ret_clock_ns,
		  uint64_t *ret_mono_ns);

#endif /* SCHED_FLUSH_H */
