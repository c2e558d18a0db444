/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* digits.h - how many digits of a figure its uncertainty justifies. */
#ifndef QUANT_DIGITS_H
#define QUANT_DIGITS_H

/* Never more than this many decimals, however small the half-width. */
#define QUANT_MAX_DECIMALS 9

/*
 * Decimals to print value and half-width with (the same for both); negative: round to tens,
 * hundreds, … The half-width keeps two digits where it begins with 1 or 2 and one digit else, so
 * rounding changes it by less than a fifth; a half-width of 0 (or no number) leaves value three
 * digits. A value of 0 has no digits of its own.
 * Source: the habit of the Particle Data Group (Review of Particle Physics, "Rounding"), with 3
 * in place of 3.55 as the turning point.
 */
int quant_round_decimals(double value, double half_width);

/* x to that many decimals, half away from zero. */
double quant_round(double x, int decimals);

#endif /* QUANT_DIGITS_H */
