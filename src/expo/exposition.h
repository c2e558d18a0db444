/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exposition.h - samples read back out of Prometheus text 0.0.4.
 *
 * Strict, and less than the format: no timestamps, no NaN and no infinities, one blank where one
 * may stand, a newline behind every line. Nothing is copied: what is returned points into the text.
 */
#ifndef EXPO_EXPOSITION_H
#define EXPO_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define EXPOSITION_MAX_LABELS 24

/* Bytes of a text; no NUL at their end. */
struct exposition_text {
	const char *data;
	size_t len;
};

struct exposition_sample {
	struct exposition_text name;
	struct exposition_text labels; /* what stands between the braces; empty = none */
	double value;
};

/* Where a reader is; begin with the whole text and line 0. */
struct exposition {
	struct exposition_text rest;
	size_t line; /* that was read last, from 1 */
};

/* The next sample. Returns 1; 0 at the end; -EINVAL for what is none, in line e->line. */
int exposition_next(struct exposition *e, struct exposition_sample *ret);

/*
 * The next label of a sample's, which is cut off *labels; its value as it stands there, escaped.
 * Returns false at the end. Labels that exposition_next() returned are well formed.
 */
bool exposition_label(struct exposition_text *labels, struct exposition_text *ret_name,
		      struct exposition_text *ret_value);

/* Appends the value of the label of that name, without its escapes. False where there is none. */
bool exposition_label_value(struct exposition_text labels, const char *name, struct buf *out);

bool exposition_is(struct exposition_text t, const char *s);

#endif /* EXPO_EXPOSITION_H */
