/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* property.c - splitting, merging and reordering change nothing; 95 % are 95 %. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "quant/shape.h"
#include "quant/value.h"
#include "unit/random.h"

#define N_RECORDS 40
#define N_FACTORS 6

static double any_side(struct random_source *r)
{
	return 0.5 * random_unit(r) * random_unit(r);
}

/* Sides of each factor, and a record that hangs on some of them. */
static struct quant_value any_record(struct random_source *r, const struct quant_sides *sides)
{
	struct quant_value v = { .value = floor(1e6 * random_unit(r)) + 1 };
	double left = v.value;

	v.random_var = v.value * random_unit(r);
	for (uint32_t f = 0; f < N_FACTORS; f++) {
		/* Two groups: factors 0 to 2 share the value, 3 to 5 too. */
		double part = f % 3 == 2 ? left : floor(left * random_unit(r));
		const struct quant_part p = { .id = f, .group = (uint16_t)(f / 3), .amount = part };

		left = f % 3 == 2 ? v.value : left - part;
		quant_value_hang(&v, &p, &sides[f]);
	}
	return v;
}

static void expect_same(const struct quant_value *a, const struct quant_value *b, const char *what)
{
	struct quant_interval i = quant_value_interval(a), j = quant_value_interval(b);

	cr_assert_eq(a->value, b->value, "%s: %f, %f", what, a->value, b->value);
	for (size_t k = 0; k < a->n; k++) {
		const struct quant_part *p = &a->part[k], *q = NULL;

		for (size_t l = 0; l < b->n; l++)
			if (b->part[l].id == p->id)
				q = &b->part[l];
		cr_assert_not_null(q);
		cr_assert(fabs(p->amount - q->amount) <= 1e-9 * a->value, "%s: part %u", what,
			  p->id);
		cr_assert(fabs(p->linear.minus - q->linear.minus) <= 1e-9 * a->value &&
				  fabs(p->linear.plus - q->linear.plus) <= 1e-9 * a->value,
			  "%s: sides of part %u", what, p->id);
	}
	cr_assert(fabs(i.low / j.low - 1) < 1e-6 && fabs(i.high / j.high - 1) < 1e-6,
		  "%s: [%f, %f], [%f, %f]", what, i.low, i.high, j.low, j.high);
}

/* Two halves of a record: every part in proportion, noise as of two readings. */
static void split(const struct quant_value *v, double at, struct quant_value half[2])
{
	half[0] = half[1] = *v;
	quant_value_scale(&half[0], at);
	quant_value_scale(&half[1], 1 - at);
	half[0].random_var = at * v->random_var;
	half[1].random_var = (1 - at) * v->random_var;
}

Test(property, splitting_merging_and_reordering_change_nothing)
{
	struct random_source r = { .seed = 61 };

	for (int round = 0; round < 500; round++) {
		struct quant_value record[N_RECORDS], forth = { 0 }, back = { 0 }, tree[2] = { 0 },
						      halves = { 0 };
		struct quant_sides sides[N_FACTORS];

		for (int f = 0; f < N_FACTORS; f++)
			sides[f] = (struct quant_sides){ any_side(&r), any_side(&r) };
		for (int i = 0; i < N_RECORDS; i++) {
			struct quant_value half[2];

			record[i] = any_record(&r, sides);
			quant_value_add(&forth, &record[i]);
			quant_value_add(&tree[random_below(&r, 2)], &record[i]);
			split(&record[i], 0.5, half);
			quant_value_add(&halves, &half[1]);
			quant_value_add(&halves, &half[0]);
		}
		for (int i = N_RECORDS; i-- > 0;)
			quant_value_add(&back, &record[i]);
		quant_value_add(&tree[1], &tree[0]);
		expect_same(&forth, &back, "reordered");
		expect_same(&forth, &tree[1], "merged");
		expect_same(&forth, &halves, "split");
	}
}

/*
 * Truths drawn from what a value says of itself are in its interval in 95 of 100 cases. 10^4
 * intervals: four standard errors are 0.87 %.
 */
static void expect_coverage(const char *what, const struct quant_sides *side, size_t n,
			    double noise)
{
	struct random_source r = { .seed = 62 };
	const int n_intervals = 10000;
	int inside = 0;

	for (int i = 0; i < n_intervals; i++) {
		double shown = exp(3 * random_normal(&r)), truth = shown;
		struct quant_value v = { .value = shown, .random_var = pow(noise * shown, 2) };
		struct quant_interval q;

		for (uint32_t f = 0; f < n; f++) {
			const struct quant_part p = { .id = f,
						      .group = (uint16_t)f,
						      .amount = shown };
			double u = random_normal(&r);

			quant_value_hang(&v, &p, &side[f]);
			truth *= exp(u * (u < 0 ? side[f].minus : side[f].plus));
		}
		truth += noise * shown * random_normal(&r);
		q = quant_value_interval(&v);
		inside += truth >= q.low && truth <= q.high;
	}
	cr_expect(abs(inside - 9500) <= 87, "%s: %.2f %% covered", what,
		  100.0 * inside / n_intervals);
}

Test(property, coverage_of_ten_thousand_intervals)
{
	static const struct quant_sides meter[] = { { 0.025, 0.025 } };
	static const struct quant_sides france[] = { { 0.025, 0.025 },
						     { 0.351, 0.491 },
						     { 0.331, 0.331 } };
	static const struct quant_sides world[] = {
		{ 0.4, 0.525 }, { 1.209, 0.207 }, { 0.331, 0.331 }, { 0.257, 0.257 }
	};

	expect_coverage("meter", meter, 1, 0);
	expect_coverage("meter with noise", meter, 1, 0.03);
	expect_coverage("France", france, 3, 0);
	expect_coverage("the world, by a model", world, 4, 0);
	expect_coverage("noise alone", meter, 0, 0.1);
}

/* The correlated sum of docs/method.md, by one shared and one own factor: 24 terms of σ = 0.35. */
Test(property, a_sum_of_correlated_terms)
{
	static const struct {
		double rho;
		double relative_sd;
	} want[] = { { 0, 0.073 }, { 0.5, 0.257 }, { 1, 0.361 } };

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		/* One draw is one part: the own ones, which are many, are random. */
		double shared = 0.35 * sqrt(want[i].rho), own = 0.35 * sqrt(1 - want[i].rho);
		const struct quant_part p = { .id = 1, .amount = 24 };
		struct quant_value v = { .value = 24, .random_var = 24 * expm1(own * own) };
		struct quant_interval q;
		double sd;

		quant_value_hang(&v, &p, &(struct quant_sides){ shared, shared });
		q = quant_value_interval(&v);
		sd = log(q.high / q.low) / (2 * QUANT_Z95);
		cr_expect(fabs(sqrt(expm1(sd * sd)) - want[i].relative_sd) < 0.012, "%g: %g",
			  want[i].rho, sqrt(expm1(sd * sd)));
	}
}

/* No spread, an intensity of 0, a PUE of 1: figures without an interval are figures. */
Test(property, degenerate_products)
{
	struct quant_value v = { .value = 12 };
	const struct quant_interval one = { 1, 1, 1 };
	const struct quant_part grid = { .id = 1, .group = 1 }, pue = { .id = 2, .group = 2 };
	struct quant_interval q;
	struct shape s;

	quant_value_multiply(&v, 1, &pue, &(struct quant_sides){ 0, 0 });
	q = quant_value_interval(&v);
	cr_expect(q.low == 12 && q.high == 12);
	cr_assert_eq(shape_shifted(1, &one, &s), 0);
	cr_expect(shape_moments(&s).mean == 1 && shape_moments(&s).sd == 0);
	quant_value_multiply(&v, 0, &grid, &(struct quant_sides){ 0.3, 0.4 });
	q = quant_value_interval(&v);
	cr_expect(q.low == 0 && q.value == 0 && q.high == 0);
}
