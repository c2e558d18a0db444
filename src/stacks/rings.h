/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rings.h - perf's sampling of every CPU by its clock, into a ring for each. */
#ifndef STACKS_RINGS_H
#define STACKS_RINGS_H

#include <stdint.h>

#include "base/why.h"

struct rings;
struct perf_event_header;

/*
 * Samples whatever runs (not idle CPUs) frequency_hz times a second, and records forks, execs,
 * exits, names and executable mappings of all processes, with CLOCK_MONOTONIC; on the CPUs that
 * are online now. Needs CAP_PERFMON (or root). Returns 0 or -errno with why.
 */
int rings_new(unsigned int frequency_hz, struct rings **ret, struct why *why);

/* To be called as often as this, else records are lost. */
uint64_t rings_poll_interval_ns(const struct rings *r);

/* Calls f with every record so far, and forgets it; its memory is f's during the call. */
typedef void rings_fn(const struct perf_event_header *h, void *arg);
void rings_drain(struct rings *r, rings_fn *f, void *arg);

/* NULL is fine. */
void rings_free(struct rings *r);

#endif /* STACKS_RINGS_H */
