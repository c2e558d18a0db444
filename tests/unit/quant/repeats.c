/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* repeats.c - does the mean of runs lie in its interval as often as is said, and their ratio? */
#include "quant/repeats.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "quant/student.h"
#include "unit/random.h"

#define N_TRIALS 10000
/* Three standard deviations of a share of 95 % in that many trials, and then some. */
#define SHARE_OFF 0.008

static double any_normal(struct random_source *r)
{
	return sqrt(-2 * log(1 - random_unit(r))) * cos(2 * M_PI * random_unit(r));
}

Test(repeats, figures_of_a_few)
{
	double x[] = { 4, 1, 3, 2, 10 };
	struct quant_repeats r;

	quant_repeats_of(x, 5, &r);
	cr_expect_eq(r.n, 5);
	cr_expect_eq(r.mean, 4);
	cr_expect_eq(r.median, 3);
	cr_expect_eq(r.least, 1);
	cr_expect_eq(r.most, 10);
	cr_expect_float_eq(r.sd, sqrt(50.0 / 4), 1e-12);
	cr_expect_eq(r.n_outliers, 1);
	cr_expect_float_eq(quant_repeats_reach(&r), student_quantile(0.975, 4) * r.sd / sqrt(5),
			   1e-12);
}

Test(repeats, one_run_tells_nothing_of_others)
{
	struct quant_value all = { .value = 7, .random_var = 4 };
	struct quant_repeats r;
	struct quant_interval i;
	double x = 7;

	quant_repeats_of(&x, 1, &r);
	cr_expect_eq(r.median, 7);
	cr_expect_eq(quant_repeats_reach(&r), INFINITY);
	i = quant_repeats_interval(&r, &all);
	cr_expect_eq(i.value, 7);
	cr_expect_float_eq(i.low, 7, 1e-9);
}

Test(repeats, all_alike_have_no_outliers)
{
	double x[] = { 5, 5, 5, 5, 6 };
	struct quant_repeats r;

	quant_repeats_of(x, 5, &r);
	cr_expect_eq(r.n_outliers, 0, "no scale to say it by");
}

/* Runs differ, and one error is common to all: does the interval hold the true mean? */
static double mean_covered(size_t n, double random_sd, double common_sd, uint64_t seed)
{
	struct random_source random = { .seed = seed };
	size_t n_inside = 0;

	for (size_t t = 0; t < N_TRIALS; t++) {
		double gain = exp(common_sd * any_normal(&random)), sum = 0, x[64];
		struct quant_value all = { 0 };
		const struct quant_part part = { .id = 0, .amount = 1 };
		struct quant_part whole = part;
		struct quant_repeats r;
		struct quant_interval i;

		for (size_t k = 0; k < n; k++) {
			x[k] = 100 * gain * (1 + random_sd * any_normal(&random));
			sum += x[k];
		}
		all.value = whole.amount = sum;
		quant_value_hang(&all, &whole, &(struct quant_sides){ common_sd, common_sd });
		quant_repeats_of(x, n, &r);
		i = quant_repeats_interval(&r, &all);
		n_inside += i.low <= 100 && 100 <= i.high;
	}
	return (double)n_inside / N_TRIALS;
}

Test(repeats, the_true_mean_is_inside)
{
	static const struct {
		size_t n;
		double random_sd, common_sd;
	} cases[] = { { 3, 0.03, 0.001 },
		      { 10, 0.03, 0.001 },
		      { 10, 0.03, 0.1 },
		      { 30, 0.1, 0.02 },
		      { 10, 0.03, 0.01 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double share =
			mean_covered(cases[i].n, cases[i].random_sd, cases[i].common_sd, i + 1);

		cr_expect(share > 0.95 - 0.02 && share < 0.95 + 0.02, "case %zu: %.4f", i, share);
	}
}

/* Of pairs that drift together: how often the true ratio is inside, and is a probability one? */
static void ratio_trials(size_t n, double common_sd, double *ret_inside, double *ret_right)
{
	struct random_source random = { .seed = 7 + n };
	size_t n_inside = 0, n_right = 0;
	double sure = 0;

	for (size_t t = 0; t < N_TRIALS; t++) {
		/* A true ratio that nothing is known of beforehand. */
		double truth = exp(0.2 * (random_unit(&random) - 0.5));
		double off = exp(common_sd * any_normal(&random)), a[64], b[64];
		struct quant_ratio q;

		for (size_t k = 0; k < n; k++) {
			double drift = 1 + 0.5 * random_unit(&random);

			a[k] = 10 * drift * exp(0.02 * any_normal(&random));
			b[k] = 10 * drift * truth * off * exp(0.02 * any_normal(&random));
		}
		cr_assert_eq(quant_repeats_ratio(b, a, n, common_sd, &q), 0);
		n_inside += q.low <= truth && truth <= q.high;
		sure += fmax(q.less, 1 - q.less);
		n_right += (q.less > 0.5) == (truth < 1);
	}
	*ret_inside = (double)n_inside / N_TRIALS;
	*ret_right = (double)n_right / N_TRIALS / (sure / N_TRIALS);
}

Test(repeats, ratio_is_inside_and_its_probability_is_one)
{
	static const double common_sd[] = { 0, 0.005, 0.03 };
	double inside, right;

	for (size_t i = 0; i < 3; i++)
		for (size_t n = 3; n <= 30; n += 9) {
			ratio_trials(n, common_sd[i], &inside, &right);
			/* Of three, beside a part as large, Welch and Satterthwaite fall short. */
			cr_expect(fabs(inside - 0.95) < (common_sd[i] > 0 ? 0.03 : SHARE_OFF),
				  "n %zu, common %g: %.4f", n, common_sd[i], inside);
			cr_expect(fabs(right - 1) < 0.035, "n %zu, common %g: right %.4f of sure",
				  n, common_sd[i], right);
		}
}

Test(repeats, what_has_no_ratio)
{
	const double good[] = { 1, 2 }, zero[] = { 1, 0 }, same[] = { 2, 4 };
	struct quant_ratio q;

	cr_expect_eq(quant_repeats_ratio(good, zero, 2, 0, &q), -EINVAL);
	cr_expect_eq(quant_repeats_ratio(zero, good, 2, 0, &q), -EINVAL);
	cr_expect_eq(quant_repeats_ratio(good, good, 1, 0, &q), -EINVAL);
	cr_expect_eq(quant_repeats_ratio(same, good, 2, 0, &q), 0);
	cr_expect_float_eq(q.ratio, 2, 1e-12);
	cr_expect_float_eq(q.low, 2, 1e-12, "nothing differs");
	cr_expect_eq(q.less, 0);
}
