/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ticks_plain.h - a fixed tick as it should be, and the same without any energy. */
#ifndef TESTS_UNIT_EXPORT_TICKS_PLAIN_H
#define TESTS_UNIT_EXPORT_TICKS_PLAIN_H

#include "ticks.h"

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
	t->domain_sum[0] = (struct shares_domain){ .energy_uj = 38000000,
						   .idle_uj = 24000000,
						   .attributed_uj = 14000000,
						   .static_uj = 24000000,
						   .static_sd_uj = 1224000,
						   .static_from = SHARES_STATIC_CALIBRATION };
	t->domain_sum[1] = (struct shares_domain){ .energy_uj = 20000000 };
	t->domain_sum[2] = (struct shares_domain){ .energy_uj = 3200000,
						   .idle_uj = 1700000,
						   .attributed_uj = 1500000 };
	t->host = (struct shares_domain){ .energy_uj = 41200000,
					  .idle_uj = 25700000,
					  .attributed_uj = 15500000,
					  .static_uj = 25700000 };
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
	t->budget[0] =
		(struct record_budget){ "intensity", "systematic", 420000, 350000, 490000, false };
	t->budget[1] =
		(struct record_budget){ "rapl_gain", "systematic", 25000, 25000, 25000, true };
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

#endif /* TESTS_UNIT_EXPORT_TICKS_PLAIN_H */
