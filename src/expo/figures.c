/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures.c - see figures.h: a text is read. */
#include "expo/figures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"

/* More than a tracer has. */
#define MAX_SERIES (1U << 20)

static const char *const amount_names[FIGURES_N_AMOUNTS] = {
	[FIGURES_ENERGY_J] = "jouletrail_energy_joules_total",
	[FIGURES_CO2E_G] = "jouletrail_co2e_grams_total",
	[FIGURES_CPU_S] = "jouletrail_cpu_seconds_total",
};

static const struct {
	const char *name;
	size_t offset; /* into struct figures_host, double */
} host_names[] = {
#define HOST(field_) offsetof(struct figures_host, field_)
	{ "jouletrail_ticks_total", HOST(n_ticks) },
	{ "jouletrail_accounted_seconds_total", HOST(accounted_s) },
	{ "jouletrail_host_energy_joules_total", HOST(energy_j[0]) },
	{ "jouletrail_host_energy_low_joules_total", HOST(energy_j[1]) },
	{ "jouletrail_host_energy_high_joules_total", HOST(energy_j[2]) },
	{ "jouletrail_host_co2e_grams_total", HOST(co2e_g[0]) },
	{ "jouletrail_host_co2e_low_grams_total", HOST(co2e_g[1]) },
	{ "jouletrail_host_co2e_high_grams_total", HOST(co2e_g[2]) },
	{ "jouletrail_evicted_energy_joules_total", HOST(evicted[FIGURES_ENERGY_J]) },
	{ "jouletrail_evicted_co2e_grams_total", HOST(evicted[FIGURES_CO2E_G]) },
	{ "jouletrail_evicted_cpu_seconds_total", HOST(evicted[FIGURES_CPU_S]) },
	{ "jouletrail_self_cpu_seconds_total", HOST(self_cpu_s) },
	{ "jouletrail_self_energy_joules_total", HOST(self_energy_j) },
	{ "jouletrail_host_power_watts", HOST(power_w) },
	{ "jouletrail_energy_quality", HOST(quality) },
	{ "jouletrail_last_tick_seconds", HOST(tick_s) },
	{ "jouletrail_last_tick_timestamp_seconds", HOST(tick_end_s) },
	{ "jouletrail_intensity_grams_per_kwh", HOST(intensity_g_per_kwh[0]) },
	{ "jouletrail_intensity_low_grams_per_kwh", HOST(intensity_g_per_kwh[1]) },
	{ "jouletrail_intensity_high_grams_per_kwh", HOST(intensity_g_per_kwh[2]) },
	{ "jouletrail_today_energy_joules", HOST(today_energy_j[0]) },
	{ "jouletrail_today_energy_low_joules", HOST(today_energy_j[1]) },
	{ "jouletrail_today_energy_high_joules", HOST(today_energy_j[2]) },
	{ "jouletrail_today_co2e_grams", HOST(today_co2e_g[0]) },
	{ "jouletrail_today_co2e_low_grams", HOST(today_co2e_g[1]) },
	{ "jouletrail_today_co2e_high_grams", HOST(today_co2e_g[2]) },
	{ "jouletrail_today_since_timestamp_seconds", HOST(today_since_s) },
#undef HOST
};

static uint32_t *slot_of(const struct figures *f, struct exposition_text labels)
{
	uint64_t hash = fnv_add(FNV_BEGIN, labels.data, labels.len);

	for (size_t i = hash & (f->n_slots - 1);; i = (i + 1) & (f->n_slots - 1)) {
		uint32_t *slot = &f->slot[i];
		const struct exposition_text *there;

		if (*slot == 0)
			return slot;
		there = &f->series[*slot - 1].labels;
		if (there->len == labels.len && memcmp(there->data, labels.data, labels.len) == 0)
			return slot;
	}
}

/* Twice as many, and slots for them. */
static int grow(struct figures *f)
{
	size_t capacity = f->capacity ? 2 * f->capacity : 64;
	struct figures_series *series;
	uint32_t *slot;

	if (capacity > MAX_SERIES)
		return -EINVAL;
	series = reallocarray(f->series, capacity, sizeof(*series));
	if (!series)
		return -ENOMEM;
	f->series = series;
	slot = calloc(2 * capacity, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(f->slot);
	f->slot = slot;
	f->n_slots = 2 * capacity;
	f->capacity = capacity;
	for (size_t i = 0; i < f->n; i++)
		*slot_of(f, series[i].labels) = (uint32_t)i + 1;
	return 0;
}

static int take_amount(struct figures *f, enum figures_amount what,
		       const struct exposition_sample *s)
{
	int err = f->n == f->capacity ? grow(f) : 0;
	uint32_t *slot;

	if (err)
		return err;
	slot = slot_of(f, s->labels);
	if (!*slot) {
		f->series[f->n++] = (struct figures_series){ s->labels, { NAN, NAN, NAN } };
		*slot = (uint32_t)f->n;
	}
	f->series[*slot - 1].amount[what] = s->value;
	return 0;
}

static int take_sample(struct figures *f, const struct exposition_sample *s)
{
	for (enum figures_amount what = 0; what < FIGURES_N_AMOUNTS; what++)
		if (exposition_is(s->name, amount_names[what]))
			return take_amount(f, what, s);
	for (size_t i = 0; i < sizeof(host_names) / sizeof(host_names[0]); i++)
		if (exposition_is(s->name, host_names[i].name))
			memcpy((char *)&f->host + host_names[i].offset, &s->value,
			       sizeof(s->value));
	if (exposition_is(s->name, "jouletrail_intensity_grams_per_kwh"))
		f->intensity_labels = s->labels;
	if (exposition_is(s->name, "jouletrail_build_info"))
		f->version_labels = s->labels;
	return 0;
}

int figures_read(struct figures *f)
{
	struct exposition e = { .rest = { f->text.data, f->text.len } };
	struct exposition_sample s;
	int got, err = 0;

	f->n = 0;
	if (f->slot)
		memset(f->slot, 0, f->n_slots * sizeof(*f->slot));
	f->intensity_labels = f->version_labels = (struct exposition_text){ NULL, 0 };
	for (size_t i = 0; i < sizeof(host_names) / sizeof(host_names[0]); i++)
		memcpy((char *)&f->host + host_names[i].offset, &(double){ NAN }, sizeof(double));
	while ((got = exposition_next(&e, &s)) > 0 && !err)
		err = take_sample(f, &s);
	return err ? err : got;
}

const struct figures_series *figures_find(const struct figures *f, struct exposition_text labels)
{
	uint32_t slot = f->n_slots ? *slot_of(f, labels) : 0;

	return slot ? &f->series[slot - 1] : NULL;
}

void figures_free(struct figures *f)
{
	buf_free(&f->text);
	free(f->series);
	free(f->slot);
	*f = (struct figures){ .n = 0 };
}
