/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow.c - is a window that is put together what its parts are? */
#include "daemon/slow.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "attrib/attrib.h"
#include "unit/machine.h"

static struct machine m;
static struct attrib *a;
static struct slow *s;

static void setup(void)
{
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &(struct method)METHOD_DEFAULT, &a), 0);
	cr_assert_eq(slow_new(&s), 0);
}

static void teardown(void)
{
	attrib_free(a);
	slow_free(s);
}

TestSuite(slow, .init = setup, .fini = teardown);

static void check_sums(const struct course_window *w)
{
	uint64_t sum_uj = w->shares->host.idle_uj + w->shares->host.unattributed_uj, sum_ns = 0;

	for (size_t i = 0; i < w->usage->n_rows; i++) {
		const struct shares_row *row = &w->shares->rows[i];
		uint64_t by_factor_uj = 0;

		for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
			by_factor_uj += row->by_factor_uj[f];
		cr_assert_eq(by_factor_uj, row->energy_uj);
		sum_uj += row->energy_uj;
		sum_ns += w->usage->rows[i].total_ns;
	}
	cr_assert_eq(w->shares->n_rows, w->usage->n_rows);
	cr_assert_eq(sum_uj, w->shares->host.energy_uj);
	cr_assert_eq(sum_ns, w->usage->books.task_ns);
}

/* Random windows, of any meters: the courses over them and over what they are put together to. */
Test(slow, put_together_is_the_sum)
{
	struct random_source r = { .seed = 3 };
	struct intensity grid = machine_france();

	for (int round = 0; round < 200; round++) {
		static struct course by_one, at_once;
		size_t n = 1 + random_below(&r, 20), map[SHARES_MAX_FACTORS];
		struct account *one = malloc(sizeof(*one)), *whole = malloc(sizeof(*whole));
		struct course_window w = { &m.usage, &m.energy, NULL, &grid };

		by_one = at_once = (struct course){ .n_windows = 0 };
		slow_reset(s);
		cr_assert(slow_is_empty(s));
		for (size_t i = 0; i < n; i++) {
			machine_random(&m, &r);
			m.usage.window.begin_mono_ns += i * MACHINE_WINDOW_NS;
			m.usage.window.end_mono_ns += i * MACHINE_WINDOW_NS;
			cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &w.shares), 0);
			cr_assert_eq(course_add_window(&by_one, &w, map), 0);
			cr_assert_eq(slow_add(s, &w), 0);
		}
		w = slow_window(s);
		check_sums(&w);
		cr_assert_eq(course_add_window(&at_once, &w, map), 0);
		course_finish(&by_one, one);
		course_finish(&at_once, whole);
		cr_expect_eq(window_length_ns(&at_once.window), n * MACHINE_WINDOW_NS);
		cr_expect_eq(at_once.host_uj, by_one.host_uj);
		cr_expect_eq(at_once.idle_uj, by_one.idle_uj);
		cr_expect_eq(at_once.task_ns, by_one.task_ns);
		cr_expect(at_once.host_product == by_one.host_product);
		cr_expect_eq(whole->tick.host_energy.low, one->tick.host_energy.low);
		cr_expect_eq(whole->tick.host_energy.high, one->tick.host_energy.high);
		cr_expect_eq(whole->tick.host_co2e.high, one->tick.host_co2e.high);
		cr_expect_eq(whole->tick.idle_energy.high, one->tick.idle_energy.high);
		free(one);
		free(whole);
	}
}
