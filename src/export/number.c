/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* number.c - see number.h. Integers throughout: what is printed is exact decimal rounding. */
#include "export/number.h"

#include <stdbool.h>

static const char *const prefixes[] = { "µ", "m", "", "k", "M", "G" };

/* 10^n, n <= 19. */
static uint64_t number_pow10(unsigned int n)
{
	uint64_t p = 1;

	while (n--)
		p *= 10;
	return p;
}

/* Decimal digits of v; 1 for 0. */
static unsigned int number_n_digits(uint64_t v)
{
	unsigned int n = 1;

	while (v >= 10) {
		v /= 10;
		n++;
	}
	return n;
}

/* To a multiple of 10^n, half upwards; stays within 64 bits by giving up the last step. */
static uint64_t number_round(uint64_t v, unsigned int n)
{
	uint64_t step = number_pow10(n), rest = v % step;

	if (rest >= step - rest && v - rest <= UINT64_MAX - step)
		return v - rest + step;
	return v - rest;
}

static unsigned int number_least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * value is rounded to a multiple of 10^place micro-units. The prefix is chosen after the rounding,
 * so that 999.96 becomes 1.000 k.
 */
static struct number_scale number_scale(uint64_t value, unsigned int place)
{
	unsigned int group = (number_n_digits(number_round(value, place)) - 1) / 3;

	group = number_least(group, sizeof(prefixes) / sizeof(prefixes[0]) - 1);
	return (struct number_scale){ .exp10 = 3 * group,
				      .prefix = prefixes[group],
				      .digits = (int)(3 * group) - (int)place };
}

/* The last decimal place, as a power of ten, that leaves `digits` significant digits of v. */
static unsigned int number_place(uint64_t v, unsigned int digits)
{
	unsigned int n = number_n_digits(v);

	return n > digits ? n - digits : 0;
}

int number_is_symmetric(const struct quant_interval_u64 *v)
{
	uint64_t below = v->value - v->low, above = v->high - v->value;
	uint64_t wide = below > above ? below : above, narrow = below > above ? above : below;

	/* One micro-unit is the rounding outwards of the published interval. */
	return wide - narrow <= wide / 10 + 1;
}

static uint64_t number_half_width(const struct quant_interval_u64 *v)
{
	return (v->high - v->low) / 2 + (v->high - v->low) % 2;
}

/* First decimal digit of v. */
static uint64_t number_first_digit(uint64_t v)
{
	return v / number_pow10(number_n_digits(v) - 1);
}

struct number_scale number_scale_interval(const struct quant_interval_u64 *v)
{
	uint64_t below = v->value - v->low, above = v->high - v->value, half;
	uint64_t narrow = below < above ? below : above;
	unsigned int place;

	if (v->low == v->high)
		return number_scale_plain(v->value);
	if (!number_is_symmetric(v)) {
		place = number_place(narrow ? narrow : below + above, 2);
	} else {
		half = number_half_width(v);
		place = number_place(half, number_first_digit(half) <= 2 ? 2 : 1);
		/* 0.0996 is 0.10, not 0.1. */
		if (number_n_digits(number_round(half, place)) > number_n_digits(half))
			place = number_place(number_round(half, place), 2);
	}
	/* A figure that its interval swamps keeps its first digit all the same. */
	if (place >= number_n_digits(v->value) && v->value)
		place = number_n_digits(v->value) - 1;
	return number_scale(v->value ? v->value : v->high, place);
}

struct number_scale number_scale_plain(uint64_t value)
{
	/* 999.5 has a digit more once it is rounded. */
	unsigned int place = number_place(number_round(value, number_place(value, 3)), 3);

	return number_scale(value, place);
}

void number_put(struct buf *out, uint64_t value, const struct number_scale *s)
{
	unsigned int place = (unsigned int)((int)s->exp10 - s->digits);
	uint64_t unit = number_pow10(s->exp10), rounded = number_round(value, place);

	buf_put_u64(out, rounded / unit);
	if (s->digits > 0)
		buf_printf(out, ".%0*llu", s->digits,
			   (unsigned long long)(rounded % unit / number_pow10(place)));
}

void number_put_interval(struct buf *out, const struct quant_interval_u64 *v, const char *unit)
{
	struct number_scale s = number_scale_interval(v);

	number_put(out, v->value, &s);
	buf_printf(out, " %s%s", v->value || v->high ? s.prefix : "", unit);
	if (v->value == 0 && v->high == 0)
		return;
	if (number_is_symmetric(v)) {
		buf_puts(out, " ±");
		number_put(out, number_half_width(v), &s);
		return;
	}
	buf_puts(out, " [");
	number_put(out, v->low, &s);
	buf_puts(out, ", ");
	number_put(out, v->high, &s);
	buf_puts(out, "]");
}

void number_put_plain(struct buf *out, uint64_t value, const char *unit)
{
	struct number_scale s = number_scale_plain(value);

	number_put(out, value, &s);
	buf_printf(out, " %s%s", value ? s.prefix : "", unit);
}

void number_round_parts(uint64_t *part, size_t n, const struct number_scale *s)
{
	unsigned int place = (unsigned int)((int)s->exp10 - s->digits);
	uint64_t sum = 0, given = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t upto;

		sum += part[i];
		upto = number_round(sum, place);
		part[i] = upto - given;
		given = upto;
	}
}
