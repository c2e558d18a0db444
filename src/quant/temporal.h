/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* temporal.h - how far an annual mean is from the moment it stands for. */
#ifndef QUANT_TEMPORAL_H
#define QUANT_TEMPORAL_H

#include <stdint.h>

/*
 * Coefficient of variation of the mean intensity over a window of that length, within a year:
 * 0.34 up to an hour, 0.30 at a day, 0.23 at a week, 0.17 at 30 days, 0 from a year on; between
 * these, linear in the logarithm of the length.
 * Source: docs/method.md, "An annual mean for a moment".
 */
double quant_temporal_cv(uint64_t duration_ns);

/* The same as a standard deviation in ln space: sqrt(ln(1 + cv²)). */
double quant_temporal_sd(uint64_t duration_ns);

#endif /* QUANT_TEMPORAL_H */
