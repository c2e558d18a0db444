/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sources.c - see sources.h. */
#include "ledger/sources.h"

#include <math.h>
#include <string.h>

#include "ledger/figures.h"

/* The place of that name, a new one, or the last where there is no room. */
static size_t sources_place(struct sources *s, struct scan_value name, bool is_random)
{
	size_t i, len = name.len < sizeof(s->source[0].name) ? name.len
							     : sizeof(s->source[0].name) - 1;

	for (i = 0; i < s->n; i++)
		if (s->source[i].is_random == is_random && strlen(s->source[i].name) == len &&
		    !memcmp(s->source[i].name, name.at, len))
			return i;
	if (i == SOURCES_MAX)
		return i - 1;
	memcpy(s->source[i].name, name.at, len);
	s->source[i].is_random = is_random;
	s->n++;
	return i;
}

void sources_add(struct sources *s, struct scan_value line, uint64_t host_uj)
{
	struct scan_value budget, source, name, kind;
	size_t pos = 0;

	if (scan_member(line, "budget", &budget))
		return;
	while (scan_element(budget, &pos, &source)) {
		double sd = (double)figures_u64(source, "sd_ppm") / 1e6 * (double)host_uj;
		bool is_random;
		size_t i;

		if (scan_member(source, "kind", &kind) || scan_member(source, "source", &name) ||
		    scan_text(name, &name) || scan_is_string(kind, "temporal") ||
		    (name.len == 9 && !memcmp(name.at, "intensity", 9)))
			continue;
		is_random = scan_is_string(kind, "random");
		i = sources_place(s, name, is_random);
		s->source[i].sum += s->source[i].is_random ? sd * sd : sd;
	}
}

double sources_sd(const struct sources *s, size_t i, uint64_t energy_uj)
{
	double sum = s->source[i].sum;

	if (energy_uj == 0)
		return 0;
	return (s->source[i].is_random ? sqrt(sum) : sum) / (double)energy_uj;
}
