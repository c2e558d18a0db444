/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ticks.h - two fixed ticks for the golden outputs: a plain measured one, and all that can be odd. */
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
	t->idle_policy = "separate";
	t->weight = "time";
	t->uncertainty = "analytical";
	t->conservation.time_ppm = 12;
	t->conservation.cells_ppm = 3;
}

/* One package and its DRAM metered, France, a command of two processes and a kernel thread. */
static struct tick *ticks_plain(void)
{
	struct tick *t = calloc(1, sizeof(*t));
	struct sample *s = calloc(3, sizeof(*s));

	ticks_common(t);
	t->quality = ENERGY_MEASURED;
	t->n_domains = 3;
	t->domain[0] = (struct energy_domain){ .name = "package-0",
					       .source = "powercap intel-rapl:0",
					       .kind = ENERGY_PACKAGE,
					       .parent = -1,
					       .counted = true };
	t->domain[1] = (struct energy_domain){ .name = "core-0",
					       .source = "powercap intel-rapl:0:0",
					       .kind = ENERGY_CORE,
					       .parent = 0 };
	t->domain[2] = (struct energy_domain){ .name = "dram-0",
					       .source = "powercap intel-rapl:0:1",
					       .kind = ENERGY_DRAM,
					       .parent = -1,
					       .counted = true };
	t->domain_quality[0] = t->domain_quality[1] = t->domain_quality[2] = ENERGY_MEASURED;
	t->domain_sum[0] = (struct shares_domain){ 38000000, 24000000, 14000000, 0 };
	t->domain_sum[1] = (struct shares_domain){ .energy_uj = 20000000 };
	t->domain_sum[2] = (struct shares_domain){ 3200000, 1700000, 1500000, 0 };
	t->host = (struct shares_domain){ 41200000, 25700000, 15500000, 0 };
	t->host_energy = (struct quant_interval_u64)TICKS_INTERVAL(41200000, 39140000, 43260000);
	t->host_co2e = (struct quant_interval_u64)TICKS_INTERVAL(506, 250, 1330);
	t->idle_co2e_ug = 315;
	t->intensity = (struct intensity){ .zone = "FR",
					   .zone_name = "France",
					   .mg_per_kwh = 44200,
					   .low_mg_per_kwh = 22000,
					   .high_mg_per_kwh = 116000,
					   .kind = "average",
					   .boundary = "lifecycle",
					   .accounting = "production",
					   .year = 2024,
					   .source = "Ember",
					   .licence = "CC-BY-4.0",
					   .is_annual_mean = true };
	t->n_budget = 2;
	t->budget[0] = (struct record_budget){ "intensity", "systematic", 420000 };
	t->budget[1] = (struct record_budget){ "rapl_gain", "systematic", 25000 };
	s[0] = (struct sample){ .tgid = 4711,
				.start_boottime_ns = 98765432100,
				.flags = JT_CELL_LINEAGE,
				.comm = "stress-ng-cpu",
				.name = "stress-ng-cpu",
				.cgroup = "/user.slice",
				.cpu_ns = 4600000000 };
	ticks_sample(&s[0], 12400000, 152, 5);
	s[1] = (struct sample){ .tgid = 4710,
				.start_boottime_ns = 98760000000,
				.flags = JT_CELL_LINEAGE,
				.comm = "stress-ng",
				.name = "stress-ng",
				.cgroup = "/user.slice",
				.cpu_ns = 1190000000 };
	ticks_sample(&s[1], 3090000, 38, 5);
	s[2] = (struct sample){ .tgid = 17,
				.start_boottime_ns = 20000000,
				.flags = JT_CELL_KTHREAD,
				.comm = "ksoftirqd/0",
				.name = "ksoftirqd/0",
				.cgroup = "/",
				.cpu_ns = 10000000 };
	ticks_sample(&s[2], 10000, 1, 5);
	t->sample = s;
	t->n_samples = 3;
	return t;
}

/* No zone, a model, gaps, losses, a breach, groups by cgroup, hostile and missing names. */
static struct tick *ticks_odd(void)
{
	static const char *const names[] = {
		"/kubepods/besteffort/pod0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9/container",
		"/evil\x1b[2J\n\"quoted\", name",
		"/not utf-8 \xff\xfe",
		"/\xe2\x80\xae"
		"reversed",
		"/zürich µ",
		NULL,
		"(overflow)",
		"/a",
		"/b",
		"/c",
		"/d",
		"/e",
	};
	struct tick *t = calloc(1, sizeof(*t));
	struct sample *s = calloc(12, sizeof(*s));

	ticks_common(t);
	t->by = RECORD_CGROUP;
	t->quality = ENERGY_MODELLED;
	t->n_domains = 1;
	t->domain[0] = (struct energy_domain){ .name = "package-0",
					       .source = "model of Intel(R) Xeon(R) Processor",
					       .kind = ENERGY_PACKAGE,
					       .parent = -1,
					       .counted = true };
	t->domain_quality[0] = ENERGY_MODELLED;
	t->domain_sum[0] = (struct shares_domain){ 60000000, 35000000, 24000000, 1000000 };
	t->host = t->domain_sum[0];
	t->host_energy = (struct quant_interval_u64)TICKS_INTERVAL(60000000, 38000000, 107000000);
	t->host_co2e = (struct quant_interval_u64)TICKS_INTERVAL(7883, 700, 19000);
	t->intensity = (struct intensity){ .zone = "WORLD",
					   .zone_name = "World",
					   .mg_per_kwh = 473000,
					   .low_mg_per_kwh = 44000,
					   .high_mg_per_kwh = 709000,
					   .kind = "average",
					   .boundary = "lifecycle",
					   .accounting = "production",
					   .year = 2024,
					   .source = "Ember",
					   .licence = "CC-BY-4.0",
					   .is_default = true,
					   .is_annual_mean = true };
	t->n_gaps = 4;
	for (int i = 0; i < 4; i++)
		t->gap[i] = (struct energy_gap){ .reason = i ? "reset" : "unreadable",
						 .from_us = INT64_C(1767225600000000) + i * 500000,
						 .to_us = INT64_C(1767225600200000) + i * 500000 };
	t->n_gaps_dropped = 2;
	t->losses = (struct usage_losses){ .n_no_cell = 12, .n_global = 1, .n_unflushed = 1 };
	t->conservation.time_ppm = 2100;
	t->conservation.cells_ppm = 1500;
	t->conservation.energy_uj = -3;
	t->conservation.n_breaches = 2;
	t->conservation.breached = true;
	t->books.gap_ns = -800000;
	for (size_t i = 0; i < 12; i++) {
		s[i] = (struct sample){ .kind = RECORD_CGROUP,
					.cgroup_id = i == 6 ? 0 : 1000 + i,
					.flags = i == 6	  ? JT_CELL_OVERFLOW
						 : i == 1 ? JT_CELL_V1_CGRP
						 : i == 0 ? JT_CELL_LINEAGE
							  : 0,
					.name = names[i],
					.cgroup = i == 6 ? NULL : names[i],
					.cpu_ns = 5000000000 >> i };
		ticks_sample(&s[i], 12000000 >> i, 1577 >> i, 40);
		s[i].energy.high += s[i].energy_uj / 2;
	}
	t->sample = s;
	t->n_samples = 12;
	return t;
}

/* What the meters would not say: no energy at all. */
static struct tick *ticks_missing(void)
{
	struct tick *t = ticks_plain();

	t->quality = ENERGY_MISSING;
	memset(&t->host, 0, sizeof(t->host));
	memset(t->domain_sum, 0, sizeof(t->domain_sum));
	memset(t->domain_quality, 0, sizeof(t->domain_quality));
	memset(&t->host_energy, 0, sizeof(t->host_energy));
	memset(&t->host_co2e, 0, sizeof(t->host_co2e));
	t->n_budget = 0;
	for (size_t i = 0; i < t->n_samples; i++)
		ticks_sample(&t->sample[i], 0, 0, 0);
	return t;
}

static void ticks_free(struct tick *t)
{
	free(t->sample);
	free(t);
}

#endif /* TESTS_UNIT_EXPORT_TICKS_H */
