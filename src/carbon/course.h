/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * course.h - windows that follow one another without their consumers: what the figures of a few
 * consumers over them rest on, in a kilobyte. What comes out is what an account of the same windows
 * says: the intervals are made by the same functions.
 */
#ifndef CARBON_COURSE_H
#define CARBON_COURSE_H

#include "carbon/account.h"
#include "carbon/sum.h"

/* Zero-initialise. */
struct course {
	struct window window; /* begin of the first, end of the last */
	uint64_t n_windows;
	uint64_t task_ns;    /* of all tasks */
	uint64_t missing_ns; /* of windows without any energy */
	uint64_t host_uj, idle_uj, attributed_uj, unattributed_uj;
	uint64_t host_by_factor_uj[SHARES_MAX_FACTORS];
	uint64_t idle_by_factor_uj[SHARES_MAX_FACTORS];
	double host_random_var_uj2;
	double idle_static_sd_uj;
	jt_product host_product, idle_product;
	enum energy_quality quality;
	size_t n_factors;
	struct shares_factor factor[SHARES_MAX_FACTORS];
	struct intensity intensity; /* of the last window */
	struct quant_sides sides;   /* likewise */
	struct account_grid grid;
};

/* One window with all that adding consumers of it needs. */
struct course_window {
	const struct usage *usage;
	const struct energy *energy;
	const struct shares *shares;
	const struct intensity *intensity;
};

/*
 * Adds a window. ret_map: of the window's factors, their index in the course, for course_add().
 * Returns 0; -EINVAL, -EOVERFLOW as carbon_run(), with nothing added.
 */
int course_add_window(struct course *c, const struct course_window *w,
		      size_t ret_map[SHARES_MAX_FACTORS]);

/* Adds the rows of a window that one of the course's consumers had in it: to a sum over all. */
void course_add(struct sum *to, const struct sum *window, const struct course_window *w,
		const size_t map[SHARES_MAX_FACTORS]);

/*
 * The course as a tick without samples and domains: intensity, intervals of host and idle. a is the
 * caller's, large, and need not be initialised.
 */
void course_finish(const struct course *c, struct account *a);

/* The carbon and the intervals of a consumer of the course that was finished into a. */
void course_sum_end(struct sum *s, const struct account *a);

#endif /* CARBON_COURSE_H */
