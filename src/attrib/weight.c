/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.c - see weight.h. */
#include "attrib/weight.h"

static uint64_t weight_on(enum jt_weight weight, const struct usage_row *row, unsigned int package)
{
	uint64_t cpu_ns = row->cpu_ns[package], corun_ns;

	switch (weight) {
	case JT_WEIGHT_TIME:
		break;
	case JT_WEIGHT_SMT:
		corun_ns = row->weight[package] < cpu_ns ? row->weight[package] : cpu_ns;
		/* Rounded up: who ran counts. */
		return cpu_ns - corun_ns * (100 - ATTRIB_CORUN_PERCENT) / 100;
	case JT_WEIGHT_FREQ:
	case JT_WEIGHT_CYCLES:
		return row->weight[package];
	}
	return cpu_ns;
}

uint64_t attrib_weight(const struct usage *u, const struct usage_row *row, int package)
{
	uint64_t sum = 0;

	if (package >= 0)
		return weight_on(u->weight, row, (unsigned int)package);
	for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++)
		sum += weight_on(u->weight, row, p);
	return sum;
}
