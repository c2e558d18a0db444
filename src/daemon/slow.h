/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow.h - windows that are too short to be seen by everybody, put together to longer ones: what
 * each cell used, and its energy, over all of them.
 */
#ifndef DAEMON_SLOW_H
#define DAEMON_SLOW_H

#include <stdbool.h>

#include "carbon/course.h"

struct slow;

/* Returns 0 or -ENOMEM. */
int slow_new(struct slow **ret);
void slow_free(struct slow *s);

/* Adds the next window. Returns 0, or -ENOMEM with what there was forgotten. */
int slow_add(struct slow *s, const struct course_window *w);

/* Nothing has been added since the last slow_reset(). */
bool slow_is_empty(const struct slow *s);
uint64_t slow_begin_mono_ns(const struct slow *s);

/*
 * All that was added as one window; valid until the next call. Of its energy only the quality is
 * there; its intensity is the mean by energy.
 */
struct course_window slow_window(struct slow *s);

void slow_reset(struct slow *s);

#endif /* DAEMON_SLOW_H */
