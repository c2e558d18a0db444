/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* number.c - are figures written with the digits that their interval justifies, and no more? */
#include "export/number.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#include "base/cleanup.h"

static void expect(uint64_t value, uint64_t low, uint64_t high, const char *text)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct quant_interval_u64 v = { .value = value, .low = low, .high = high };

	number_put_interval(&out, &v, "J");
	cr_expect_str_eq(out.data, text, "%" PRIu64 " [%" PRIu64 ", %" PRIu64 "] is '%s' not '%s'",
			 value, low, high, out.data, text);
}

Test(number, symmetric_intervals)
{
	expect(12400000, 11800000, 13000000, "12.4 J ±0.6");
	expect(12412345, 11800000, 13000000, "12.4 J ±0.6");
	expect(12400000, 12280000, 12520000, "12.40 J ±0.12");
	expect(12400000, 10400000, 14400000, "12.4 J ±2.0");
	expect(1234567890, 1004567890, 1464567890, "1.23 kJ ±0.23");
	expect(734000000, 644000000, 824000000, "730 J ±90");
	expect(999960000, 989960000, 1009960000, "1.000 kJ ±0.010");
	expect(5000, 4000, 6000, "5.0 mJ ±1.0");
	expect(50, 45, 55, "50 µJ ±5");
	expect(5, 4, 7, "5 µJ ±2");
	expect(12400000, 11404000, 13396000, "12.4 J ±1.0");
}

Test(number, asymmetric_intervals)
{
	expect(12400000, 8100000, 20300000, "12.4 J [8.1, 20.3]");
	expect(1630, 150, 2440, "1.63 mJ [0.15, 2.44]");
	expect(50, 40, 70, "50 µJ [40, 70]");
	expect(100000000, 100000000, 150000000, "100 J [100, 150]");
	expect(3000000, 100000, 90000000, "3.0 J [0.1, 90.0]");
}

Test(number, nothing_and_no_interval)
{
	expect(0, 0, 0, "0 J");
	expect(0, 0, 9, "0 µJ [0, 9]");
	expect(12412345, 12412345, 12412345, "12.4 J ±0.0");
}

Test(number, extremes)
{
	expect(UINT64_MAX, 0, UINT64_MAX, "18000 GJ [0, 18000]");
	expect(1, 0, UINT64_MAX, "1 µJ [0, 18446744073709551615]");
	expect(1, 1, 2, "1 µJ ±1");
}

Test(number, plain)
{
	static const struct {
		uint64_t v;
		const char *text;
	} row[] = { { 0, "0 J" },	    { 7, "7 µJ" },	    { 999, "999 µJ" },
		    { 1000, "1.00 mJ" },    { 999499, "999 mJ" },   { 999500, "1.00 J" },
		    { 12412345, "12.4 J" }, { 473000000, "473 J" }, { UINT64_MAX, "18400 GJ" } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		CLEANUP(buf_free) struct buf out = { 0 };

		number_put_plain(&out, row[i].v, "J");
		cr_expect_str_eq(out.data, row[i].text);
	}
}

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Property: parts rounded for a screen still add up, each off by less than one last digit. */
Test(number, parts_add_up)
{
	for (int i = 0; i < 20000; i++) {
		uint64_t part[5], exact[5], sum = 0, rounded = 0, step = 1;
		struct quant_interval_u64 v;
		struct number_scale s;

		for (int k = 0; k < 5; k++) {
			part[k] = exact[k] = draw() >> (20 + draw() % 44);
			sum += part[k];
		}
		v = (struct quant_interval_u64){ sum, sum - sum / (2 + draw() % 50),
						 sum + sum / (2 + draw() % 50) };
		s = number_scale_interval(&v);
		number_round_parts(part, 5, &s);
		for (int p = (int)s.exp10 - s.digits; p > 0; p--)
			step *= 10;
		for (int k = 0; k < 5; k++) {
			uint64_t off = part[k] > exact[k] ? part[k] - exact[k] : exact[k] - part[k];

			rounded += part[k];
			cr_assert(off < step || (step == 1 && off == 0), "case %d, part %d", i, k);
			cr_assert_eq(part[k] % step, 0, "case %d, part %d", i, k);
		}
		cr_assert((rounded > sum ? rounded - sum : sum - rounded) <= step / 2, "case %d",
			  i);
	}
}
