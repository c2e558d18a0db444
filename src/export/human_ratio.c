/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* human_ratio.c - how much less or more, and how sure that is, in a sentence. */
#include <math.h>

#include "base/cleanup.h"
#include "export/repeats.h"
#include "export/text.h"

/* Decimals of a percentage that its half-width justifies; number.h's rule. */
static int percent_decimals(double half)
{
	return half >= 2.95 ? 0 : half >= 0.295 ? 1 : 2;
}

/* "12 % ±4 % less", "12 % [3, 30] more" of what. */
static void put_change(struct buf *out, const struct export_ratio *r, const char *what)
{
	double change = (double)r->ratio_ppm / 1e4 - 100;
	double low = (double)r->low_ppm / 1e4 - 100, high = (double)r->high_ppm / 1e4 - 100;
	int sign = change < 0 ? -1 : 1, decimals = percent_decimals((high - low) / 2);
	double near = sign < 0 ? -high : low, far = sign < 0 ? -low : high;
	double narrow = fmin(change - low, high - change), wide = fmax(change - low, high - change);

	buf_printf(out, "%.*f %% ", decimals, fabs(change));
	if (wide - narrow <= wide / 10)
		buf_printf(out, "±%.*f %% ", decimals, (high - low) / 2);
	else
		buf_printf(out, "[%.*f, %.*f] ", decimals, near, decimals, far);
	buf_printf(out, "%s %s", sign < 0 ? "less" : "more", what);
}

/* How sure the direction is. */
static void put_confidence(struct buf *out, const struct export_ratio *r)
{
	double less = (double)r->less_ppm / 1e4;
	double sure = r->ratio_ppm < JT_PPM_PER_1 ? less : 100 - less;

	if (r->low_ppm == JT_PPM_PER_1 && r->high_ppm == JT_PPM_PER_1)
		buf_puts(out, "; no difference");
	else if (sure > 99.9)
		buf_puts(out, "; more than 99.9 % confident");
	else if (sure >= 95)
		buf_printf(out, "; %.1f %% confident", sure);
	else
		buf_printf(out, "; only %.0f %% confident: no difference can be told",
			   fmax(sure, 50));
}

void export_human_ratio(struct buf *out, const char *subject, const struct export_ratio *r,
			const char *what)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	buf_printf(&line, "%s used ", subject);
	put_change(&line, r, what);
	put_confidence(&line, r);
	buf_putc(&line, '.');
	text_put_folded(out, line.err ? "" : line.data);
}
