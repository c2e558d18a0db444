/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* made_up.h - random series of a zone, small enough to be searched second by second. */
#ifndef TESTS_UNIT_PLAN_MADE_UP_H
#define TESTS_UNIT_PLAN_MADE_UP_H

#include "plan/plan.h"
#include "unit/random.h"

#define MADE_UP_STEPS 40
#define MADE_UP_SPAN  400 /* seconds that such a series covers at most, from its start on */

struct made_up {
	struct series_point step[MADE_UP_STEPS];
	struct plan_series series;
};

/* Few different values, so that ties are common; holes in every third series. */
static inline void made_up_series(struct made_up *m, struct random_source *r)
{
	bool holes = random_below(r, 3) == 0;
	int64_t at_s = (int64_t)random_below(r, 50) - 25;
	size_t n = 1 + random_below(r, MADE_UP_STEPS);
	uint32_t n_values = 1 + (uint32_t)random_below(r, 6);

	for (size_t i = 0; i < n; i++) {
		struct series_point *s = &m->step[i];

		if (holes && random_below(r, 5) == 0)
			at_s += 1 + (int64_t)random_below(r, 4);
		s->start_s = at_s;
		at_s += 1 + (int64_t)random_below(r, random_below(r, 4) == 0 ? 9 : 4);
		s->end_s = at_s;
		s->mg_per_kwh = (uint32_t)random_below(r, n_values) * 1000;
		s->low_mg_per_kwh = s->mg_per_kwh / 2;
		s->high_mg_per_kwh = s->mg_per_kwh * 2;
		s->flags = 0;
	}
	m->series = (struct plan_series){ .step = m->step, .n = n };
}

#endif /* TESTS_UNIT_PLAN_MADE_UP_H */
