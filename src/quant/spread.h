/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spread.h - how far a product may be from its central value: sums in ln space, and quantiles. */
#ifndef QUANT_SPREAD_H
#define QUANT_SPREAD_H

#include <stddef.h>

#include "quant/interval.h"

/*
 * The distribution of ln(X/C), C being the product of medians. Zero-initialise; independent
 * contributions add. The most lopsided two-piece factor is kept as it is, of all others the first
 * four cumulants. A contribution that is NaN or infinite counts as the widest that can be told
 * (QUANT_MAX_SIGMA), never as none.
 */
struct quant_spread {
	struct quant_sides widest;
	double lopsided; /* |third cumulant| of widest */
	double k1;	 /* mean, variance, third and fourth cumulant of the others */
	double k2;
	double k3;
	double k4;
};

#define QUANT_MAX_SIGMA 100.0

/*
 * Adds a factor f that is common to everything it multiplies. part = L_f / C, the share of the
 * value that hangs on f (1 where all of it does): adds part·Y_f. A part below 0 divides.
 */
void quant_spread_add_factor(struct quant_spread *s, double part, const struct quant_sides *f);

/* Adds a relative standard deviation, the same on both sides: relative_sd². */
void quant_spread_add_sd(struct quant_spread *s, double relative_sd);

/*
 * Adds an additive variance with coefficient of variation cv: ln(1 + cv²), which is cv² where it
 * is small (the V/E² of docs/method.md) and stays finite where noise is larger than the value.
 */
void quant_spread_add_cv(struct quant_spread *s, double cv);

/* Variance of it all, in ln space. */
double quant_spread_variance(const struct quant_spread *s);

/*
 * P(ln(X/C) <= x), and the x where it is p. The widest factor and a normal are combined exactly,
 * what the others have of skewness and kurtosis by an expansion to the first order.
 * Source: docs/method.md, "The interval of a figure".
 */
double quant_spread_cdf(const struct quant_spread *s, double x);
double quant_spread_quantile(const struct quant_spread *s, double p);

/* The 95 % interval around a median >= 0; a median of 0 gives [0, 0]. */
struct quant_interval quant_spread_interval(const struct quant_spread *s, double median);

/*
 * quant_spread_interval() for many values that have base in common and differ by a further normal
 * part: end points by interpolation, to 0.02 % of quant_spread_interval()'s, at a tenth of
 * its cost.
 */
#define QUANT_TABLE_NODES 33

/* End points of ln(X/C), 95 %. */
struct quant_ends {
	double low;
	double high;
};

struct quant_table {
	struct quant_spread base;
	double sd; /* of base */
	/* Over the whole's sd, by sd_more/(sd + sd_more) in steps of 1/QUANT_TABLE_NODES. */
	struct quant_ends node[QUANT_TABLE_NODES];
};

void quant_table_make(const struct quant_spread *base, struct quant_table *ret);

/* One of these values. */
struct quant_point {
	const struct quant_table *table;
	double sd_more; /* standard deviation of the further part, in ln space */
	double median;
};

/* ret[n]. Some at a time are faster than one by one: processors work on several at once. */
void quant_table_intervals(const struct quant_point *p, size_t n, struct quant_interval *ret);

#endif /* QUANT_SPREAD_H */
