/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* chart.c - are ticks of axes round and few, is a hole a hole, and does all stay on the page? */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/chart.h"
#include "jouletrail/units.h"
#include "unit/random.h"

Test(chart, steps_are_round_and_no_more_than_asked_for)
{
	struct random_source random = { .seed = 3 };

	cr_assert(fabs(chart_step(100, 5) - 20) < 1e-9 && fabs(chart_step(101, 5) - 50) < 1e-9);
	cr_assert(fabs(chart_step(0.07, 5) - 0.02) < 1e-9);
	for (int i = 0; i < 10000; i++) {
		double range = (double)random_any_size(&random) + 1, step = chart_step(range, 5);
		double lead = step / pow(10, floor(log10(step) + 1e-9));

		cr_assert(range / step <= 5 && range / step > 1.9, "%g %g", range, step);
		cr_assert(fabs(lead - 1) < 1e-6 || fabs(lead - 2) < 1e-6 || fabs(lead - 5) < 1e-6,
			  "%g", lead);
	}
}

Test(chart, time_steps_are_of_the_calendar)
{
	const int64_t s = JT_US_PER_S;

	cr_assert(chart_time_step(7 * 86400 * s, 8) == 86400 * s);
	cr_assert(chart_time_step(3600 * s, 8) == 600 * s);
	cr_assert(chart_time_step(0, 8) == s);
	for (int64_t years = 1; years < 3000; years *= 3)
		cr_assert(years * 365 * 86400 * s / chart_time_step(years * 365 * 86400 * s, 8) <=
			  8);
}

static const char *drawn(const struct chart_point *p, size_t n)
{
	static struct buf out;
	const struct chart c = { .title = "T",
				 .colour = "e",
				 .unit = "W",
				 .point = p,
				 .n = n,
				 .from_us = 0,
				 .to_us = 100 };

	buf_reset(&out);
	chart_put(&out, &c);
	chart_put_strip(&out, &c);
	cr_assert(out.err == 0);
	return out.data;
}

Test(chart, a_hole_is_no_zero)
{
	const struct chart_point p[] = {
		{ 0, 40, true, 100, { 2000000, 1000000, 3000000 } },
		{ 40, 60, false, 0, { 0, 0, 0 } },
		{ 60, 100, true, 50, { 2000000, 2000000, 2000000 } },
	};
	const char *text = drawn(p, 3);

	/* The line ends at the hole and begins anew behind it; so does the band. */
	cr_assert(strstr(text, "<path class=\"mean\" d=\"M0.0 66.7H400.0M600.0 66.7H1000.0\"/>"),
		  "%s", text);
	cr_assert(strstr(text, "V133.3H0.0ZM600.0 "));
	cr_assert(strstr(text, "<rect class=\"none\" x=\"400.0\" width=\"200.0\""));
	cr_assert(strstr(text, "not measured") && strstr(text, "2.0 W ±1.0"));
	cr_assert(strstr(text, "<rect class=\"part\" x=\"600.0\"") &&
		  strstr(text, "<rect class=\"hole\" x=\"400.0\""));
}

Test(chart, nothing_known_is_an_empty_chart)
{
	const struct chart_point p = { 0, 100, false, 0, { 0, 0, 0 } };

	cr_assert(strstr(drawn(&p, 1), "<path class=\"mean\" d=\"\"/>"));
	cr_assert(strstr(drawn(NULL, 0), "</figure>"));
}

/* Every number of a path or a rectangle is within the drawing, and finite. */
Test(chart, whatever_the_figures_it_stays_within_bounds)
{
	struct random_source random = { .seed = 9 };

	for (int i = 0; i < 500; i++) {
		struct chart_point p[5];

		for (size_t k = 0; k < 5; k++) {
			uint64_t v = random_any_size(&random);

			p[k] = (struct chart_point){ (int64_t)k * 20,
						     (int64_t)k * 20 + 20,
						     random_below(&random, 4) > 0,
						     100,
						     { v, v - v / 2,
						       v > UINT64_MAX / 2 ? v : 2 * v } };
		}
		for (const char *at = drawn(p, 5); (at = strstr(at, "d=\"")); at++)
			for (const char *n = at + 3; *n != '"';) {
				char *end;
				double x;

				n += strcspn(n, "0123456789-\"in");
				if (*n == '"')
					break;
				x = strtod(n, &end);
				cr_assert(end > n && x >= 0 && x <= 1000, "%.60s", at);
				n = end;
			}
	}
}

Test(chart, bars)
{
	const struct quant_interval_u64 v = { 50, 40, 60 }, exact = { 5, 5, 5 };
	struct buf out = { 0 };

	chart_put_bar(&out, &v, 100);
	cr_assert(strstr(out.data, "width=\"500.0\"") && strstr(out.data, "M400.0 5H600.0"));
	buf_reset(&out);
	chart_put_bar(&out, &exact, 0);
	cr_assert(strstr(out.data, "width=\"0.0\"") && !strstr(out.data, "<path"));
	buf_free(&out);
}
