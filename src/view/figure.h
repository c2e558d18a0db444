/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figure.h - columns of figures in one unit that add up as they are printed. */
#ifndef VIEW_FIGURE_H
#define VIEW_FIGURE_H

#include <stddef.h>
#include <stdint.h>

#include "export/number.h"

/*
 * A column's unit and decimals, by the largest figure that it is to hold, in micro-units: four to
 * six digits for that one. More than the interval justifies: its parts share its error, and what
 * they add up to is seen.
 */
struct number_scale figure_scale(uint64_t largest);

/* Micro-units of one last digit in that scale. */
uint64_t figure_step(const struct number_scale *s);

/* More than screens have lines. */
#define FIGURE_MAX_PARTS 512

/* num/den: what a part is multiplied with before it is rounded. den > 0. */
struct figure_ratio {
	uint64_t num;
	uint64_t den;
};

/*
 * Rounds n parts to integers whose sum is the rounded sum of the parts: by largest remainder, each
 * off by less than 1, and 0 stays 0. Equal remainders: the first ones. part and ret may be the
 * same. n: FIGURE_MAX_PARTS at most. Saturates at 2^64 - 1; no sum is promised then.
 */
void figure_apportion(const uint64_t *part, size_t n, struct figure_ratio r, uint64_t *ret);

#endif /* VIEW_FIGURE_H */
