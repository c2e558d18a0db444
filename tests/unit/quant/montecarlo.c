/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* montecarlo.c - is what is known found, in time, and whatever the threads? */
#include "quant/montecarlo.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define near(a, b, tolerance)                                                            \
	cr_expect(fabs((a) - (b)) <= (tolerance), "%s: %.6g, not %.6g", #a, (double)(a), \
		  (double)(b))

static double sum_of(const double *input, const void *arg)
{
	size_t n = *(const size_t *)arg;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += input[i];
	return sum;
}

static struct montecarlo_result run(const struct montecarlo_options *o,
				    const struct montecarlo_problem *p)
{
	struct montecarlo_result r;
	struct montecarlo *mc;

	cr_assert_eq(montecarlo_new(o, &mc), 0);
	cr_assert_eq(montecarlo_run(mc, p, &r), 0);
	montecarlo_free(mc);
	return r;
}

/* To the last bit. */
static bool same(const struct montecarlo_result *a, const struct montecarlo_result *b)
{
	return a->n_trials == b->n_trials && a->moments.mean == b->moments.mean &&
	       a->moments.sd == b->moments.sd && a->interval.low == b->interval.low &&
	       a->interval.value == b->interval.value && a->interval.high == b->interval.high &&
	       a->error == b->error && a->converged == b->converged;
}

/* n inputs of one shape, added. */
static struct montecarlo_result add(const struct montecarlo_options *o, struct shape shape,
				    size_t n)
{
	struct montecarlo_input input[MONTECARLO_MAX_INPUTS];
	struct montecarlo_problem p = { .n_inputs = n, .input = input, .model = sum_of, .arg = &n };

	for (size_t i = 0; i < n; i++)
		input[i] = (struct montecarlo_input){ .shape = shape, .stream = i };
	return run(o, &p);
}

/* JCGM 101, 9.2.2: four standard normals; mean 0, sd 2, interval ±3.92. */
Test(montecarlo, four_normals)
{
	const struct montecarlo_options o = { .seed = 1 };
	struct montecarlo_result r;
	struct shape s;

	cr_assert_eq(shape_normal(0, 1, -INFINITY, INFINITY, &s), 0);
	r = add(&o, s, 4);
	cr_expect(r.converged);
	near(r.moments.mean, 0, 0.05);
	near(r.moments.sd, 2, 0.05);
	near(r.interval.low, -3.92, 0.1);
	near(r.interval.high, 3.92, 0.1);
	near(r.below_threshold, 0.5, 0.01);
	near(r.tolerance, 0.05, 1e-12);
}

/* JCGM 101, 9.2.3: four rectangulars of sd 1; the interval is ±3.88, not ±3.92. */
Test(montecarlo, four_rectangulars_are_no_normal)
{
	const struct montecarlo_options o = { .seed = 2, .max_blocks = 200, .validates = true };
	struct montecarlo_result r;
	/* From two triangulars with their mode at an end: max and min make a uniform's like. */
	struct shape s;

	cr_assert_eq(shape_triangular(-sqrt(6), 0, sqrt(6), &s), 0);
	/* A triangular is two rectangulars: two of them are four of sd √(1/2). */
	r = add(&o, s, 2);
	near(r.moments.sd, sqrt(2), 0.01);
	near(r.interval.high, 3.88 / sqrt(2), 0.02);
}

/* The interval is the quantity's own: more trials do not make it smaller. */
Test(montecarlo, more_trials_do_not_shrink_the_interval)
{
	struct montecarlo_options few = { .seed = 3, .max_blocks = 5 };
	struct montecarlo_options many = { .seed = 3, .max_blocks = 300, .validates = true };
	struct montecarlo_result a, b;
	struct shape s;

	cr_assert_eq(shape_two_piece(80.4, 100, 124.4, &s), 0);
	a = add(&few, s, 1);
	b = add(&many, s, 1);
	cr_expect(b.n_trials >= 5 * a.n_trials, "%lu, %lu", a.n_trials, b.n_trials);
	near(a.interval.low, 80.4, 1);
	near(b.interval.low, 80.4, 0.2);
	near(b.interval.high, 124.4, 0.2);
	cr_expect(b.error < a.error);
}

Test(montecarlo, the_same_for_any_number_of_threads)
{
	struct montecarlo_result first = { .n_trials = 0 }, r;
	struct shape s;

	cr_assert_eq(shape_two_piece(44, 473, 709, &s), 0);
	for (unsigned int n = 0; n <= 9; n += n < 3 ? 1 : 3) {
		const struct montecarlo_options o = { .seed = 4, .n_threads = n, .max_blocks = 40 };

		r = add(&o, s, 3);
		if (first.n_trials == 0)
			first = r;
		cr_expect(same(&r, &first), "with %u threads", n);
	}
}

/* A simulator's figures do not depend on what it did before. */
Test(montecarlo, a_problem_is_the_same_again)
{
	const struct montecarlo_options o = { .seed = 5, .n_threads = 2 };
	size_t n = 1;
	struct montecarlo_input input = { .stream = 7 };
	const struct montecarlo_problem p = {
		.n_inputs = 1, .input = &input, .model = sum_of, .arg = &n
	};
	struct montecarlo_result a, b;
	struct montecarlo *mc;

	cr_assert_eq(shape_triangular(3, 4, 6, &input.shape), 0);
	cr_assert_eq(montecarlo_new(&o, &mc), 0);
	cr_assert_eq(montecarlo_run(mc, &p, &a), 0);
	cr_assert_eq(montecarlo_run(mc, &p, &b), 0);
	cr_expect(same(&a, &b));
	montecarlo_free(mc);
}

Test(montecarlo, stops_at_once_where_nothing_varies_and_says_where_it_cannot)
{
	const struct montecarlo_options o = { .seed = 6, .max_blocks = 10 };
	const struct montecarlo_options two = { .seed = 6, .n_digits = 2, .max_blocks = 10 };
	const struct montecarlo_options one = { .seed = 6, .n_digits = 1, .max_blocks = 10 };
	struct montecarlo_result r = add(&o, shape_constant(3), 1);
	struct shape s;

	cr_expect(r.converged && r.moments.mean == 3 && r.moments.sd == 0 && r.tolerance == 0);
	cr_expect(r.interval.low == 3 && r.interval.high == 3);
	/* σ = 1 has an sd of 2.2 and a long tail. */
	cr_assert_eq(shape_from_sides(1, &(struct quant_sides){ 1, 1 }, &s), 0);
	r = add(&two, s, 1);
	cr_expect(!r.converged && r.n_trials == 100000 && r.error > r.tolerance);
	cr_expect(add(&one, s, 1).converged);
}

static double not_a_number(const double *input, const void *arg)
{
	(void)arg;
	return input[0] > 2 ? NAN : input[0];
}

Test(montecarlo, bad_input)
{
	const struct montecarlo_options digits = { .n_digits = 3 }, block = { .max_blocks = 1 };
	const struct montecarlo_options threads = { .n_threads = 100000 }, o = { .max_blocks = 5 };
	struct montecarlo_input input = { .stream = 1 };
	struct montecarlo_problem p = { .n_inputs = 1, .input = &input, .model = not_a_number };
	struct montecarlo *mc = NULL;
	struct montecarlo_result r;

	cr_expect_eq(montecarlo_new(&digits, &mc), -EINVAL);
	cr_expect_eq(montecarlo_new(&block, &mc), -EINVAL);
	cr_expect_eq(montecarlo_new(&threads, &mc), -EINVAL);
	cr_expect_null(mc);
	montecarlo_free(NULL);
	cr_assert_eq(shape_normal(0, 1, -INFINITY, INFINITY, &input.shape), 0);
	r = run(&o, &p);
	/* 2.3 % are no number: less than what is outside, so the upper end is the last below 2. */
	cr_expect(!r.converged && r.interval.high <= 2 && r.interval.high > 1.8);
	p.n_inputs = MONTECARLO_MAX_INPUTS + 1;
	cr_assert_eq(montecarlo_new(&o, &mc), 0);
	cr_expect_eq(montecarlo_run(mc, &p, &r), -EINVAL);
	montecarlo_free(mc);
}
