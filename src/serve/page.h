/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* page.h - the live page: three texts that are built in, and what a browser may do with them. */
#ifndef SERVE_PAGE_H
#define SERVE_PAGE_H

#include <stdbool.h>

#include "serve/http.h"

/* Answers "/" and what the page there loads. False: path is none of these. */
bool page_answer(const char *path, struct http_reply *r);

/* For all that a page of ours loads: nothing from elsewhere, and nobody frames it. */
extern const struct http_header page_headers[];

#endif /* SERVE_PAGE_H */
