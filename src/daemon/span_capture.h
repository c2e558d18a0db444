/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * span_capture.h - the lines of a capture of one span: its target's rows as they are, all others as
 * one, so that a replay of them computes for the target what the daemon does.
 */
#ifndef DAEMON_SPAN_CAPTURE_H
#define DAEMON_SPAN_CAPTURE_H

#include "carbon/course.h"
#include "daemon/capture_text.h"
#include "daemon/spans.h"

struct span_capture;

/* head: its names, ledger and `by` are set here. Returns 0 or -ENOMEM. */
int span_capture_new(const struct capture_head *head, const struct intensity *i,
		     struct span_capture **ret);
void span_capture_free(struct span_capture *c);

/*
 * The window and its tick; where the span is done, the end, too. Right after spans_window().
 * Returns the lines since the last call, each with its LF: valid until the next call.
 */
const struct buf *span_capture_window(struct span_capture *c, struct span *span,
				      const struct course_window *w);

#endif /* DAEMON_SPAN_CAPTURE_H */
