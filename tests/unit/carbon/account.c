/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.c - what must hold of any ticks: exact sums, no matter the order, no matter the cuts. */
#include <criterion/criterion.h>
#include <math.h>

#include "unit/machine.h"
#include "attrib/attrib.h"
#include "carbon/carbon.h"

static struct machine m;
static struct attrib *a;

static void setup(void)
{
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &(struct method)METHOD_DEFAULT, &a), 0);
}

static void teardown(void)
{
	attrib_free(a);
}

TestSuite(account, .init = setup, .fini = teardown);

static struct carbon *new_carbon(enum record_kind by)
{
	const struct carbon_options o = { .by = by, .keep_total = true };
	struct carbon *c;

	cr_assert_eq(carbon_new(&o, &c), 0);
	return c;
}

static void add(struct carbon *c, struct machine *of, const struct intensity *i)
{
	const struct shares *s;

	cr_assert_eq(attrib_run(a, &of->usage, &of->energy, &s), 0);
	cr_assert_eq(carbon_run(c, &of->usage, &of->energy, s, i), 0);
}

static void check_interval(const struct quant_interval_u64 *i, uint64_t value, int index)
{
	cr_assert_eq(i->value, value, "case %d", index);
	cr_assert(i->low <= value && value <= i->high, "case %d: %lu <= %lu <= %lu", index, i->low,
		  value, i->high);
}

/* Σ samples + idle + unattributed = host, of energy and of co2e, to the last unit. */
static void check_sums(const struct tick *t, int index)
{
	uint64_t energy = t->host.idle_uj + t->host.unattributed_uj;
	uint64_t co2e = t->idle_co2e_ug + t->unattributed_co2e_ug;

	for (size_t i = 0; i < t->n_samples; i++) {
		const struct sample *s = &t->sample[i];

		energy += s->energy_uj;
		co2e += s->co2e_ug;
		check_interval(&s->energy, s->energy_uj, index);
		check_interval(&s->co2e, s->co2e_ug, index);
		cr_assert(s->co2e_ug <= jt_product_to_ug(s->product) + 1, "case %d", index);
		cr_assert(s->co2e_ug >= jt_product_to_ug(s->product), "case %d", index);
		cr_assert(i == 0 || s->energy_uj <= t->sample[i - 1].energy_uj, "case %d", index);
		cr_assert(s->cpu_ns > 0 || s->energy_uj > 0, "case %d", index);
	}
	cr_assert_eq(energy, t->host.energy_uj, "case %d: %lu of %lu uJ", index, energy,
		     t->host.energy_uj);
	cr_assert_eq(co2e, t->host_co2e.value, "case %d: %lu of %lu ug", index, co2e,
		     t->host_co2e.value);
	check_interval(&t->host_energy, t->host.energy_uj, index);
	check_interval(&t->idle_energy, t->host.idle_uj, index);
	check_interval(&t->idle_co2e, t->idle_co2e_ug, index);
	cr_assert_not(t->conservation.breached, "case %d", index);
	cr_assert(t->n_budget <= RECORD_MAX_BUDGET);
}

static struct intensity any_intensity(struct random_source *r)
{
	struct intensity i = machine_france();

	i.mg_per_kwh = 1 + random_below(r, 1500000);
	i.low_mg_per_kwh = 1 + random_below(r, i.mg_per_kwh);
	i.high_mg_per_kwh = i.mg_per_kwh + random_below(r, 1500000);
	i.is_annual_mean = random_below(r, 2);
	return i;
}

static bool near(double x, double y, double by)
{
	return fabs(x - y) <= by;
}

/* What samples carry besides their value: all of it adds up over ticks. */
struct parts {
	double attribution_sd_uj;
	double spread_uj;
	double random_var_uj2;
	double by_factor_uj;
	uint64_t cpu_ns;
	jt_product product;
};

static void add_parts(struct parts *p, const struct tick *t)
{
	for (size_t i = 0; i < t->n_samples; i++) {
		const struct sample *s = &t->sample[i];

		p->attribution_sd_uj += s->attribution_sd_uj;
		p->spread_uj += s->spread_uj;
		p->random_var_uj2 += s->random_var_uj2;
		for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
			p->by_factor_uj += (double)s->by_factor_uj[f];
		p->cpu_ns += s->cpu_ns;
		p->product += s->product;
	}
}

static void check_parts(const struct parts *sum, const struct tick *total, int index)
{
	struct parts p = { 0 };

	add_parts(&p, total);
	cr_assert(near(p.attribution_sd_uj, sum->attribution_sd_uj, 1e-9 * sum->attribution_sd_uj),
		  "case %d", index);
	cr_assert(near(p.spread_uj, sum->spread_uj, 1e-9 * sum->spread_uj), "case %d", index);
	cr_assert(near(p.random_var_uj2, sum->random_var_uj2, 1e-9 * sum->random_var_uj2),
		  "case %d", index);
	cr_assert(near(p.by_factor_uj, sum->by_factor_uj, 1e-9 * sum->by_factor_uj), "case %d",
		  index);
	cr_assert_eq(p.cpu_ns, sum->cpu_ns, "case %d", index);
	cr_assert(p.product == sum->product, "case %d", index);
}

Test(account, ticks_and_totals_add_up_exactly)
{
	struct random_source r = { .seed = 40 };

	for (int index = 0; index < 1500; index++) {
		struct carbon *c = new_carbon((enum record_kind)random_below(&r, 2));
		struct parts parts = { 0 };
		uint64_t host_uj = 0;
		struct tick *t;

		for (size_t ticks = 1 + random_below(&r, 3); ticks > 0; ticks--) {
			for (size_t n = 1 + random_below(&r, 4); n > 0; n--) {
				struct intensity i = any_intensity(&r);

				machine_random(&m, &r);
				add(c, &m, &i);
			}
			cr_assert_eq(carbon_close(c, &t), 0);
			check_sums(t, index);
			host_uj += t->host.energy_uj;
			add_parts(&parts, t);
		}
		cr_assert_eq(carbon_total(c, &t), 0);
		check_sums(t, index);
		cr_assert_eq(t->host.energy_uj, host_uj, "case %d", index);
		check_parts(&parts, t, index);
		carbon_free(c);
	}
}

static void shuffle(struct machine *of, struct random_source *r)
{
	for (size_t i = of->usage.n_rows; i > 1; i--) {
		size_t k = random_below(r, i);
		struct usage_row row = of->row[i - 1];

		of->row[i - 1] = of->row[k];
		of->row[k] = row;
	}
}

/*
 * Reordering the rows: a share may move by a rounding (1 µJ per row and domain), the totals and
 * the systematic parts may not.
 */
Test(account, order_of_rows_changes_nothing)
{
	struct random_source r = { .seed = 41 };

	for (int index = 0; index < 1000; index++) {
		struct carbon *c = new_carbon(RECORD_PROCESS);
		struct intensity i = any_intensity(&r);
		struct sample first;
		struct sample second;
		struct tick *t;
		uint64_t host;
		uint64_t idle;

		machine_random(&m, &r);
		add(c, &m, &i);
		cr_assert_eq(carbon_close(c, &t), 0);
		carbon_sum(t, JT_CELL_LINEAGE, &first, NULL);
		host = t->host_co2e.high;
		idle = t->idle_co2e.low;

		shuffle(&m, &r);
		add(c, &m, &i);
		cr_assert_eq(carbon_close(c, &t), 0);
		carbon_sum(t, JT_CELL_LINEAGE, &second, NULL);
		cr_assert_eq(t->host_co2e.high, host, "case %d", index);
		cr_assert_eq(t->idle_co2e.low, idle, "case %d", index);
		cr_assert_eq(first.cpu_ns, second.cpu_ns, "case %d", index);
		cr_assert(near((double)first.energy_uj, (double)second.energy_uj, 40 * 24),
			  "case %d", index);
		cr_assert(near(first.attribution_sd_uj, second.attribution_sd_uj, 2 * 40 * 24),
			  "case %d: %g, then %g", index, first.attribution_sd_uj,
			  second.attribution_sd_uj);
		carbon_free(c);
	}
}

/* The first or the second half of a window. Everything in it is even, so halves are exact. */
static struct machine half_of(const struct machine *whole, int which)
{
	static struct machine h;

	h = *whole;
	h.usage.rows = h.row;
	for (size_t i = 0; i < h.usage.n_rows; i++) {
		h.row[i].total_ns /= 2;
		for (int p = 0; p < JT_MAX_PACKAGES; p++)
			h.row[i].cpu_ns[p] /= 2;
	}
	for (size_t i = 0; i < h.energy.n_domains; i++) {
		h.energy.reading[i].energy_uj /= 2;
		h.energy.reading[i].idle_uj /= 2;
		/* Independent halves of one error: variances add. */
		h.energy.reading[i].random_sd_uj /= M_SQRT2;
	}
	if (which == 0)
		h.usage.window.end_mono_ns /= 2;
	else
		h.usage.window.begin_mono_ns = h.usage.window.end_mono_ns / 2;
	machine_books(&h);
	return h;
}

static void make_even(struct machine *of)
{
	for (size_t i = 0; i < of->usage.n_rows; i++) {
		struct usage_row *row = &of->row[i];

		row->total_ns = 0;
		for (int p = 0; p < JT_MAX_PACKAGES; p++) {
			row->cpu_ns[p] &= ~UINT64_C(1);
			row->total_ns += row->cpu_ns[p];
		}
	}
	for (size_t i = 0; i < of->energy.n_domains; i++) {
		of->energy.reading[i].energy_uj &= ~UINT64_C(1);
		of->energy.reading[i].idle_uj &= ~UINT64_C(1);
		of->energy.domain[i].kind = ENERGY_PACKAGE;
	}
	machine_books(of);
}

static void compare_cut(const struct tick *whole, const struct tick *cut, int index)
{
	struct sample one;
	struct sample two;

	carbon_sum(whole, JT_CELL_LINEAGE, &one, NULL);
	carbon_sum(cut, JT_CELL_LINEAGE, &two, NULL);
	cr_assert_eq(whole->host.energy_uj, cut->host.energy_uj, "case %d", index);
	cr_assert_eq(whole->host.idle_uj, cut->host.idle_uj, "case %d", index);
	cr_assert_eq(whole->host_co2e.value, cut->host_co2e.value, "case %d", index);
	for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
		cr_assert_eq(whole->host_by_factor_uj[f], cut->host_by_factor_uj[f], "case %d",
			     index);
	cr_assert(near(whole->intensity_sides.plus, cut->intensity_sides.plus, 1e-12));
	cr_assert(near(whole->temporal_sd, cut->temporal_sd, 1e-12));
	cr_assert(near(whole->host_random_var_uj2, cut->host_random_var_uj2,
		       1e-9 * whole->host_random_var_uj2));
	cr_assert(near((double)one.energy_uj, (double)two.energy_uj, 40 * 24), "case %d", index);
	cr_assert(near(one.attribution_sd_uj, two.attribution_sd_uj, 2 * 40 * 24),
		  "case %d: %g, %g", index, one.attribution_sd_uj, two.attribution_sd_uj);
}

/* Cutting a window in two, in one tick or in two: no total and no systematic part changes. */
Test(account, cutting_a_window_changes_nothing)
{
	struct random_source r = { .seed = 42 };

	for (int index = 0; index < 1000; index++) {
		struct carbon *whole = new_carbon(RECORD_PROCESS);
		struct carbon *cut = new_carbon(RECORD_PROCESS);
		struct intensity i = any_intensity(&r);
		bool two_ticks = random_below(&r, 2);
		struct tick *t_whole;
		struct tick *t_cut;

		machine_random(&m, &r);
		make_even(&m);
		add(whole, &m, &i);
		for (int half = 0; half < 2; half++) {
			struct machine h = half_of(&m, half);

			h.usage.rows = h.row;
			add(cut, &h, &i);
			if (half == 1 || two_ticks)
				cr_assert_eq(carbon_close(cut, &t_cut), 0);
		}
		cr_assert_eq(carbon_close(whole, &t_whole), 0);
		cr_assert_eq(carbon_total(whole, &t_whole), 0);
		cr_assert_eq(carbon_total(cut, &t_cut), 0);
		compare_cut(t_whole, t_cut, index);
		carbon_free(whole);
		carbon_free(cut);
	}
}
