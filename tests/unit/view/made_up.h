/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* made_up.h - ticks of made-up processes whose sums close, for the tests of view/. */
#ifndef TESTS_UNIT_VIEW_MADE_UP_H
#define TESTS_UNIT_VIEW_MADE_UP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types/record.h"
#include "unit/random.h"

#define MADE_UP_NAME 64

struct made_up {
	struct tick tick;
	struct sample *sample;
	char (*name)[MADE_UP_NAME];
	size_t room;
};

static inline struct made_up *made_up_new(size_t room)
{
	struct made_up *m = calloc(1, sizeof(*m));

	m->sample = calloc(room + 1, sizeof(*m->sample));
	m->name = calloc(room + 1, sizeof(*m->name));
	m->room = room;
	m->tick.sample = m->sample;
	m->tick.quality = ENERGY_MODELLED;
	m->tick.n_cpus = 2;
	m->tick.intensity = (struct intensity){ .zone = "FR",
						.zone_name = "France",
						.mg_per_kwh = 44200,
						.low_mg_per_kwh = 22000,
						.high_mg_per_kwh = 116000,
						.year = 2024,
						.is_annual_mean = true };
	m->tick.window.end_mono_ns = JT_NS_PER_S;
	return m;
}

static inline void made_up_free(struct made_up *m)
{
	free(m->sample);
	free(m->name);
	free(m);
}

/* A process more in this window; name is copied. */
static inline struct sample *made_up_process(struct made_up *m, uint32_t tgid, const char *name,
					     uint64_t energy_uj)
{
	size_t i = m->tick.n_samples++;
	struct sample *s = &m->sample[i];

	snprintf(m->name[i], MADE_UP_NAME, "%s", name);
	*s = (struct sample){ .kind = RECORD_PROCESS,
			      .tgid = tgid,
			      .start_boottime_ns = 1000 + tgid,
			      .name = m->name[i],
			      .quality = ENERGY_MODELLED,
			      .cpu_ns = energy_uj % 10000000,
			      .energy_uj = energy_uj,
			      .co2e_ug = energy_uj / 1000,
			      .energy = { energy_uj, energy_uj / 2, energy_uj * 2 },
			      .co2e = { energy_uj / 1000, energy_uj / 3000, energy_uj / 400 } };
	return s;
}

/* The window's sums, and the next second; samples are the caller's to fill again. */
static inline void made_up_close(struct made_up *m, uint64_t idle_uj, uint64_t unattributed_uj)
{
	struct tick *t = &m->tick;
	uint64_t co2e_ug = 0;

	t->window.begin_mono_ns = t->window.end_mono_ns;
	t->window.end_mono_ns += JT_NS_PER_S;
	t->host.attributed_uj = 0;
	t->books.task_ns = 0;
	for (size_t i = 0; i < t->n_samples; i++) {
		t->host.attributed_uj += m->sample[i].energy_uj;
		t->books.task_ns += m->sample[i].cpu_ns;
		co2e_ug += m->sample[i].co2e_ug;
	}
	t->host.idle_uj = idle_uj;
	t->host.unattributed_uj = unattributed_uj;
	t->host.energy_uj = t->host.attributed_uj + idle_uj + unattributed_uj;
	t->idle_co2e_ug = idle_uj / 1000;
	t->unattributed_co2e_ug = unattributed_uj / 1000;
	co2e_ug += t->idle_co2e_ug + t->unattributed_co2e_ug;
	t->host_energy = (struct quant_interval_u64){ t->host.energy_uj, t->host.energy_uj / 2,
						      t->host.energy_uj * 2 };
	t->host_co2e = (struct quant_interval_u64){ co2e_ug, co2e_ug / 3, co2e_ug * 3 };
}

/* A window of up to n processes of any size, some of which were there before. */
static inline void made_up_any(struct made_up *m, struct random_source *r, size_t n)
{
	char name[MADE_UP_NAME];

	m->tick.n_samples = 0;
	for (uint32_t i = 1; i <= n && i <= m->room; i++) {
		if (random_below(r, 4) == 0)
			continue;
		snprintf(name, sizeof(name), "name %u", i);
		made_up_process(m, i, name, random_any_size(r) >> 30);
	}
	made_up_close(m, random_any_size(r) >> 30, random_any_size(r) >> 34);
}

#endif /* TESTS_UNIT_VIEW_MADE_UP_H */
