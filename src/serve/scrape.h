/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scrape.h - what the metrics endpoint answers: the text of a board, in the format asked for, and a
 * page that shows it.
 */
#ifndef SERVE_SCRAPE_H
#define SERVE_SCRAPE_H

#include "base/board.h"
#include "serve/http.h"

struct scrape;

/* board outlives it. Returns 0 or -ENOMEM. */
int scrape_new(const struct board *board, struct scrape **ret);

/* Keeps what the page is of; about once a second, from any one thread. */
void scrape_look(struct scrape *s);

/* Once the server is stopped. NULL is fine. */
void scrape_free(struct scrape *s);

/*
 * An http_answer_fn; arg is the struct scrape, used by one thread. A text is copied once for all
 * who ask for it in one format.
 */
void scrape_answer(void *arg, const struct http_request *q, struct http_reply *r);

#endif /* SERVE_SCRAPE_H */
