/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ticks.h - what the fixed ticks of the golden outputs have in common. */
#ifndef TESTS_UNIT_EXPORT_TICKS_H
#define TESTS_UNIT_EXPORT_TICKS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/export.h"
#include "jouletrail/shared.h"

#define TICKS_INTERVAL(value_, low_, high_)                       \
	{                                                         \
		.value = (value_), .low = (low_), .high = (high_) \
	}

/* Half-width in per cent around the energy and carbon of a sample. */
static void ticks_sample(struct sample *s, uint64_t energy_uj, uint64_t co2e_ug,
			 unsigned int percent)
{
	s->energy_uj = energy_uj;
	s->co2e_ug = co2e_ug;
	s->energy = (struct quant_interval_u64){ energy_uj, energy_uj - energy_uj * percent / 100,
						 energy_uj + energy_uj * percent / 100 };
	s->co2e = (struct quant_interval_u64){ co2e_ug, co2e_ug / 3, co2e_ug * 2 };
}

static void ticks_common(struct tick *t)
{
	t->n_cpus = 2;
	t->n_packages = 1;
	t->n_windows = 3;
	t->window = (struct window){ .begin_mono_ns = 100 * JT_NS_PER_S,
				     .end_mono_ns = 103 * JT_NS_PER_S + 2 * JT_NS_PER_MS,
				     .begin_real_us = INT64_C(1767225600000000),
				     .end_real_us = INT64_C(1767225603002000) };
	t->books = (struct usage_books){ .wall_ns = 6004 * JT_NS_PER_MS,
					 .task_ns = 5800 * JT_NS_PER_MS,
					 .idle_ns = 200 * JT_NS_PER_MS,
					 .gap_ns = 900 * JT_NS_PER_US,
					 .excluded_ns = 3100 * JT_NS_PER_US };
	t->self_cpu_ns = 1500000;
	t->method = (struct method)METHOD_DEFAULT;
	t->uncertainty = "analytical_truncated";
	t->conservation.time_ppm = 12;
	t->conservation.cells_ppm = 3;
}

static void ticks_free(struct tick *t)
{
	free(t->sample);
	free(t);
}

#endif /* TESTS_UNIT_EXPORT_TICKS_H */
