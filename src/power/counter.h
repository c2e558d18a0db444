/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * counter.h - from readings of a cumulative, wrapping energy counter to the energy between them.
 *
 * Pure. What cannot be known for sure is a gap with a reason, never energy and never zero:
 * docs/power.md, "Wraps and gaps".
 */
#ifndef POWER_COUNTER_H
#define POWER_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * RAPL publishes about every millisecond, and a powered domain always draws something: a counter
 * that stands still over a whole interval longer than this is not counting.
 */
#define COUNTER_STALE_NS UINT64_C(5000000)

struct counter {
	uint64_t range_uj;     /* the counter runs from 0 to range_uj and then starts again */
	uint64_t max_power_uw; /* more than the domain can draw: bounds what a step may be */
	bool primed;	       /* last_* hold a good reading */
	uint64_t last_uj;
	uint64_t last_mono_ns;
	uint64_t changed_mono_ns; /* when the value last differed from the one before */
};

/* Why a step is no energy; NULL where it is. Static strings, as published in gaps[]. */
extern const char counter_unreadable[]; /* the read failed, or gave no number */
extern const char counter_returned[];	/* first good reading after a gap: nothing to compare */
extern const char counter_range[];	/* a value beyond the counter's own range */
extern const char counter_reset[]; /* it went back, and a wrap would be more than can be drawn */
extern const char counter_jump[];  /* it went forward by more than can be drawn */
extern const char counter_ambiguous[]; /* so long unread that a whole turn may hide in the step */
extern const char counter_stale[];     /* it stands still */

/* Sets range and bound; the first counter_step() then only takes the baseline. */
void counter_init(struct counter *c, uint64_t range_uj, uint64_t max_power_uw);

/*
 * Takes a reading: read_err is the -errno of the read, value_uj its value where that is 0.
 * Returns NULL with the energy since the last reading in *ret_uj (through one wrap at most), or
 * the reason why there is none; *ret_uj is then untouched. The very first good reading is a
 * baseline: NULL and 0.
 */
const char *counter_step(struct counter *c, int read_err, uint64_t value_uj, uint64_t now_mono_ns,
			 uint64_t *ret_uj);

/* Read at least this often, and no whole turn can hide: half the time of a turn at max_power_uw. */
uint64_t counter_max_interval_ns(const struct counter *c);

#endif /* POWER_COUNTER_H */
