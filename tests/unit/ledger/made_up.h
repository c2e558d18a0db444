/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* made_up.h - ticks that add up, with names as hostile as Linux lets them be. */
#ifndef TESTS_MADE_UP_H
#define TESTS_MADE_UP_H

#include <string.h>

#include "types/record.h"

#define MADE_UP_SAMPLES 4

/* A tick points into it. */
struct made_up {
	struct tick tick;
	struct sample sample[MADE_UP_SAMPLES];
};

static inline void made_up_sample(struct sample *s, uint64_t i)
{
	static const char *const comms[] = { "sh", "a\nb\"c\\d", "\xff\xfe", "\xc3\xa9t\xc3\xa9" };
	static const char *const cgroups[] = { "/", "/user.slice", "/\x80half\"", NULL };

	*s = (struct sample){
		.kind = i == 3 ? RECORD_CGROUP : RECORD_PROCESS,
		.tgid = 100 + (uint32_t)i,
		.uid = 1000,
		.start_boottime_ns = UINT64_C(9007199254740993) + i,
		.cgroup_id = UINT64_MAX - i,
		.flags = i == 1 ? JT_CELL_LINEAGE | JT_CELL_KTHREAD : 0,
		.name = i == 2 ? NULL : "a name",
		.cgroup = cgroups[i],
		.cpu_ns = 1000000 * (i + 1),
		.energy_uj = 250000 + i,
		.co2e_ug = 33 + i,
	};
	strncpy(s->comm, comms[i], sizeof(s->comm) - 1);
	s->energy = (struct quant_interval_u64){ s->energy_uj, s->energy_uj - 9, s->energy_uj + 9 };
	s->co2e = (struct quant_interval_u64){ s->co2e_ug, s->co2e_ug - 9, s->co2e_ug + 9 };
}

static inline const struct intensity *made_up_intensity(void)
{
	static const struct intensity intensity = {
		.zone = "FR",
		.zone_name = "France",
		.mg_per_kwh = 44200,
		.low_mg_per_kwh = 22000,
		.high_mg_per_kwh = 116000,
		.kind = "average",
		.boundary = "lifecycle",
		.accounting = "production",
		.year = 2024,
		.source = "made up",
		.licence = "none",
		.is_annual_mean = true,
	};

	return &intensity;
}

static inline void made_up_domain(struct tick *t)
{
	struct energy_domain *d = &t->domain[t->n_domains];

	strcpy(d->name, "package-0");
	strcpy(d->source, "powercap intel-rapl:0");
	d->kind = ENERGY_PACKAGE;
	d->parent = -1;
	d->counted = true;
	t->domain_sum[t->n_domains] = t->host;
	t->domain_quality[t->n_domains] = ENERGY_MEASURED;
	t->n_domains++;
}

static inline const struct tick *made_up_tick(struct made_up *m, uint64_t index)
{
	struct tick *t = &m->tick;

	memset(m, 0, sizeof(*m));
	t->window = (struct window){ index, index * 1000000000, (index + 1) * 1000000000,
				     (int64_t)index * 1000000, ((int64_t)index + 1) * 1000000 };
	t->n_windows = t->n_cpus = t->n_packages = 1;
	t->n_samples = MADE_UP_SAMPLES;
	t->sample = m->sample;
	t->host = (struct shares_domain){ .idle_uj = 500000 + index, .unattributed_uj = 7 };
	t->idle_co2e_ug = 60;
	t->unattributed_co2e_ug = 1;
	t->host_co2e.value = 61;
	for (uint64_t i = 0; i < t->n_samples; i++) {
		made_up_sample(&m->sample[i], i);
		t->host.attributed_uj += m->sample[i].energy_uj;
		t->host_co2e.value += m->sample[i].co2e_ug;
	}
	t->host.energy_uj = t->host.idle_uj + t->host.attributed_uj + t->host.unattributed_uj;
	t->host_energy = (struct quant_interval_u64){ t->host.energy_uj, t->host.energy_uj / 2,
						      t->host.energy_uj * 2 };
	t->host_co2e.low = t->host_co2e.value / 2;
	t->host_co2e.high = t->host_co2e.value * 2;
	t->quality = ENERGY_MEASURED;
	made_up_domain(t);
	t->books.gap_ns = -5;
	t->intensity = *made_up_intensity();
	t->method = (struct method)METHOD_DEFAULT;
	t->uncertainty = "analytical_truncated";
	t->n_budget = 1;
	t->budget[0] =
		(struct record_budget){ "rapl_gain", "systematic", 20000, 20000, 20000, true };
	t->n_gaps = 1;
	t->gap[0] = (struct energy_gap){ 0, "reset", 1, 2 };
	return t;
}

#endif /* TESTS_MADE_UP_H */
