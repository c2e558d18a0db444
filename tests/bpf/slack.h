/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slack.h - what readings may be off, and how much is done, here and in an emulated guest. */
#ifndef TESTS_BPF_SLACK_H
#define TESTS_BPF_SLACK_H

#include <stdint.h>
#include <stdlib.h>

#include "jouletrail/units.h"

#define MS JT_NS_PER_MS

/*
 * What a reading may be off beside the truth: a few switches, each of which runs a microsecond or
 * two between the reading of a clock and the kernel's update of the runtime.
 */
#define SWITCHES_NS (50000 + guest_slack_ns())

/* What takes microseconds takes an emulated guest up to a millisecond (tests/vm/init.sh). */
static inline uint64_t guest_slack_ns(void)
{
	const char *us = getenv("JT_TEST_SLACK_US");

	return us ? strtoull(us, NULL, 10) * 1000 : 0;
}

/* Of n repetitions those that this machine has time for: JT_TEST_SCALE percent, two at least. */
static inline int scaled(int n)
{
	const char *percent = getenv("JT_TEST_SCALE");

	n = percent ? (int)(n * strtol(percent, NULL, 10) / 100) : n;
	return n > 2 ? n : 2;
}

/* What a task may run after its own last reading: an emulated CPU may stand still meanwhile. */
static inline uint64_t exit_ns(void)
{
	return getenv("IN_GUEST") ? JT_NS_PER_S : MS;
}

#endif /* TESTS_BPF_SLACK_H */
