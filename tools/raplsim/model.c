/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* model.c - see model.h. */
#include "raplsim/model.h"

#include <stdio.h>
#include <string.h>

#include "jouletrail/units.h"

#define PJ_PER_UJ 1000000

/* Of each part: own static power, share of its package's idle power, share of the dynamic part. */
static const struct {
	const char *zone;
	uint64_t static_mw;
	unsigned int idle_percent;
	unsigned int dynamic_percent;
} parts[] = {
	[MODEL_PACKAGE] = { NULL, 0, 100, 100 },  [MODEL_CORE] = { "core", 0, 5, 70 },
	[MODEL_UNCORE] = { "uncore", 0, 20, 10 }, [MODEL_DRAM] = { "dram", 2000, 0, 15 },
	[MODEL_PSYS] = { "psys", 5000, 0, 0 },
};

/* The n-th draw of the stream: any call gives the same, whatever was drawn before (splitmix64). */
static uint64_t draw(uint64_t seed, uint64_t stream, uint64_t n)
{
	uint64_t z =
		seed + stream * UINT64_C(0xd1342543de82ef95) + n * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static struct model_domain *add(struct model *m, enum model_part part,
				const struct model_counter *c)
{
	struct model_domain *d = &m->domain[m->n_domains];

	if (m->n_domains == MODEL_MAX_DOMAINS)
		return NULL;
	m->n_domains++;
	*d = (struct model_domain){ .part = part, .parent = -1, .counter = *c };
	return d;
}

/* "dram" in package-1-die-0 is labelled "dram-1-die-0". */
static void name_part(struct model_domain *d, const struct model_domain *package)
{
	snprintf(d->name, sizeof(d->name), "%s", parts[d->part].zone);
	snprintf(d->label, sizeof(d->label), "%.8s%.20s", d->name,
		 package->name + strlen("package"));
	d->package = package->package;
	d->die = package->die;
}

void model_add_domains(struct model *m, unsigned int wanted, const struct model_counter *c)
{
	struct model_domain *d;

	for (unsigned int p = 0; p < m->n_packages * m->n_dies; p++) {
		size_t package = m->n_domains;

		d = add(m, MODEL_PACKAGE, c);
		if (!d)
			return;
		d->package = (uint8_t)(p / m->n_dies);
		d->die = (uint8_t)(p % m->n_dies);
		if (m->n_dies > 1)
			snprintf(d->name, sizeof(d->name), "package-%u-die-%u", d->package, d->die);
		else
			snprintf(d->name, sizeof(d->name), "package-%u", d->package);
		memcpy(d->label, d->name, sizeof(d->label));
		for (enum model_part part = MODEL_CORE; part <= MODEL_DRAM; part++) {
			if (!(wanted & 1U << part))
				continue;
			d = add(m, part, c);
			if (!d)
				return;
			d->parent = (int)package;
			name_part(d, &m->domain[package]);
		}
	}
	d = wanted & 1U << MODEL_PSYS ? add(m, MODEL_PSYS, c) : NULL;
	if (d) {
		snprintf(d->name, sizeof(d->name), "psys");
		snprintf(d->label, sizeof(d->label), "psys");
	}
}

int model_open(struct model *m, uint64_t now_mono_ns)
{
	m->began_ns = m->before_ns = m->now_ns = now_mono_ns;
	m->cpu.n_packages = m->n_packages;
	for (size_t i = 0; i < m->n_domains; i++) {
		struct model_domain *d = &m->domain[i];

		/* Somewhere in the range, as a machine that has been up for a while. */
		d->offset_pj =
			(model_pj)(draw(m->seed, i, 0) % (d->counter.range_uj + 1)) * PJ_PER_UJ;
		d->offset_pj -= d->offset_pj % ((model_pj)d->counter.step_uj * PJ_PER_UJ);
	}
	return cputime_open(&m->cpu, now_mono_ns);
}

void model_close(struct model *m)
{
	cputime_close(&m->cpu);
}

/* Dynamic energy of each package since the start, by what its CPUs and the consumers ran. */
static void advance_packages(struct model *m)
{
	const struct cputime *c = &m->cpu;
	uint64_t busy_ns = 0;

	for (unsigned int p = 0; p < m->n_packages; p++)
		busy_ns += c->package_ns[p];
	for (unsigned int p = 0; p < m->n_packages; p++) {
		model_pj pj = (model_pj)c->package_ns[p] * m->default_mw;

		/* Where a consumer ran is not known: on each package in proportion. */
		for (size_t i = 0; i < c->n_consumers && busy_ns; i++)
			pj += ((model_pj)c->consumer[i].mw - m->default_mw) *
			      (model_pj)c->consumer[i].cpu_ns * c->package_ns[p] / busy_ns;
		/* A consumer's time may be known before the CPU's: power is never negative. */
		if (pj > m->dynamic_pj[p])
			m->dynamic_pj[p] = pj;
	}
}

static model_pj drawn_by(const struct model *m, const struct model_domain *d)
{
	model_pj elapsed_ns = (model_pj)(m->now_ns - m->began_ns);
	model_pj mw = parts[d->part].static_mw +
		      m->idle_mw * parts[d->part].idle_percent / 100 / m->n_dies;
	model_pj pj = elapsed_ns * mw;

	if (d->part != MODEL_PSYS)
		return pj +
		       m->dynamic_pj[d->package] * parts[d->part].dynamic_percent / 100 / m->n_dies;
	for (size_t i = 0; i < m->n_domains; i++)
		if (m->domain[i].part == MODEL_PACKAGE || m->domain[i].part == MODEL_DRAM)
			pj += drawn_by(m, &m->domain[i]);
	return pj;
}

static uint64_t update_instant(const struct model *m, size_t i, uint64_t index)
{
	const struct model_counter *c = &m->domain[i].counter;
	uint64_t late_ns = c->jitter_ns ? draw(m->seed, 1000 + i, index) % (c->jitter_ns + 1) : 0;

	return index * c->update_ns + late_ns;
}

/*
 * The counter at its last update, power taken as constant between the model's two moments. It
 * reads energy that was drawn before, never after.
 */
static void advance_counter(struct model *m, size_t i)
{
	struct model_domain *d = &m->domain[i];
	uint64_t from_ns = m->before_ns - m->began_ns, to_ns = m->now_ns - m->began_ns;
	uint64_t index = to_ns / d->counter.update_ns, at_ns;
	model_pj truth_pj, step_pj;

	if (index && update_instant(m, i, index) > to_ns)
		index--;
	at_ns = update_instant(m, i, index);
	if (index <= d->updated_index || at_ns < from_ns)
		return;
	truth_pj = d->before_pj;
	if (to_ns > from_ns)
		truth_pj += (d->drawn_pj - d->before_pj) * (model_pj)(at_ns - from_ns) /
			    (model_pj)(to_ns - from_ns);
	step_pj = truth_pj - d->updated_pj;
	if (d->counter.noise_ppm) {
		uint64_t width = 2 * d->counter.noise_ppm + 1;
		int64_t ppm = (int64_t)(draw(m->seed, 2000 + i, index) % width) -
			      (int64_t)d->counter.noise_ppm;

		step_pj += step_pj * ppm / (model_pj)JT_PPM_PER_1;
	}
	if (step_pj > 0)
		d->shown_pj += step_pj;
	d->updated_pj = truth_pj;
	d->updated_index = index;
}

void model_advance(struct model *m, uint64_t now_mono_ns)
{
	if (now_mono_ns <= m->now_ns)
		return;
	cputime_read(&m->cpu, now_mono_ns);
	m->before_ns = m->now_ns;
	m->now_ns = now_mono_ns;
	advance_packages(m);
	for (size_t i = 0; i < m->n_domains; i++) {
		m->domain[i].before_pj = m->domain[i].drawn_pj;
		m->domain[i].drawn_pj = drawn_by(m, &m->domain[i]);
		advance_counter(m, i);
	}
}

static uint64_t period_uj(const struct model_counter *c)
{
	return c->range_uj + c->step_uj;
}

/* Where the counter would be if it had never gone round. */
static uint64_t position_uj(const struct model_domain *d)
{
	uint64_t uj = model_uj(d->offset_pj + d->shown_pj);

	return uj - uj % d->counter.step_uj;
}

uint64_t model_counter_uj(const struct model_domain *d)
{
	return position_uj(d) % period_uj(&d->counter);
}

uint64_t model_unwrapped_uj(const struct model_domain *d)
{
	/* A counter that was reset has a negative offset. */
	return model_uj((model_pj)position_uj(d) * PJ_PER_UJ - d->offset_pj);
}

uint64_t model_n_wraps(const struct model_domain *d)
{
	return position_uj(d) / period_uj(&d->counter);
}

uint64_t model_energy_uj(const struct model *m, uint64_t cpu_ns, uint64_t mw)
{
	unsigned int percent = parts[MODEL_PACKAGE].dynamic_percent;

	for (size_t i = 0; i < m->n_domains; i++)
		if (m->domain[i].part == MODEL_DRAM) {
			percent += parts[MODEL_DRAM].dynamic_percent;
			break;
		}
	return model_uj((model_pj)cpu_ns * mw * percent / 100);
}

int model_find(const struct model *m, const char *label)
{
	for (size_t i = 0; i < m->n_domains; i++)
		if (!strcmp(m->domain[i].label, label))
			return (int)i;
	return -1;
}
