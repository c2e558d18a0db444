/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* types.c - tests of the nouns: sums, the worst quality, the residue of the books, the names. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "types/energy.h"
#include "types/record.h"
#include "types/usage.h"

static void add_domain(struct energy *e, bool counted, enum energy_quality q, uint64_t uj)
{
	size_t i = e->n_domains++;

	e->domain[i].counted = counted;
	e->reading[i].quality = q;
	e->reading[i].energy_uj = uj;
}

Test(types, residue_of_closed_books_is_zero)
{
	struct usage_books b = {
		.wall_ns = 1000, .task_ns = 300, .idle_ns = 690, .gap_ns = -10, .excluded_ns = 20
	};

	cr_assert_eq(usage_books_residue_ppm(&b), 0);
}

Test(types, residue_is_the_same_on_both_sides)
{
	struct usage_books over = { .wall_ns = 1000000, .task_ns = 1000250 };
	struct usage_books under = { .wall_ns = 1000000, .task_ns = 999750 };

	cr_assert_eq(usage_books_residue_ppm(&over), 250);
	cr_assert_eq(usage_books_residue_ppm(&under), 250);
}

/* Cells may have what was booked while they were read, and lack what the last reading had. */
Test(types, cells_are_late_by_what_was_booked_meanwhile)
{
	struct usage_row row = { .total_ns = 1000 };
	struct usage u = { .n_rows = 1, .rows = &row, .late_ns = 30, .late_before_ns = 5 };

	u.books.task_ns = 1000;
	cr_assert_eq(usage_cells_residue_ns(&u), 0);
	u.books.task_ns = 970;
	cr_assert_eq(usage_cells_residue_ns(&u), 0);
	u.books.task_ns = 960;
	cr_assert_eq(usage_cells_residue_ns(&u), 10);
	u.books.task_ns = 1005;
	cr_assert_eq(usage_cells_residue_ns(&u), 0);
	u.books.task_ns = 1025;
	cr_assert_eq(usage_cells_residue_ns(&u), 20);
}

Test(types, weights_by_name)
{
	enum jt_weight w = JT_WEIGHT_TIME;

	for (int i = JT_WEIGHT_TIME; i <= JT_WEIGHT_CYCLES; i++) {
		cr_assert_eq(usage_weight_parse(usage_weight_name((enum jt_weight)i), &w), 0);
		cr_assert_eq((int)w, i);
	}
	cr_assert_eq(usage_weight_parse("watts", &w), -EINVAL);
	cr_assert_eq(w, JT_WEIGHT_CYCLES, "touched on error");
}

Test(types, residue_of_an_empty_window_is_zero)
{
	struct usage_books b = { .task_ns = 5 };

	cr_assert_eq(usage_books_residue_ppm(&b), 0);
}

/* 4,096 CPUs for 50 days: the sums and the product by a million stay exact. */
Test(types, residue_of_a_long_wide_run_does_not_overflow)
{
	uint64_t wall_ns = UINT64_C(4096) * 50 * 86400 * JT_NS_PER_S / 1000 * 1000;
	struct usage_books b = { .wall_ns = wall_ns,
				 .task_ns = wall_ns / 2,
				 .idle_ns = wall_ns / 2 - wall_ns / 1000 };

	cr_assert_eq(usage_books_residue_ppm(&b), 1000);
	b = (struct usage_books){ .wall_ns = 1, .task_ns = UINT64_MAX, .idle_ns = UINT64_MAX };
	usage_books_residue_ppm(&b);
}

Test(types, total_energy_leaves_out_shown_and_missing)
{
	struct energy e = { 0 };

	add_domain(&e, true, ENERGY_MEASURED, 100);
	add_domain(&e, false, ENERGY_MEASURED, 40);
	add_domain(&e, true, ENERGY_MISSING, 7);
	add_domain(&e, true, ENERGY_MODELLED, 3);
	cr_assert_eq(energy_total_uj(&e), 103);
}

Test(types, total_quality_is_the_worst_counted)
{
	struct energy e = { 0 };

	cr_assert_eq(energy_total_quality(&e), ENERGY_MISSING);
	add_domain(&e, false, ENERGY_MISSING, 0);
	cr_assert_eq(energy_total_quality(&e), ENERGY_MISSING, "nothing is counted");
	add_domain(&e, true, ENERGY_MEASURED, 1);
	cr_assert_eq(energy_total_quality(&e), ENERGY_MEASURED);
	add_domain(&e, true, ENERGY_MODELLED, 1);
	cr_assert_eq(energy_total_quality(&e), ENERGY_MODELLED);
	add_domain(&e, true, ENERGY_MISSING, 1);
	cr_assert_eq(energy_total_quality(&e), ENERGY_MISSING);
}

Test(types, names_are_the_words_of_the_formats)
{
	cr_expect_str_eq(energy_quality_name(ENERGY_MISSING), "missing");
	cr_expect_str_eq(energy_quality_name(ENERGY_MODELLED), "modelled");
	cr_expect_str_eq(energy_quality_name(ENERGY_MEASURED), "measured");
	cr_expect_str_eq(record_kind_name(RECORD_PROCESS), "process");
	cr_expect_str_eq(record_kind_name(RECORD_CGROUP), "cgroup");
	for (int k = ENERGY_PACKAGE; k <= ENERGY_OTHER; k++)
		cr_expect_gt(strlen(energy_domain_kind_name((enum energy_domain_kind)k)), 0);
}

/* 1 kWh at 1 g/kWh is 1 g; and one microgram less than the next is rounded down. */
Test(types, product_to_carbon_is_exact)
{
	cr_expect_eq(jt_product_to_ug(jt_energy_x_intensity(JT_UJ_PER_KWH, 1000)), JT_UG_PER_G);
	cr_expect_eq(jt_product_to_ug(jt_energy_x_intensity(JT_UJ_PER_KWH, 1000) - 1),
		     JT_UG_PER_G - 1);
	cr_expect_eq(jt_product_to_ug(jt_energy_x_intensity(UINT64_MAX, UINT32_MAX)),
		     (uint64_t)(((jt_product)UINT64_MAX * UINT32_MAX) / 3600000000u));
}

Test(types, mean_power)
{
	cr_expect_eq(jt_mean_power_uw(15 * JT_UJ_PER_J, 3 * JT_NS_PER_S), 5 * JT_UW_PER_W);
	cr_expect_eq(jt_mean_power_uw(1, 0), 0);
}
