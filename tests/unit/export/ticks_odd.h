/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ticks_odd.h - a fixed tick with all that can be odd in one. */
#ifndef TESTS_UNIT_EXPORT_TICKS_ODD_H
#define TESTS_UNIT_EXPORT_TICKS_ODD_H

#include "ticks.h"

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
	t->domain_sum[0] = (struct shares_domain){ .energy_uj = 60000000,
						   .idle_uj = 35000000,
						   .attributed_uj = 24000000,
						   .unattributed_uj = 1000000 };
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
	t->method.weight = JT_WEIGHT_SMT;
	t->method.idle_policy = METHOD_RESERVED;
	t->method.static_power = METHOD_LEARNT;
	t->host.unattributed_by_uj[SHARES_NOBODY_RAN] = t->host.unattributed_uj;
	t->domain_sum[0].static_from = SHARES_STATIC_LEARNT;
	t->host.static_uj = t->domain_sum[0].static_uj = 36000000;
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

#endif /* TESTS_UNIT_EXPORT_TICKS_ODD_H */
