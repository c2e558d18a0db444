/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* page.c - see page.h. */
#include "serve/page.h"

#include <stddef.h>
#include <string.h>

static const char html[] =
#include "serve/page.html.inc"
	;

static const char css[] =
#include "serve/page.css.inc"
	;

static const char js[] =
#include "serve/page.js.inc"
	;

static const struct {
	const char *path;
	const char *type;
	const char *text;
	size_t len;
} parts[] = {
	{ "/", "text/html; charset=utf-8", html, sizeof(html) - 1 },
	{ "/page.css", "text/css; charset=utf-8", css, sizeof(css) - 1 },
	{ "/page.js", "text/javascript; charset=utf-8", js, sizeof(js) - 1 },
};

/* Names of what runs here are bytes by strangers: were one of them run as code, it could load and
 * send nothing. */
const struct http_header page_headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
	  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cache-Control", "no-store" },
	{ NULL, NULL },
};

bool page_answer(const char *path, struct http_reply *r)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(path, parts[i].path) != 0)
			continue;
		r->status = 200;
		r->type = parts[i].type;
		r->header = page_headers;
		buf_append(&r->body, parts[i].text, parts[i].len);
		return true;
	}
	return false;
}
