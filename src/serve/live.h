/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live.h - what the live page shows, as JSON: the difference of the two newest texts of a board.
 *
 * Two threads use it: one keeps the texts, another one answers.
 */
#ifndef SERVE_LIVE_H
#define SERVE_LIVE_H

#include <stdint.h>

#include "base/board.h"
#include "base/buf.h"
#include "expo/figures.h"

struct live;

/* board outlives it. Returns 0 or -ENOMEM. */
int live_new(const struct board *board, struct live **ret);

/* NULL is fine. */
void live_free(struct live *l);

/* Takes the board's text where it is a new one; to be called about once a second. */
void live_look(struct live *l);

/* Appends the JSON. Returns 0; -ENODATA where there is no text yet; -errno. */
int live_put(struct live *l, int64_t now_real_us, struct buf *out);

/*
 * The document: of the host and its consumers between the two, or of the host alone where used is
 * NULL. What is not known is null. Errors are out's.
 */
void live_put_json(const struct figures *now, const struct figures_between *used,
		   int64_t now_real_us, struct buf *out);

/* Consumers in it. */
#define LIVE_CONSUMERS 10

#endif /* SERVE_LIVE_H */
