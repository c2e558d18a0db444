/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* digits.c - how many digits of a figure its uncertainty justifies. */
#include "quant/digits.h"

#include <math.h>
#include <stdlib.h>

#define DIGITS_WITHOUT_UNCERTAINTY 3

/* Decimals at which x keeps n digits; a carry (0.0996 -> 0.10) counts as the next power of ten. */
static int decimals_for(double x, int n)
{
	int decimals = n - 1 - (int)floor(log10(x));

	if (floor(log10(quant_round(x, decimals))) > floor(log10(x)))
		decimals--;
	return decimals < QUANT_MAX_DECIMALS ? decimals : QUANT_MAX_DECIMALS;
}

int quant_round_decimals(double value, double half_width)
{
	double size = fabs(value);
	double first;

	if (!(half_width > 0) || !isfinite(half_width))
		return size > 0 && isfinite(size) ? decimals_for(size, DIGITS_WITHOUT_UNCERTAINTY)
						  : 0;
	first = half_width / pow(10, floor(log10(half_width)));
	return decimals_for(half_width, first < 2.95 ? 2 : 1);
}

double quant_round(double x, int decimals)
{
	double scale = pow(10, abs(decimals));

	return decimals < 0 ? round(x / scale) * scale : round(x * scale) / scale;
}
