/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* window.h - the interval that one pass of the pipeline accounts for. */
#ifndef TYPES_WINDOW_H
#define TYPES_WINDOW_H

#include <stdint.h>

/*
 * [begin, end): monotonic stamps measure, real stamps only date it. Consecutive windows of one
 * run touch: begin of n+1 is end of n.
 */
struct window {
	uint64_t index; /* from 0 */
	uint64_t begin_mono_ns;
	uint64_t end_mono_ns;
	int64_t begin_real_us;
	int64_t end_real_us;
};

static inline uint64_t window_length_ns(const struct window *w)
{
	return w->end_mono_ns - w->begin_mono_ns;
}

#endif /* TYPES_WINDOW_H */
