/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* window.h - the steps that a window touches. */
#ifndef PLAN_WINDOW_H
#define PLAN_WINDOW_H

#include "plan/plan.h"

/* Index of the first step that ends after at_s; n: none. */
size_t window_first_step(const struct plan_series *s, int64_t at_s);

/* Seconds of a step that lie in [start_s, end_s). */
uint64_t window_shared_s(const struct series_point *p, int64_t start_s, int64_t end_s);

#endif /* PLAN_WINDOW_H */
