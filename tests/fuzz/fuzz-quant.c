/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-quant.c - uncertain figures out of any bytes: sums, products, quotients, shapes. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "quant/shape.h"
#include "quant/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input; numbers behind its end are 0. */
struct input {
	const uint8_t *data;
	size_t size;
};

static double take(struct input *in)
{
	size_t n = in->size < sizeof(double) ? in->size : sizeof(double);
	double x = 0;

	memcpy(&x, in->data, n);
	in->data += n;
	in->size -= n;
	return x;
}

static void expect(bool holds)
{
	if (!holds)
		abort();
}

/* In order, around its value, neither negative nor no number. */
static void expect_interval(const struct quant_interval *i)
{
	struct quant_interval_u64 p = quant_interval_round(i, 77);

	expect(i->low >= 0 && i->low <= i->value && i->value <= i->high);
	expect(p.low <= 77 && p.high >= 77);
}

static struct quant_value take_value(struct input *in, int n_parts)
{
	struct quant_value v = { .value = take(in), .random_var = take(in) };

	for (int i = 0; i < n_parts; i++) {
		const struct quant_part part = { .id = (uint32_t)i % 5,
						 .group = (uint16_t)(i % 3),
						 .amount = take(in) };
		const struct quant_sides sides = { take(in), take(in) };

		quant_value_hang(&v, &part, &sides);
	}
	return v;
}

static void fuzz_shape(struct input *in)
{
	double a = take(in), b = take(in), c = take(in), d = take(in);
	const struct quant_interval i = { .low = a, .value = b, .high = c };
	struct shape s[5];
	int err[5] = { shape_two_piece(a, b, c, &s[0]), shape_lognormal(a, b, c, &s[1]),
		       shape_shifted(d, &i, &s[2]), shape_normal(a, b, c, d, &s[3]),
		       shape_triangular(a, b, c, &s[4]) };

	for (int k = 0; k < 5; k++)
		expect(err[k] || shape_quantile(&s[k], 0.025) <= shape_quantile(&s[k], 0.975));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct quant_value a = take_value(&in, 4), b = take_value(&in, 3);
	struct quant_interval i, ends[2];
	struct quant_point point[2];
	struct quant_spread s;
	struct quant_table t;

	fuzz_shape(&in);
	i = quant_value_interval(&a);
	expect_interval(&i);
	quant_ratio_spread(&a, &b, &s);
	i = quant_spread_interval(&s, 1);
	expect_interval(&i);
	quant_value_spread(&b, &s);
	quant_table_make(&s, &t);
	point[0] = (struct quant_point){ &t, take(&in), take(&in) };
	point[1] = (struct quant_point){ &t, take(&in), take(&in) };
	quant_table_intervals(point, 2, ends);
	expect_interval(&ends[0]);
	expect_interval(&ends[1]);
	quant_value_add(&a, &b);
	quant_value_scale(&a, take(&in));
	i = quant_value_interval(&a);
	expect_interval(&i);
	return 0;
}
