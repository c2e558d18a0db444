/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* chart.c - see chart.h. */
#include "export/chart.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "export/html.h"
#include "export/number.h"
#include "jouletrail/units.h"

/* Of the drawing; it is stretched to whatever room there is. */
#define WIDTH	1000
#define HEIGHT	200
#define N_LINES 5
#define N_TIMES 8
/* Less than that of a span is shown as measured in part. */
#define COVERED_PERCENT 98

double chart_step(double range, unsigned int n)
{
	double step = pow(10, floor(log10(range / n)));
	static const double times[] = { 1, 2, 5, 10 };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (range / (step * times[i]) <= n)
			return step * times[i];
	return step * 20;
}

int64_t chart_time_step(int64_t range_us, unsigned int n)
{
	static const int64_t steps_s[] = { 1,	  2,	 5,	10,    15,     30,     60,
					   120,	  300,	 600,	900,   1800,   3600,   7200,
					   10800, 21600, 43200, 86400, 172800, 604800, 1209600 };
	int64_t last = 0;

	for (size_t i = 0; i < sizeof(steps_s) / sizeof(steps_s[0]); i++) {
		last = steps_s[i] * (int64_t)JT_US_PER_S;
		if (range_us / last <= n)
			return last;
	}
	while (range_us / last > n)
		last *= 2;
	return last;
}

struct axes {
	struct buf *out;
	const struct chart *c;
	double top;	      /* of the axis, in millionths */
	unsigned int n_lines; /* of the axis, above 0 */
};

static double axis_x(const struct axes *a, int64_t us)
{
	double all = (double)(a->c->to_us - a->c->from_us);
	double x = all > 0 ? (double)(us - a->c->from_us) / all * WIDTH : 0;

	return x < 0 ? 0 : x > WIDTH ? WIDTH : x;
}

static double axis_y(const struct axes *a, uint64_t v)
{
	double y = HEIGHT - (double)v / a->top * HEIGHT;

	return y < 0 ? 0 : y;
}

static void put_lines(const struct axes *a)
{
	buf_puts(a->out, "<path class=\"gl\" d=\"");
	for (unsigned int i = 0; i <= a->n_lines; i++)
		buf_printf(a->out, "M0 %.1fH%d", HEIGHT - (double)i / a->n_lines * HEIGHT, WIDTH);
	buf_puts(a->out, "\"/>");
}

/* Does the point go on where the one before it ended? */
static bool goes_on(const struct chart *c, size_t i)
{
	return i > 0 && c->point[i - 1].known && c->point[i - 1].to_us == c->point[i].from_us;
}

/* The band of the points from `from` to before `to`, which go on: there above, and back below. */
static void put_band(const struct axes *a, size_t from, size_t to)
{
	const struct chart_point *p = a->c->point;

	buf_printf(a->out, "M%.1f %.1f", axis_x(a, p[from].from_us), axis_y(a, p[from].v.high));
	for (size_t i = from; i < to; i++)
		buf_printf(a->out, "V%.1fH%.1f", axis_y(a, p[i].v.high), axis_x(a, p[i].to_us));
	for (size_t i = to; i-- > from;)
		buf_printf(a->out, "V%.1fH%.1f", axis_y(a, p[i].v.low), axis_x(a, p[i].from_us));
	buf_putc(a->out, 'Z');
}

static void put_bands(const struct axes *a)
{
	const struct chart *c = a->c;

	buf_puts(a->out, "<path class=\"band\" d=\"");
	for (size_t i = 0; i < c->n;) {
		size_t from = i++;

		if (!c->point[from].known)
			continue;
		while (i < c->n && c->point[i].known && goes_on(c, i))
			i++;
		put_band(a, from, i);
	}
	buf_puts(a->out, "\"/>");
}

static void put_mean(const struct axes *a)
{
	const struct chart *c = a->c;

	buf_puts(a->out, "<path class=\"mean\" d=\"");
	for (size_t i = 0; i < c->n; i++) {
		const struct chart_point *p = &c->point[i];

		if (!p->known)
			continue;
		if (goes_on(c, i))
			buf_printf(a->out, "V%.1f", axis_y(a, p->v.value));
		else
			buf_printf(a->out, "M%.1f %.1f", axis_x(a, p->from_us),
				   axis_y(a, p->v.value));
		buf_printf(a->out, "H%.1f", axis_x(a, p->to_us));
	}
	buf_puts(a->out, "\"/>");
}

/* What the pointer shows of each span. */
static void put_spans(const struct axes *a)
{
	for (size_t i = 0; i < a->c->n; i++) {
		const struct chart_point *p = &a->c->point[i];
		double x = axis_x(a, p->from_us);

		buf_printf(a->out,
			   "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>",
			   p->known ? "hit" : "none", x, axis_x(a, p->to_us) - x, HEIGHT);
		html_put_short_time(a->out, p->from_us);
		buf_puts(a->out, " – ");
		html_put_short_time(a->out, p->to_us);
		buf_puts(a->out, ": ");
		if (p->known)
			number_put_interval(a->out, &p->v, a->c->unit);
		else
			buf_puts(a->out, p->covered_percent ? "not known" : "not measured");
		buf_puts(a->out, "</title></rect>\n");
	}
}

static void put_values(const struct axes *a)
{
	double unit = pow(10, number_scale_plain((uint64_t)a->top).exp10);

	for (unsigned int i = 0; i <= a->n_lines; i++) {
		double v = a->top / a->n_lines * i;

		buf_printf(a->out, "<span class=\"y\" style=\"bottom:%.1f%%\">", v / a->top * 100);
		if (i)
			buf_printf(a->out, "%g", v / unit);
		else
			buf_puts(a->out, "0");
		buf_puts(a->out, "</span>");
	}
}

/* "16 Nov" at midnight, "10:30" else; years, where days are too small. */
static void put_moment(const struct axes *a, int64_t us, int64_t step_us)
{
	time_t t = (time_t)(us / (int64_t)JT_US_PER_S);
	bool seconds = step_us < (int64_t)(60 * JT_US_PER_S);
	struct tm tm = { 0 };
	char text[40] = "";

	if (!gmtime_r(&t, &tm))
		return;
	strftime(text, sizeof(text),
		 t % 86400 == 0 ? "%-d %b"
		 : seconds	? "%H:%M:%S"
				: "%H:%M",
		 &tm);
	buf_puts(a->out, text);
}

static void put_times(const struct axes *a)
{
	const struct chart *c = a->c;
	int64_t step_us = chart_time_step(c->to_us - c->from_us, N_TIMES);
	int64_t us = c->from_us - c->from_us % step_us;

	buf_puts(a->out, "<div class=\"x\">");
	for (unsigned int i = 0; us <= c->to_us && i < 2 * N_TIMES; us += step_us) {
		double x = axis_x(a, us) / WIDTH * 100;

		/* Letters that would hang over an edge. */
		if (us < c->from_us || x > 99)
			continue;
		buf_printf(a->out, "<span%s style=\"left:%.1f%%\">",
			   i++ % 2 ? " class=\"odd\"" : "", x);
		put_moment(a, us, step_us);
		buf_puts(a->out, "</span>");
	}
	buf_puts(a->out, "</div>\n");
}

void chart_put(struct buf *out, const struct chart *c)
{
	struct axes a = { .out = out, .c = c };
	struct number_scale scale;
	uint64_t most = 1;
	double step;

	for (size_t i = 0; i < c->n; i++)
		if (c->point[i].known && c->point[i].v.high > most)
			most = c->point[i].v.high;
	step = chart_step((double)most, N_LINES);
	a.n_lines = (unsigned int)ceil((double)most / step);
	a.top = a.n_lines * step;
	scale = number_scale_plain((uint64_t)a.top);
	buf_printf(out,
		   "<figure class=\"chart %s\">\n<figcaption><b>%s</b> <span class=\"soft\">"
		   "in %s%s; line: mean, band: 95&nbsp;%% interval</span></figcaption>\n"
		   "<div class=\"plot\"><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
		   "role=\"img\" aria-label=\"%s over time\">",
		   c->colour, c->title, scale.prefix, c->unit, WIDTH, HEIGHT, c->title);
	put_lines(&a);
	put_bands(&a);
	put_mean(&a);
	put_spans(&a);
	buf_puts(out, "</svg>");
	put_values(&a);
	buf_puts(out, "</div>\n");
	put_times(&a);
	buf_puts(out, "</figure>\n");
}

void chart_put_strip(struct buf *out, const struct chart *c)
{
	struct axes a = { .out = out, .c = c };

	buf_printf(out,
		   "<div class=\"strip\"><svg viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
		   "role=\"img\" aria-label=\"what was measured\">",
		   WIDTH);
	for (size_t i = 0; i < c->n; i++) {
		const struct chart_point *p = &c->point[i];
		bool whole = p->covered_percent >= COVERED_PERCENT;
		double x = axis_x(&a, p->from_us);

		buf_printf(out,
			   "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"10\"><title>",
			   !p->known ? "hole"
			   : whole   ? "all"
				     : "part",
			   x, axis_x(&a, p->to_us) - x);
		html_put_short_time(out, p->from_us);
		buf_printf(out, ": %u %% measured</title></rect>\n", p->covered_percent);
	}
	buf_puts(out, "</svg></div>\n");
}

void chart_put_bar(struct buf *out, const struct quant_interval_u64 *v, uint64_t most)
{
	double per = most ? WIDTH / (double)most : 0;
	double low = (double)v->low * per, high = (double)v->high * per;

	buf_printf(out,
		   "<svg class=\"bar\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
		   "aria-hidden=\"true\"><rect class=\"fill\" width=\"%.1f\" height=\"10\"/>",
		   WIDTH, (double)v->value * per);
	if (v->low < v->high)
		buf_printf(out, "<path d=\"M%.1f 5H%.1fM%.1f 1V9M%.1f 1V9\"/>", low, high, low,
			   high);
	buf_puts(out, "</svg>");
}
