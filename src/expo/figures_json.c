/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures_json.c - see figures.h: figures as JSON has them. */
#include <math.h>
#include <stdio.h>

#include "expo/figures.h"

const char *figures_quality_name(double quality)
{
	return quality == 2 ? "measured" : quality == 1 ? "modelled" : "missing";
}

void figures_put_json(struct json_writer *w, const char *name, double v)
{
	/* What differences leave below a nanojoule is not negative, but nothing. */
	double known = fabs(v) < 5e-10 ? 0.0 : v;
	char text[64];
	int len = snprintf(text, sizeof(text), "%.9f", known);

	json_key(w, name);
	if (!isfinite(v) || len < 0 || (size_t)len >= sizeof(text)) {
		json_put_null(w);
		return;
	}
	while (len > 2 && text[len - 1] == '0' && text[len - 2] != '.')
		len--;
	json_raw(w, text, (size_t)len);
}
