/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture_text.h - a capture as lines, wherever they go: what changes is told when it does. */
#ifndef DAEMON_CAPTURE_TEXT_H
#define DAEMON_CAPTURE_TEXT_H

#include "daemon/capture_lines.h"

/* Zero-initialise, and set has_names. Lines are put after those in lines, which is the caller's. */
struct capture_text {
	bool has_names;
	struct buf lines;
	struct buf layout;    /* the domain lines as last written */
	struct buf intensity; /* so */
	struct buf scratch;
};

void capture_text_free(struct capture_text *c);

/* The head and the intensity that holds then; host and ledger_dir are left out without names. */
void capture_text_head(struct capture_text *c, const struct capture_head *head,
		       const struct intensity *i);
void capture_text_window(struct capture_text *c, const struct usage *u, const struct energy *e,
			 const struct intensity *i);
/* n_names is filled in; tick and total may be NULL: no names. */
void capture_text_tick(struct capture_text *c, struct capture_tick t, const struct tick *tick);
void capture_text_end(struct capture_text *c, struct capture_end e, const struct tick *total);

/* 0, or the first error of what was put. */
static inline int capture_text_error(const struct capture_text *c)
{
	return c->lines.err ? c->lines.err : c->scratch.err;
}

#endif /* DAEMON_CAPTURE_TEXT_H */
