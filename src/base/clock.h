/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* clock.h - the only reads of the clocks; stages get times as arguments. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t clock_mono_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

/*
 * Time that the machine has slept since it was started: CLOCK_BOOTTIME less CLOCK_MONOTONIC, right
 * to the time between two reads of a clock.
 */
static inline uint64_t clock_suspended_ns(void)
{
	uint64_t mono_ns = clock_mono_ns();
	uint64_t boot_ns = clock_read_ns(CLOCK_BOOTTIME);

	return boot_ns > mono_ns ? boot_ns - mono_ns : 0;
}

/* Microseconds since 1970 UTC. */
static inline int64_t clock_real_us(void)
{
	return (int64_t)(clock_read_ns(CLOCK_REALTIME) / 1000);
}

#endif /* BASE_CLOCK_H */
