/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tsc-khz.c - the frequency of this machine's TSC, kHz: an emulated one is the same.
 *
 * Prints nothing where there is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "jouletrail/units.h"

#ifdef __x86_64__

#define LOOKS	  100
#define LENGTH_US 100000

/* A reading of the TSC, and the moment of it. */
struct look {
	uint64_t tsc, at_ns;
};

/* Of several the one that took least: between the two readings of others we did not run. */
static struct look look(void)
{
	struct look best = { 0 };
	uint64_t best_ns = UINT64_MAX;

	for (int i = 0; i < LOOKS; i++) {
		uint64_t before_ns = clock_read_ns(CLOCK_MONOTONIC_RAW);
		uint64_t tsc = __builtin_ia32_rdtsc();
		uint64_t took_ns = clock_read_ns(CLOCK_MONOTONIC_RAW) - before_ns;

		if (took_ns >= best_ns)
			continue;
		best_ns = took_ns;
		best = (struct look){ .tsc = tsc, .at_ns = before_ns + took_ns / 2 };
	}
	return best;
}

int main(void)
{
	struct look a = look(), b;

	usleep(LENGTH_US);
	b = look();
	/* Per ms, and in 128 bits, however long the sleep was. */
	printf("%" PRIu64 "\n",
	       (uint64_t)((unsigned __int128)(b.tsc - a.tsc) * JT_NS_PER_MS / (b.at_ns - a.at_ns)));
	return 0;
}

#else

int main(void)
{
	return 0;
}

#endif
