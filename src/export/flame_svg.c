/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame_svg.c - a flame graph as a picture: root at the bottom, width is energy. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "export/export.h"
#include "export/flame_parts.h"
#include "export/number.h"
#include "export/text.h"

#define WIDTH	     1200
#define MARGIN	     10
#define ROW	     17
#define TOP	     66	 /* title, subtitle, controls */
#define BOTTOM	     30	 /* the line that tells of the frame below the pointer */
#define CHAR	     7.2 /* of the monospaced letters, 12 px */
#define LEAST_WIDTH  0.1
#define TITLE_COLUMN 110

struct canvas {
	struct buf *out;
	const struct export_flame *x;
	const struct flame_tree *tree;
	double per_uj; /* pixels */
	size_t height;
};

/* The length of the character at s, 0 where there is none that XML may hold. */
static size_t xml_character(const char *s, size_t len)
{
	static const char *const barred[] = { "\xef\xbf\xbe", "\xef\xbf\xbf" }; /* U+FFFE, U+FFFF */
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (c < 0x20 || c == 0x7f || n > len || !json_utf8_valid(s, n))
		return 0;
	if (n == 3 && (!memcmp(s, barred[0], 3) || !memcmp(s, barred[1], 3)))
		return 0;
	return n;
}

/* At most max characters, 0 = all; what is longer ends in "..". */
static void put_xml(struct buf *out, const char *s, size_t max)
{
	size_t len = strlen(s), cut = SIZE_MAX, n = 0;

	/* Characters are at least as few as bytes: names that are short need no counting. */
	if (max && len > max)
		cut = max - 2;
	for (size_t i = 0; i < len && n < cut; n++) {
		size_t bytes = xml_character(s + i, len - i);

		if (bytes == 0)
			buf_putc(out, '?');
		else if (bytes == 1)
			text_put_markup(out, s[i]);
		else
			buf_append(out, s + i, bytes);
		i += bytes ? bytes : 1;
	}
	if (n >= cut)
		buf_puts(out, "..");
}

/*
 * Warm for user code, blue for the kernel's, green for what a perf map names, grey for what is no
 * code: told apart with any colour vision, and each has a lightness of its own. The shade is the
 * name's, so that the same function looks the same everywhere.
 */
static void put_colour(struct buf *out, const struct stack_frame *f)
{
	static const struct {
		unsigned char r, g, b, spread;
	} base[STACK_N_KINDS] = {
		[STACK_PROCESS] = { 226, 205, 150, 0 }, [STACK_USER] = { 240, 160, 60, 45 },
		[STACK_KERNEL] = { 120, 175, 225, 35 }, [STACK_JIT] = { 95, 190, 150, 35 },
		[STACK_NOTE] = { 190, 190, 190, 0 },
	};
	unsigned int shade = 0, kind = f ? f->kind : STACK_PROCESS;

	/* Of what has no name one frame is as good as another. */
	if (f && !strncmp(f->name, "[unknown]", 9)) {
		buf_puts(out, "#d8d2c8");
		return;
	}
	for (const char *at = f ? f->name : ""; *at; at++)
		shade = shade * 31 + (unsigned char)*at;
	shade = base[kind].spread ? shade % (base[kind].spread + 1U) : 0;
	buf_printf(out, "#%02x%02x%02x", base[kind].r, (base[kind].g + shade) & 0xff,
		   (base[kind].b + shade / 2) & 0xff);
}

/* "12.3 mJ, 45.6 %, 78 samples (±22 %)": what the pointer shows. */
static void put_figures(const struct canvas *c, const struct flame_node *n)
{
	uint64_t total_uj = c->tree->node[0].energy_uj;
	double percent = total_uj ? 100.0 * (double)n->energy_uj / (double)total_uj : 0;

	number_put_plain(c->out, n->energy_uj, "J");
	buf_printf(c->out, ", %.2f %%, %" PRIu64 " sample%s", percent, n->n_samples,
		   n->n_samples == 1 ? "" : "s");
	/* A count of independent samples: Poisson, 95 %. */
	if (n->frame && n->n_samples)
		buf_printf(c->out, " (sampling ±%.0f %%)", 196 / sqrt((double)n->n_samples));
}

static void put_label(struct buf *out, const struct stack_frame *f, size_t max)
{
	put_xml(out, f ? f->name : "all", max);
}

/* One frame, its left edge at x. */
static void put_frame(const struct canvas *c, const struct flame_node *n, double x)
{
	static const char letter[STACK_N_KINDS] = { 'p', 'u', 'k', 'j', 'n' };
	double width = (double)n->energy_uj * c->per_uj;
	double y = (double)(c->height - BOTTOM) - (double)(n->depth + 1) * ROW;
	size_t columns = (size_t)((width - 6) / CHAR);

	buf_printf(c->out, "<g class=\"f %c\"><title>", n->frame ? letter[n->frame->kind] : 'p');
	put_label(c->out, n->frame, 0);
	buf_puts(c->out, " (");
	put_figures(c, n);
	buf_printf(c->out,
		   ")</title><rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\" fill=\"", x,
		   y, width, ROW - 1);
	put_colour(c->out, n->frame);
	buf_printf(c->out, "\"/><text x=\"%.2f\" y=\"%.0f\">", x + 3, y + 12);
	if (width >= 6 + 3 * CHAR)
		put_label(c->out, n->frame, columns);
	buf_puts(c->out, "</text></g>\n");
}

/* Children stand beside each other on their parent, in the tree's order, from its left edge on. */
static void put_frames(const struct canvas *c)
{
	double edge[STACK_MAX_FRAMES + 2] = { MARGIN };

	for (size_t i = 0; i < c->tree->n; i++) {
		const struct flame_node *n = &c->tree->node[i];
		double x = edge[n->depth];

		if ((double)n->energy_uj * c->per_uj >= LEAST_WIDTH)
			put_frame(c, n, x);
		edge[n->depth] = x + (double)n->energy_uj * c->per_uj;
		edge[n->depth + 1] = x;
	}
}

static void put_title(const struct canvas *c)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	if (c->x->command) {
		for (char *const *arg = c->x->command; *arg; arg++)
			buf_printf(&line, "%s%s", arg == c->x->command ? "" : " ", *arg);
	} else if (c->x->pid) {
		buf_printf(&line, "process %" PRIu32, c->x->pid);
	} else {
		buf_puts(&line, "the whole machine");
	}
	put_xml(c->out, line.err ? "" : line.data, TITLE_COLUMN);
}

static void put_subtitle(const struct canvas *c)
{
	const struct export_flame *x = c->x;

	export_human_energy(c->out, &x->energy);
	buf_printf(c->out, " (%s), %" PRIu64 " samples at %u Hz of CPU time",
		   energy_quality_name(x->total->quality), x->n_samples, x->frequency_hz);
	if (x->unsampled_uj) {
		buf_puts(c->out, "; ");
		number_put_plain(c->out, x->unsampled_uj, "J");
		buf_puts(c->out, " without a sample");
	}
	if (x->n_lost)
		buf_printf(c->out, "; %" PRIu64 " records lost", x->n_lost);
}

static void put_head(const struct canvas *c)
{
	buf_printf(c->out,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
		   "height=\"%zu\" viewBox=\"0 0 %d %zu\">\n<title>Energy flame graph: ",
		   WIDTH, c->height, WIDTH, c->height);
	put_title(c);
	buf_puts(c->out, "</title>\n<style><![CDATA[");
	buf_puts(c->out, flame_style);
	buf_printf(c->out,
		   "]]></style>\n<rect width=\"%d\" height=\"%zu\" fill=\"#fdfcf7\"/>\n"
		   "<text class=\"h\" x=\"%d\" y=\"24\">Energy: ",
		   WIDTH, c->height, WIDTH / 2);
	put_title(c);
	buf_printf(c->out, "</text>\n<text class=\"s\" x=\"%d\" y=\"42\">", WIDTH / 2);
	put_subtitle(c);
	buf_printf(c->out,
		   "</text>\n<text id=\"reset\" class=\"c\" x=\"%d\" y=\"60\">Reset zoom</text>\n"
		   "<text id=\"search\" class=\"c\" x=\"%d\" y=\"60\">Search</text>\n"
		   "<text id=\"matched\" class=\"e\" x=\"%d\" y=\"%zu\"> </text>\n"
		   "<text id=\"details\" x=\"%d\" y=\"%zu\"> </text>\n<g id=\"frames\">\n",
		   MARGIN, WIDTH - MARGIN - 44, WIDTH - MARGIN, c->height - 10, MARGIN,
		   c->height - 10);
}

void flame_svg(struct buf *out, const struct export_flame *x, const struct flame_tree *t)
{
	uint64_t total_uj = t->node[0].energy_uj;
	struct canvas c = { .out = out, .x = x, .tree = t };

	c.per_uj = total_uj ? (WIDTH - 2 * MARGIN) / (double)total_uj : 0;
	c.height = TOP + (t->depth + 1) * ROW + BOTTOM;
	put_head(&c);
	put_frames(&c);
	buf_puts(out, "</g>\n<script><![CDATA[");
	buf_puts(out, flame_script);
	buf_puts(out, "]]></script>\n</svg>\n");
}
