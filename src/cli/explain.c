/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* explain.c - what an uncertainty is made of, by size, and what would shrink each part. */
#include "cli/explain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/export.h"
#include "export/text.h"
#include "quant/interval.h"

/* A share of the variance that would be shown as 0.0 %. */
#define EXPLAIN_LEAST 0.0005

static double variance_of(const struct record_budget *b)
{
	double minus = (double)b->minus_ppm / 1e6, plus = (double)b->plus_ppm / 1e6;

	return (minus * minus + plus * plus) / 2;
}

static double sum_of(const struct record_budget *list, size_t n, bool energy)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (!energy || list[i].of_energy)
			sum += variance_of(&list[i]);
	return sum;
}

/* "-44 %": the end of the 95 % interval that the source alone would give. */
static void put_end(struct buf *out, double sigma, int sign)
{
	double percent = 100 * expm1(sign * QUANT_Z95 * sigma);
	char text[32];

	if (percent > 999)
		snprintf(text, sizeof(text), "x%.0f", fmin(1 + percent / 100, 99999));
	else
		snprintf(text, sizeof(text), "%+.*f %%", fabs(percent) < 9.95 ? 1 : 0, percent);
	text_put_right(out, text, 8);
}

static void put_share(struct buf *out, double variance, double sum)
{
	char text[32] = "-";

	if (variance > 0 && sum > 0)
		snprintf(text, sizeof(text), "%.*f %%", variance / sum < 0.0995 ? 1 : 0,
			 100 * variance / sum);
	text_put_right(out, text, 8);
}

void explain_write(struct buf *out, const char *title, const struct record_budget *list, size_t n,
		   bool no_zone)
{
	double of_co2e = sum_of(list, n, false), of_energy = sum_of(list, n, true);
	CLEANUP(buf_free) struct buf line = { 0 };

	buf_puts(&line, "Uncertainty of ");
	text_put_escaped_end(&line, title, 50);
	buf_puts(&line, n ? ", by source:" : ": none is known.");
	buf_putc(out, '\n');
	text_put_folded(out, line.err ? "" : line.data);
	if (!n)
		return;
	buf_puts(out, "    co2e  energy    by itself      source          less of it by\n");
	for (size_t i = 0; i < n; i++) {
		double variance = variance_of(&list[i]);
		size_t from = out->len;

		if (variance <
		    EXPLAIN_LEAST * fmin(of_co2e, list[i].of_energy ? of_energy : INFINITY))
			continue;
		put_share(out, variance, of_co2e);
		put_share(out, list[i].of_energy ? variance : 0, of_energy);
		put_end(out, (double)list[i].minus_ppm / 1e6, -1);
		put_end(out, (double)list[i].plus_ppm / 1e6, 1);
		text_pad(out, from, 35);
		text_put_escaped(out, list[i].source, 15);
		text_pad(out, from, 51);
		buf_printf(out, "%s\n", export_remedy(&list[i], no_zone) ?: "-");
	}
}
