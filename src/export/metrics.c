/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics.c - see metrics.h: ticks are added up. */
#include "export/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "export/export.h"
#include "export/metrics_parts.h"

DEFINE_CLEANUP(struct metrics *, metrics_free)

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		metrics_series_free(&m->series[i]);
	free(m->series);
	for (enum metrics_name k = 0; k < METRICS_N_NAMES; k++) {
		free(m->slot[k]);
		buf_free(&m->sought[k]);
	}
	free(m);
}

int metrics_new(size_t max_series, const char *version, struct metrics **ret)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->version = version;
	m->max = max_series;
	for (m->n_slots = 16; m->n_slots < 2 * max_series;)
		m->n_slots *= 2;
	m->series = calloc(max_series, sizeof(*m->series));
	for (enum metrics_name k = 0; k < METRICS_N_NAMES; k++)
		m->slot[k] = calloc(m->n_slots, sizeof(*m->slot[k]));
	if (!m->series || !m->slot[METRICS_KEY] || !m->slot[METRICS_LABELS])
		return -ENOMEM;
	*ret = TAKE_PTR(m);
	return 0;
}

static void add_interval(struct metrics_amounts *to, enum metrics_amount value,
			 const struct quant_interval_u64 *i)
{
	metrics_amount_add(to, value, i->value);
	metrics_amount_add(to, value + 1, i->low);
	metrics_amount_add(to, value + 2, i->high);
}

static void add_host(struct metrics *m, const struct tick *t)
{
	if (!export_has_energy(t))
		return;
	add_interval(&m->host, METRICS_ENERGY_UJ, &t->host_energy);
	add_interval(&m->host, METRICS_CO2E_UG, &t->host_co2e);
	add_interval(&m->idle, METRICS_ENERGY_UJ, &t->idle_energy);
	add_interval(&m->idle, METRICS_CO2E_UG, &t->idle_co2e);
	/* No interval is made of it, and so none is shown. */
	metrics_amount_add(&m->unattributed, METRICS_ENERGY_UJ, t->host.unattributed_uj);
	metrics_amount_add(&m->unattributed, METRICS_CO2E_UG, t->unattributed_co2e_ug);
}

/* Our part of what the consumers used, by CPU time: no consumer of its own under every --by. */
static void add_self(struct metrics *m, const struct tick *t)
{
	unsigned __int128 energy_uj = 0, cpu_ns = 0;

	if (!export_has_energy(t))
		return;
	for (size_t i = 0; i < t->n_samples; i++) {
		energy_uj += t->sample[i].energy.value;
		cpu_ns += t->sample[i].cpu_ns;
	}
	if (cpu_ns >= t->self_cpu_ns && cpu_ns > 0)
		metrics_amount_add(&m->self, METRICS_ENERGY_UJ,
				   (uint64_t)(energy_uj * t->self_cpu_ns / cpu_ns));
}

/* A tick belongs to the day of its end. */
static void add_day(struct metrics *m, const struct tick *t)
{
	const time_t end_s = (time_t)(t->window.end_real_us / (int64_t)JT_US_PER_S);
	struct metrics_day *d = &m->day;
	struct tm tm;

	if (!localtime_r(&end_s, &tm))
		return;
	if (m->sums.n_ticks == 0 || tm.tm_yday != d->yday || tm.tm_year != d->year)
		*d = (struct metrics_day){ .year = tm.tm_year,
					   .yday = tm.tm_yday,
					   .begin_real_us = t->window.begin_real_us };
	if (!export_has_energy(t))
		return;
	add_interval(&d->sum, METRICS_ENERGY_UJ, &t->host_energy);
	add_interval(&d->sum, METRICS_CO2E_UG, &t->host_co2e);
}

/* Domains are the same in all ticks of a run. */
static void add_domains(struct metrics *m, const struct tick *t)
{
	m->n_domains = t->n_domains;
	for (size_t i = 0; i < t->n_domains; i++) {
		m->domain[i] = t->domain[i];
		if (t->domain_quality[i] != ENERGY_MISSING || t->domain_sum[i].energy_uj > 0)
			metrics_amount_add(&m->domain_sum[i], METRICS_ENERGY_UJ,
					   t->domain_sum[i].energy_uj);
	}
}

static void add_consumers(struct metrics *m, const struct tick *t)
{
	bool known = export_has_energy(t);

	m->swept = false;
	for (size_t i = 0; i < t->n_samples; i++) {
		const struct sample *s = &t->sample[i];
		struct metrics_amounts *a = metrics_consumer(m, s, t->window.end_mono_ns);

		metrics_amount_add(a, METRICS_CPU_NS, s->cpu_ns);
		if (!known)
			continue;
		add_interval(a, METRICS_ENERGY_UJ, &s->energy);
		add_interval(a, METRICS_CO2E_UG, &s->co2e);
	}
	metrics_evict(m, METRICS_KEEP_NS, t->window.end_mono_ns);
}

static void add_sums(struct metrics_sums *to, const struct tick *t)
{
	uint64_t length_ns = window_length_ns(&t->window);

	to->n_ticks++;
	to->n_windows += t->n_windows;
	to->accounted_ns += length_ns;
	if (t->quality == ENERGY_MISSING)
		to->missing_ns += length_ns;
	to->self_cpu_ns += t->self_cpu_ns;
	to->task_ns += t->books.task_ns;
	to->idle_ns += t->books.idle_ns;
	to->excluded_ns += t->books.excluded_ns;
	to->n_missed += t->books.n_missed;
	to->n_forgotten += t->n_forgotten;
	to->n_gaps += t->n_gaps + t->n_gaps_dropped;
	to->n_breaches += t->conservation.n_breaches;
	usage_losses_add(&to->losses, &t->losses);
	record_audit_add(&to->audit, &t->audit);
}

int metrics_add(struct metrics *m, const struct tick *t, const struct metrics_state *s)
{
	add_host(m, t);
	add_domains(m, t);
	add_consumers(m, t);
	add_self(m, t);
	add_day(m, t);
	add_sums(&m->sums, t);
	m->last = (struct metrics_last){
		.end_real_us = t->window.end_real_us,
		.length_ns = window_length_ns(&t->window),
		.power_uw = jt_mean_power_uw(t->host.energy_uj, window_length_ns(&t->window)),
		.has_energy = export_has_energy(t),
		.by = t->by,
		.quality = t->quality,
		.conservation = t->conservation,
		.intensity = t->intensity,
		.method = t->method,
		.uncertainty = t->uncertainty,
	};
	m->state = *s;
	return m->sought[METRICS_KEY].err ? m->sought[METRICS_KEY].err
					  : m->sought[METRICS_LABELS].err;
}
