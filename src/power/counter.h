/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counter.h - energy between two readings of a wrapping energy counter, or why there is none. */
#ifndef POWER_COUNTER_H
#define POWER_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Pure: no I/O, no clock. The rules and their reasons are in docs/power.md, "Wrap, gap or energy".
 *
 * A counter rises from 0 to range_uj and goes on at 0. Two readings a time t apart can differ by
 * any d + k·range_uj; what the domain can draw in t decides whether just one k is possible. Where
 * none or several are, the step is a gap: neither energy nor zero.
 */
struct counter_limits {
	uint64_t range_uj;     /* max_energy_range_uj; 0 = unknown: every step back is a gap */
	uint64_t max_power_uw; /* more than the domain can ever draw; > 0 */
	uint64_t slack_ns;     /* how old a value may be; 0 = COUNTER_SLACK_NS */
	uint64_t stale_ns;     /* a live counter has moved by then; 0 = COUNTER_STALE_NS */
};

struct counter_sample {
	int err;	   /* 0, or why there is no value: -errno of the read or of its parsing */
	uint64_t value_uj; /* meaningless where err */
	uint64_t mono_ns;
	uint64_t suspended_ns; /* CLOCK_BOOTTIME less CLOCK_MONOTONIC: time asleep since boot */
	/* Of a source that counts its updates, and what it could not tell; else 0. */
	uint64_t n_updates;
	uint64_t n_gaps;
};

/* Fields are counter.c's own. */
struct counter {
	struct counter_limits limits;
	struct counter_sample last; /* the latest sample, good or bad */
	uint64_t changed_mono_ns;   /* when the value last moved, or was told anew */
	bool based;		    /* last.value_uj is a value to subtract from */
	bool frozen;		    /* the value stood still for limits.stale_ns or more */
};

/*
 * A live counter moves about every 1 ms (RAPL's: Intel SDM vol. 3B, "Package RAPL Domain": "updated
 * every ~1msec"), so one that stood still this long is not alive. Less than the shortest window
 * (50 ms), so that no window of a frozen counter is 0 J.
 */
#define COUNTER_STALE_NS UINT64_C(40000000)

/* Readings come this much later or earlier than their stamps say: update jitter, preemption. */
#define COUNTER_SLACK_NS UINT64_C(10000000)

/* More sleep than this between two samples is a suspend; less is two clocks read apart. */
#define COUNTER_SUSPEND_NS UINT64_C(10000000)

void counter_init(struct counter *c, const struct counter_limits *l,
		  const struct counter_sample *first);

/*
 * Takes the next sample. Returns NULL and the energy drawn since the last one in *ret_uj; or the
 * static name of the reason why that energy is not known, *ret_uj untouched:
 *
 *   unreadable  the read failed            vanished  the file or device is gone
 *   rubbish     no number, 2^64 or more, or above the range
 *   forbidden   no permission              stale     not moved for COUNTER_STALE_NS
 *   returned    first good value after any of these: a new start
 *   reset       a step back that no wrap explains
 *   jump        a step ahead beyond what the domain can draw
 *   suspend     the machine slept since: the counter may have stood, run on or begun anew
 *   source      the source itself says that it cannot tell
 *   pause       so long since the last sample that a second wrap is possible
 */
const char *counter_step(struct counter *c, const struct counter_sample *s, uint64_t *ret_uj);

/* Of those reasons: the one of a read that failed with err; whether between two was a suspend. */
const char *counter_reason_of_errno(int err);
bool counter_is_suspend(uint64_t before_suspended_ns, uint64_t after_suspended_ns);

/*
 * How far apart samples may be so that a second wrap cannot hide, with half of it kept for late
 * timers; UINT64_MAX where the range is unknown. At least 1 ms. A range that fills in less than
 * about 4 x slack_ns cannot be read safely by anyone: its steps are pauses.
 */
uint64_t counter_max_interval_ns(const struct counter_limits *l);

#endif /* POWER_COUNTER_H */
