/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_http.h - api_answer() behind the HTTP server. */
#ifndef CLI_API_HTTP_H
#define CLI_API_HTTP_H

#include "serve/http.h"

/* An http_answer_fn; arg is the struct api_store that each request gets its data from. */
void api_http_answer(void *arg, const struct http_request *q, struct http_reply *r);

#endif /* CLI_API_HTTP_H */
