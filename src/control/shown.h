/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shown.h - the last tick's consumers, kept for those who ask until the next one. */
#ifndef CONTROL_SHOWN_H
#define CONTROL_SHOWN_H

#include "types/record.h"

#define SHOWN_MAX 1000 /* those of the most energy */

/* Zero-initialise. tick.sample is owned, and the strings of its samples. */
struct shown {
	bool has_tick;
	struct tick tick;
	struct sample *sample;
	size_t n_bytes;
	char *text;
	size_t n_left_out; /* consumers beyond SHOWN_MAX */
};

/* Copies it. Without memory nothing is shown. */
void shown_take(struct shown *s, const struct tick *t);
void shown_free(struct shown *s);

/* Whether all that the consumer used was of tasks of that uid. */
static inline bool shown_is_of(const struct sample *s, uint32_t uid)
{
	return s->has_owner && !s->mixed_owners && s->owner_uid == uid;
}

#endif /* CONTROL_SHOWN_H */
