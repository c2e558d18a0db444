/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* interval.c - does noise widen an interval as it should, and do integers contain the value? */
#include "quant/interval.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

#include "unit/random.h"

Test(interval, noise_on_nothing_is_the_noise)
{
	const struct quant_interval sharp = { 100, 100, 100 };
	struct quant_interval q = quant_interval_add_noise(&sharp, 25);

	cr_expect_float_eq(q.low, 100 - QUANT_Z95 * 5, 1e-9);
	cr_expect_float_eq(q.high, 100 + QUANT_Z95 * 5, 1e-9);
}

Test(interval, no_noise_changes_nothing_and_much_of_it_stops_at_zero)
{
	const struct quant_interval i = { 100, 60, 180 };
	struct quant_interval q = quant_interval_add_noise(&i, 0);

	cr_expect_float_eq(q.low, 60, 1e-9);
	cr_expect_float_eq(q.high, 180, 1e-9);
	q = quant_interval_add_noise(&i, 1e6);
	cr_expect_eq(q.low, 0);
	cr_expect(q.high > 100 + QUANT_Z95 * 1000 && isfinite(q.high));
	q = quant_interval_add_noise(&i, NAN);
	cr_expect(q.low == 0 && q.high == DBL_MAX);
	q = quant_interval_add_noise(&i, INFINITY);
	cr_expect(q.low == 0 && q.high == DBL_MAX);
}

Test(interval, published_integers_always_contain_the_value)
{
	struct random_source r = { .seed = 3 };

	for (int i = 0; i < 100000; i++) {
		uint64_t value = random_any_size(&r);
		double low = exp(-exp(3 * random_normal(&r) - 3));
		double high = exp(exp(3 * random_normal(&r) - 3));
		struct quant_interval q = { (double)value, (double)value * low,
					    (double)value * high };
		struct quant_interval_u64 p = quant_interval_round(&q, value);

		cr_assert(p.low <= p.value && p.value <= p.high && p.value == value,
			  "case %d: %lu <= %lu <= %lu", i, p.low, p.value, p.high);
		cr_assert((double)p.low <= q.low || p.low == value, "case %d: low rounded up", i);
		cr_assert((double)p.high >= q.high || p.high == UINT64_MAX,
			  "case %d: high rounded down", i);
	}
}

Test(interval, rounding_saturates)
{
	const struct quant_interval wild = { .value = 5, .low = NAN, .high = NAN };
	const struct quant_interval huge = { .value = 5, .low = -1e300, .high = 1e300 };
	struct quant_interval_u64 p = quant_interval_round(&wild, 5);

	cr_assert_eq(p.low, 0);
	cr_assert_eq(p.high, UINT64_MAX);
	p = quant_interval_round(&huge, 5);
	cr_assert_eq(p.low, 0);
	cr_assert_eq(p.high, UINT64_MAX);
}
