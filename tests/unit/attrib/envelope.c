/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* envelope.c - is static power learnt from quiet windows, and forgotten when it is no longer so? */
#include <criterion/criterion.h>
#include <math.h>

#include "attrib/envelope.h"
#include "unit/random.h"

#define S UINT64_C(1000000000)

static struct envelope v;

static void setup(void)
{
	v = (struct envelope){ 0 };
}

TestSuite(envelope, .init = setup);

static void add(uint64_t at_s, double power_w, double busy)
{
	const struct envelope_point p = { .power_w = power_w, .busy = busy, .noise_w = 0.1 };

	envelope_add(&v, at_s * S, &p);
}

static double level_w(void)
{
	struct envelope_level l;

	return envelope_level(&v, &l) ? l.power_w : -1;
}

Test(envelope, nothing_is_known_of_nothing)
{
	struct envelope_level l = { 7, 7 };

	cr_assert_not(envelope_level(&v, &l));
	cr_assert(l.power_w == 7 && l.sd_w == 7, "touched");
}

Test(envelope, what_tasks_drew_in_the_quietest_window_is_taken_off)
{
	struct envelope_level l;

	for (uint64_t i = 0; i < 100; i++) {
		double busy = 0.1 + 0.008 * (double)i;

		add(1 + i, 20 + 50 * busy, busy);
	}
	cr_assert(envelope_level(&v, &l));
	cr_assert_float_eq(l.power_w, 20, 1e-9);
	/* Half of the 5 W that were taken off, and three times the noise. */
	cr_assert_float_eq(l.sd_w, hypot(2.5, 0.3), 1e-9);
}

Test(envelope, a_machine_that_was_always_busy_teaches_nothing)
{
	for (uint64_t i = 0; i < 100; i++)
		add(1 + i, 70, 0.9);
	cr_assert_eq(level_w(), -1, "no slope");
	for (uint64_t i = 0; i < 100; i++)
		add(1 + i, 70 - 0.3 * (double)i, 0.9 - 0.005 * (double)i);
	cr_assert_eq(level_w(), -1, "tasks have most of the least power");
}

Test(envelope, quiet_is_enough_without_a_slope)
{
	add(1, 20, 0.01);
	cr_assert_float_eq(level_w(), 19.8, 1e-9);
}

Test(envelope, falls_at_once)
{
	add(1, 30, 0);
	cr_assert_float_eq(level_w(), 30, 1e-9);
	add(2, 18, 0);
	cr_assert_float_eq(level_w(), 18, 1e-9);
}

Test(envelope, rises_when_what_it_was_learnt_from_is_an_hour_old)
{
	add(1, 18, 0);
	for (uint64_t i = 2; i < 3600; i++)
		add(i, 25, 0);
	cr_assert_float_eq(level_w(), 18, 1e-9);
	for (uint64_t i = 3600; i < 4000; i++)
		add(i, 25, 0);
	cr_assert_float_eq(level_w(), 25, 1e-9);
}

Test(envelope, a_long_pause_forgets_all)
{
	add(1, 18, 0);
	add(1000000, 25, 0);
	cr_assert_float_eq(level_w(), 25, 1e-9);
	/* A clock that went back, as in a capture of another boot. */
	add(5, 30, 0);
	cr_assert_float_eq(level_w(), 30, 1e-9);
}

Test(envelope, what_is_no_number_is_left_out)
{
	const double bad[] = { NAN, INFINITY, -1, 1e308 * 10 };

	add(1, 20, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		add(2, bad[i], 0);
		add(2, 5, bad[i]);
		envelope_add(&v, 2 * S, &(struct envelope_point){ 5, 0, bad[i] });
	}
	add(2, 5, 1.5);
	cr_assert_float_eq(level_w(), 20, 1e-9);
	add(2, 1e308, 1);
	cr_assert(isfinite(level_w()));
}

/* A linear machine with noise: the level is within four of its own standard deviations. */
Test(envelope, property_its_own_deviation_holds)
{
	struct random_source r = { .seed = 61 };
	int n_known = 0;

	for (int i = 0; i < 2000; i++) {
		double idle_w = 5 + 50 * random_unit(&r), slope_w = 100 * random_unit(&r);
		double least = 0.3 * random_unit(&r), noise_w = 0.5 * random_unit(&r);
		struct envelope_level l;

		v = (struct envelope){ 0 };
		for (uint64_t t = 0; t < 200; t++) {
			double busy = least + (1 - least) * random_unit(&r);
			struct envelope_point p = {
				.power_w = idle_w + slope_w * busy + noise_w * random_normal(&r),
				.busy = busy,
				.noise_w = noise_w,
			};

			envelope_add(&v, t * S, &p);
		}
		if (!envelope_level(&v, &l))
			continue;
		n_known++;
		cr_assert(fabs(l.power_w - idle_w) < 4 * l.sd_w + 1e-9, "case %d: %f of %f, sd %f",
			  i, l.power_w, idle_w, l.sd_w);
	}
	cr_assert(n_known > 1000, "%d", n_known);
}
