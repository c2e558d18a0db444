/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shown.c - see shown.h. */
#include "control/shown.h"

#include <stdlib.h>
#include <string.h>

/* All strings of a sample, in one order. */
enum { N_STRINGS = 3 + sizeof(struct sample_labels) / sizeof(char *) };

_Static_assert(sizeof(struct sample_labels) % sizeof(char *) == 0, "labels are strings alone");

static void strings_of(struct sample *s, const char **ret[N_STRINGS])
{
	const char **labels = (const char **)&s->labels;

	ret[0] = &s->id;
	ret[1] = &s->name;
	ret[2] = &s->cgroup;
	for (size_t i = 3; i < N_STRINGS; i++)
		ret[i] = &labels[i - 3];
}

static size_t text_size(struct sample *s, size_t n)
{
	const char **string[N_STRINGS];
	size_t size = 0;

	for (size_t i = 0; i < n; i++) {
		strings_of(&s[i], string);
		for (size_t k = 0; k < N_STRINGS; k++)
			size += *string[k] ? strlen(*string[k]) + 1 : 0;
	}
	return size;
}

static void copy_text(struct sample *s, size_t n, char *to)
{
	const char **string[N_STRINGS];

	for (size_t i = 0; i < n; i++) {
		strings_of(&s[i], string);
		for (size_t k = 0; k < N_STRINGS; k++) {
			size_t len;

			if (!*string[k])
				continue;
			len = strlen(*string[k]) + 1;
			memcpy(to, *string[k], len);
			*string[k] = to;
			to += len;
		}
	}
}

void shown_free(struct shown *s)
{
	free(s->sample);
	free(s->text);
	*s = (struct shown){ .has_tick = false };
}

void shown_take(struct shown *s, const struct tick *t)
{
	size_t n = t->n_samples < SHOWN_MAX ? t->n_samples : SHOWN_MAX, size;

	s->has_tick = false;
	if (!s->sample)
		s->sample = calloc(SHOWN_MAX, sizeof(*s->sample));
	if (!s->sample)
		return;
	if (n)
		memcpy(s->sample, t->sample, n * sizeof(*s->sample));
	size = text_size(s->sample, n);
	if (size > s->n_bytes) {
		free(s->text);
		s->n_bytes = 0;
		s->text = malloc(size);
		if (!s->text)
			return;
		s->n_bytes = size;
	}
	copy_text(s->sample, n, s->text);
	s->tick = *t;
	s->tick.sample = s->sample;
	s->tick.n_samples = n;
	s->tick.branch = NULL;
	s->tick.n_branches = 0;
	s->tick.montecarlo = NULL;
	s->n_left_out = t->n_samples - n;
	s->has_tick = true;
}
