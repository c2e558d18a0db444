/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sources.c - see sources.h. */
#include "quant/sources.h"

#include <math.h>
#include <string.h>

/* The place of that name, a new one, or the last where there is no room. */
static struct quant_source *sources_place(struct quant_sources *s, const struct quant_source *like)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->source[i].is_random == like->is_random &&
		    !strcmp(s->source[i].name, like->name))
			return &s->source[i];
	if (s->n == QUANT_MAX_SOURCES)
		return &s->source[s->n - 1];
	s->source[s->n] = *like;
	s->source[s->n].sum = 0;
	return &s->source[s->n++];
}

void quant_sources_add(struct quant_sources *s, const struct quant_source *source, uint64_t sd_ppm,
		       uint64_t energy_uj)
{
	struct quant_source *to = sources_place(s, source);
	double sd = (double)sd_ppm / 1e6 * (double)energy_uj;

	to->sum += to->is_random ? sd * sd : sd;
}

uint64_t quant_sources_ppm(const struct quant_sources *s, size_t i, uint64_t energy_uj)
{
	double sum = s->source[i].sum, ppm;

	if (energy_uj == 0)
		return 0;
	ppm = (s->source[i].is_random ? sqrt(sum) : sum) / (double)energy_uj * 1e6;
	/* Sums of ratios that were exact may end just below themselves. */
	return ppm < 1e9 ? (uint64_t)(ppm + 1e-6) : 1000000000;
}
