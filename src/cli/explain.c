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

double explain_variance(const struct record_budget *b)
{
	double minus = (double)b->minus_ppm / 1e6, plus = (double)b->plus_ppm / 1e6;

	return (minus * minus + plus * plus) / 2;
}

double explain_sum(const struct record_budget *list, size_t n, bool energy)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (!energy || list[i].of_energy)
			sum += explain_variance(&list[i]);
	return sum;
}

void explain_put_end(struct buf *out, const struct record_budget *b, int sign)
{
	double sigma = (double)(sign < 0 ? b->minus_ppm : b->plus_ppm) / 1e6;
	double percent = 100 * expm1(sign * QUANT_Z95 * sigma);

	if (percent > 999)
		buf_printf(out, "x%.0f", fmin(1 + percent / 100, 99999));
	else
		buf_printf(out, "%+.*f %%", fabs(percent) < 9.95 ? 1 : 0, percent);
}

static void put_end(struct buf *out, const struct record_budget *b, int sign)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	explain_put_end(&text, b, sign);
	text_put_right(out, text.err ? "" : text.data, 8);
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
	double of_co2e = explain_sum(list, n, false), of_energy = explain_sum(list, n, true);
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
		double variance = explain_variance(&list[i]);
		size_t from = out->len;

		if (variance <
		    EXPLAIN_LEAST * fmin(of_co2e, list[i].of_energy ? of_energy : INFINITY))
			continue;
		put_share(out, variance, of_co2e);
		put_share(out, list[i].of_energy ? variance : 0, of_energy);
		put_end(out, &list[i], -1);
		put_end(out, &list[i], 1);
		text_pad(out, from, 35);
		text_put_escaped(out, list[i].source, 15);
		text_pad(out, from, 51);
		buf_printf(out, "%s\n", export_remedy(&list[i], no_zone) ?: "-");
	}
}
