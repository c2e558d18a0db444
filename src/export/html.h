/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * html.h - a page that stands alone: one file, no script, nothing from anywhere else.
 *
 * Whatever is shown may be a stranger's: every text goes through html_put().
 */
#ifndef EXPORT_HTML_H
#define EXPORT_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "quant/interval.h"

/* s as text_put_escaped() has it, and without any meaning to HTML, in quotes too; max: columns. */
void html_put(struct buf *out, const char *s, size_t max);
/* Of what is longer the end stays: the end of a path says most. */
void html_put_end(struct buf *out, const char *s, size_t max);

/* All up to the content of <body>, and what ends it. title is text. */
void html_begin(struct buf *out, const char *title);
void html_end(struct buf *out);

/*
 * "<data value="123">12.4 J ±0.6</data>": the exact micro-units beside what people read. Not
 * known: "not known".
 */
void html_put_interval(struct buf *out, bool known, const struct quant_interval_u64 *v,
		       const char *unit);
void html_put_figure(struct buf *out, uint64_t v, const char *unit);

/* "2026-11-16 10:00:00"; "16 Nov 10:00", with seconds unless they are 0. UTC. */
void html_put_time(struct buf *out, int64_t us);
void html_put_short_time(struct buf *out, int64_t us);
/* "3 d 4 h", "5 min 12 s", "120 ms". */
void html_put_duration(struct buf *out, uint64_t ns);

#endif /* EXPORT_HTML_H */
