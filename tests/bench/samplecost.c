/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * samplecost.c - what one stack sample takes from the program that it is of, in ns.
 *
 * A fixed piece of work at the end of 30 calls, by the wall clock, sampled at 9999 Hz or not, in
 * turn. Time that others take, or the host, is in the slow rounds: the tenth part of each that is
 * fastest is compared.
 */
#include <string.h>

#include "bench/figure.h"
#include "bench/load.h"
#include "stacks/rings.h"

#define ROUNDS 600
#define DEPTH  30
#define HZ     9999

static volatile uint64_t sink;

static __attribute__((noinline)) void work(unsigned int depth)
{
	if (depth)
		work(depth - 1);
	else
		for (uint64_t i = 0; i < 3000000; i++)
			sink += i;
	sink++;
}

static void drop(const struct perf_event_header *h, void *arg)
{
	(void)h;
	(void)arg;
}

static double round_ns(bool sampled)
{
	struct why why = { "" };
	struct rings *r = NULL;
	uint64_t begin_ns, end_ns;

	if (sampled && rings_new(HZ, &r, &why)) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(1);
	}
	begin_ns = clock_mono_ns();
	work(DEPTH);
	end_ns = clock_mono_ns();
	if (r)
		rings_drain(r, drop, NULL);
	rings_free(r);
	return (double)(end_ns - begin_ns);
}

int main(void)
{
	static double ns[2][ROUNDS];

	load_pin();
	for (size_t i = 0; i < ROUNDS; i++) {
		ns[0][i] = round_ns(false);
		ns[1][i] = round_ns(true);
	}
	for (size_t k = 0; k < 2; k++)
		qsort(ns[k], ROUNDS, sizeof(**ns), figure_compare);
	/* Of each second sampled, HZ samples. */
	printf("%.0f\n", (ns[1][ROUNDS / 10] / ns[0][ROUNDS / 10] - 1) / HZ * 1e9);
	return 0;
}
