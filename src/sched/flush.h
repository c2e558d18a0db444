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

struct flush;

/* Room for n_cpus threads; none is started yet. Returns 0 or -ENOMEM. */
int flush_new(unsigned int n_cpus, struct flush **ret);
void flush_free(struct flush *f);

/* Asks for a switch on cpu in the coming flush_run(); starts its thread at first need. 0 or -errno. */
int flush_request(struct flush *f, unsigned int cpu);

/*
 * Wakes the requested threads and waits until each has run, at most timeout_ns in all. Returns how
 * many did not come in time: their CPU's last slice is carried to the next window.
 */
unsigned int flush_run(struct flush *f, uint64_t timeout_ns);

/*
 * When the thread of cpu came to run in the last flush_run(), CLOCK_MONOTONIC: just after the
 * switch to it. 0 if it was not asked or did not come.
 */
uint64_t flush_ran_mono_ns(const struct flush *f, unsigned int cpu);

#endif /* SCHED_FLUSH_H */
