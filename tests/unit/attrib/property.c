/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* property.c - what holds in any window, under every policy, weight and source of static power. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "attrib/attrib.h"
#include "unit/machine.h"

static struct machine m;
static const struct shares *s;

static struct attrib *attrib_of(enum method_idle_policy policy, enum method_static_power from)
{
	struct method method = METHOD_DEFAULT;
	struct attrib *a = NULL;

	method.idle_policy = policy;
	method.static_power = from;
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &method, &a), 0);
	return a;
}

/* machine_random(), and weights, reservations, users of domains, books, a clock that goes on. */
static void window_random(struct random_source *r, uint64_t index, bool huge)
{
	machine_random(&m, r);
	m.usage.window.begin_mono_ns += index * MACHINE_WINDOW_NS;
	m.usage.window.end_mono_ns += index * MACHINE_WINDOW_NS;
	m.usage.weight = (enum jt_weight)random_below(r, JT_WEIGHT_CYCLES + 1);
	for (size_t i = 0; i < m.usage.n_rows; i++)
		for (unsigned int p = 0; p < m.usage.n_packages; p++) {
			m.row[i].weight[p] = random_below(r, 3) ? random_below(r, 100000000) : 0;
			if (huge)
				m.row[i].weight[p] = random_any_size(r);
		}
	for (uint64_t n = random_below(r, 4); n > 0; n--) {
		struct usage_row *row = machine_row(&m, 0, 0, 0);

		row->cgroup_id = 100 + random_below(r, 7);
		row->flags = USAGE_ROW_RESERVED;
		row->reserved_ucpu = huge ? random_any_size(r) : random_below(r, 4000000);
	}
	for (uint64_t n = random_below(r, 6); n > 0 && m.energy.n_domains; n--)
		m.energy.use[m.energy.n_uses++] = (struct energy_use){
			.domain = (int)random_below(r, m.energy.n_domains),
			.tgid = 1 + (uint32_t)random_below(r, 30),
			.ppm = (uint32_t)random_below(r, 1000001),
		};
	for (unsigned int p = 0; p < m.usage.n_packages; p++)
		m.usage.package[p] = m.usage.books;
}

/* Everything that must add up, to the last microjoule; signed parts to nothing. */
static void check(int index)
{
	uint64_t rows_uj = 0, by_factor[SHARES_MAX_FACTORS] = { 0 };
	int64_t model_uj[SHARES_N_MODELS] = { 0 };
	double static_sd_uj = s->idle_static_sd_uj, size_uj = s->idle_static_sd_uj;

	for (size_t k = 0; k < s->n_rows; k++) {
		uint64_t parts = 0;

		for (size_t f = 0; f < SHARES_MAX_FACTORS; f++) {
			parts += s->rows[k].by_factor_uj[f];
			by_factor[f] += s->rows[k].by_factor_uj[f];
		}
		cr_assert_eq(parts, s->rows[k].energy_uj, "case %d row %zu", index, k);
		cr_assert(s->rows[k].attribution_sd_uj <= s->rows[k].spread_uj * (1 + 1e-9));
		rows_uj += s->rows[k].energy_uj;
		for (int i = 0; i < SHARES_N_MODELS; i++)
			model_uj[i] += s->rows[k].model_uj[i];
		static_sd_uj += s->rows[k].static_sd_uj;
		size_uj += fabs(s->rows[k].static_sd_uj);
	}
	for (int i = 0; i < SHARES_N_MODELS; i++)
		cr_assert_eq(model_uj[i], 0, "case %d: model %d", index, i);
	cr_assert_eq(rows_uj, s->host.attributed_uj, "case %d", index);
	cr_assert_eq(rows_uj + s->host.idle_uj + s->host.unattributed_uj, s->host.energy_uj,
		     "case %d", index);
	cr_assert_eq(s->host.energy_uj, energy_total_uj(&m.energy), "case %d", index);
	for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
		cr_assert(by_factor[f] + s->idle_by_factor_uj[f] <= s->host_by_factor_uj[f],
			  "case %d factor %zu", index, f);
	for (size_t d = 0; d < s->n_domains; d++) {
		const struct shares_domain *to = &s->domain[d];
		uint64_t reasons_uj = 0;

		cr_assert_eq(to->idle_uj + to->attributed_uj + to->unattributed_uj, to->energy_uj,
			     "case %d domain %zu", index, d);
		for (int i = 0; i < SHARES_N_REASONS; i++)
			reasons_uj += to->unattributed_by_uj[i];
		cr_assert_eq(reasons_uj, to->unattributed_uj, "case %d domain %zu", index, d);
		cr_assert(to->static_uj <= to->energy_uj && to->idle_uj <= to->static_uj);
		/* Where nobody has the dynamic part, nobody gains what idle loses. */
		static_sd_uj -= to->unattributed_uj ? INFINITY : 0;
	}
	if (isfinite(static_sd_uj))
		cr_assert(fabs(static_sd_uj) <= 1e-6 * size_uj + 1e-6, "case %d: %g of %g", index,
			  static_sd_uj, size_uj);
}

static void property(bool huge, uint64_t seed, int n_cases)
{
	struct random_source r = { .seed = seed };

	for (int how = 0; how < 9; how++) {
		struct attrib *a = attrib_of((enum method_idle_policy)(how % 3),
					     (enum method_static_power)(how / 3));

		for (int i = 0; i < n_cases; i++) {
			window_random(&r, (uint64_t)i, huge);
			cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0, "case %d", i);
			check(how * 100000 + i);
		}
		attrib_free(a);
	}
}

Test(property, conserves_every_microjoule_under_every_method)
{
	property(false, 80, getenv("LONG") ? 20000 : 500);
}

/* Weights of any size: what does not fit 64 bits is halved, and nothing is lost. */
Test(property, conserves_with_weights_that_overflow)
{
	property(true, 81, getenv("LONG") ? 20000 : 500);
}

/* Separate and proportional give consumers the same parts of what is attributed. */
Test(property, a_policy_of_use_changes_no_allocation_ratio)
{
	struct random_source r = { .seed = 82 };
	struct attrib *separate = attrib_of(METHOD_SEPARATE, METHOD_CALIBRATED);
	struct attrib *proportional = attrib_of(METHOD_PROPORTIONAL, METHOD_CALIBRATED);

	for (int i = 0; i < 300; i++) {
		uint64_t all = 1000000000, idle = random_below(&r, 900000000);
		double part[8];

		machine_init(&m, 1);
		for (uint32_t k = 0; k < 8; k++)
			machine_row(&m, 1 + k, 0, 1 + random_below(&r, 1000000));
		machine_domain(&m, 0, all, idle);
		cr_assert_eq(attrib_run(separate, &m.usage, &m.energy, &s), 0);
		for (int k = 0; k < 8; k++)
			part[k] = (double)s->rows[k].energy_uj / (double)s->host.attributed_uj;
		cr_assert_eq(attrib_run(proportional, &m.usage, &m.energy, &s), 0);
		cr_assert_eq(s->host.idle_uj, 0);
		for (int k = 0; k < 8; k++)
			cr_assert_float_eq(part[k], (double)s->rows[k].energy_uj / (double)all,
					   2e-8);
	}
	attrib_free(separate);
	attrib_free(proportional);
}
