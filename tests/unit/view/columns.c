/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* columns.c - is there room for every column that has a place, and none twice? */
#include "view/columns.h"

#include <criterion/criterion.h>

static void place(unsigned int width, struct column_place ret[COLUMN_N])
{
	struct columns_want want = { .n_columns = width, .has_pid = true };

	columns_place(&want, ret);
}

Test(columns, none_overlaps_at_any_width)
{
	struct column_place at[COLUMN_N];

	for (unsigned int width = 0; width < 400; width++) {
		unsigned int end = 0;

		place(width, at);
		for (unsigned int i = 0; i < COLUMN_N; i++) {
			if (!at[i].width)
				continue;
			cr_assert(at[i].at > end || (i == 0 && at[i].at == 1));
			end = at[i].at + at[i].width;
			cr_assert_leq(end, width);
		}
	}
}

Test(columns, at_80_all_are_there_but_the_interval)
{
	struct column_place at[COLUMN_N];

	place(80, at);
	for (unsigned int i = 0; i < COLUMN_N; i++)
		cr_expect((at[i].width > 0) == (i != COLUMN_RANGE), "%u", i);
	cr_expect_geq(at[COLUMN_NAME].width, 14, "not attributed");
	place(120, at);
	cr_expect_gt(at[COLUMN_RANGE].width, 0);
	place(20, at);
	cr_expect_gt(at[COLUMN_POWER].width, 0, "a figure, however narrow");
	cr_expect_eq(at[COLUMN_CPU].width, 0);
}

Test(columns, since_the_start_energy_comes_first)
{
	struct columns_want want = { .n_columns = 24, .since_start = true };
	struct column_place at[COLUMN_N];

	columns_place(&want, at);
	cr_expect_gt(at[COLUMN_ENERGY].width, 0);
	cr_expect_eq(at[COLUMN_POWER].width, 0);
}
