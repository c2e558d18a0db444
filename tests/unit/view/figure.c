/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figure.c - do columns add up as they are printed, whatever is in them? */
#include "view/figure.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "unit/random.h"

__extension__ typedef unsigned __int128 wide;

Test(figure, parts_add_up_and_are_off_by_less_than_one)
{
	struct random_source r = { .seed = 1 };

	for (int round = 0; round < 20000; round++) {
		struct figure_ratio ratio = { 1 + random_any_size(&r) % 1000003,
					      1 + random_any_size(&r) };
		uint64_t part[40], digits[40];
		size_t n = random_below(&r, 41);
		wide sum = 0;
		uint64_t shown = 0;

		for (size_t i = 0; i < n; i++) {
			part[i] = random_below(&r, 5) ? random_any_size(&r) >> 24 : 0;
			sum += (wide)part[i] * ratio.num;
		}
		figure_apportion(part, n, ratio, digits);
		for (size_t i = 0; i < n; i++) {
			wide exact = (wide)part[i] * ratio.num;

			shown += digits[i];
			cr_assert(digits[i] == exact / ratio.den ||
				  digits[i] == exact / ratio.den + 1);
			cr_assert(part[i] || !digits[i], "nothing stays nothing");
		}
		cr_assert(shown == (sum + ratio.den / 2) / ratio.den, "round %d", round);
	}
}

Test(figure, equal_parts_are_told_apart_by_their_place)
{
	uint64_t part[] = { 1, 1, 1, 0 };

	figure_apportion(part, 4, (struct figure_ratio){ 100, 3 }, part);
	cr_expect_eq(part[0], 34);
	cr_expect_eq(part[1], 33);
	cr_expect_eq(part[2], 33);
	cr_expect_eq(part[3], 0);
	figure_apportion(NULL, 0, (struct figure_ratio){ 1, 1 }, NULL);
}

static const char *printed(uint64_t v)
{
	static struct buf text;
	struct number_scale s = figure_scale(v);

	buf_reset(&text);
	number_put(&text, v, &s);
	buf_puts(&text, s.prefix);
	return text.data;
}

Test(figure, a_column_is_in_a_unit_with_a_few_decimals)
{
	cr_expect_str_eq(printed(0), "0µ");
	cr_expect_str_eq(printed(999), "999µ");
	cr_expect_str_eq(printed(1000), "1.000m");
	cr_expect_str_eq(printed(2352123), "2.352");
	cr_expect_str_eq(printed(48123456), "48.123");
	cr_expect_str_eq(printed(483123456), "483.12");
	cr_expect_str_eq(printed(4831234567), "4.831k");
	cr_expect_str_eq(printed(UINT64_MAX), "18446.74G");
}

Test(figure, a_step_is_the_last_digit)
{
	struct number_scale s = figure_scale(2352123), small = figure_scale(12);

	cr_expect_eq(figure_step(&s), 1000);
	cr_expect_eq(figure_step(&small), 1);
}
