/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-exposition.c - a text of metrics, read back and told on: JSON comes of it, or nothing. */
#include <assert.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "expo/figures.h"
#include "push/emf_lines.h"
#include "serve/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const char *text, size_t len)
{
	json_error_t error;
	json_t *d = json_loadb(text, len, JSON_ALLOW_NUL, &error);

	assert(d);
	json_decref(d);
}

static void check(const struct figures *now, const struct figures_between *used)
{
	const struct sink_tick t = { .host = "h", .now = now, .used = used };
	struct buf out = { 0 };

	emf_lines_put(&t, &out);
	assert(!out.err);
	for (const char *at = out.data, *end;
	     at && (end = memchr(at, '\n', (size_t)(out.data + out.len - at))); at = end + 1)
		check_json(at, (size_t)(end - at));
	buf_reset(&out);
	live_put_json(now, used, 0, &out);
	assert(!out.err);
	check_json(out.data, out.len);
	buf_free(&out);
}

/* The text up to a line of "==" is the older one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memmem(data, size, "==\n", 3) : NULL;
	size_t len = cut ? (size_t)(cut - data) : 0;
	struct figures base = { .n = 0 }, now = { .n = 0 };
	struct figures_between used = { .n = 0 };

	buf_append(&base.text, data, len);
	buf_append(&now.text, data + (cut ? len + 3 : 0), size - (cut ? len + 3 : 0));
	if (figures_read(&now) == 0 && figures_read(&base) == 0 &&
	    figures_between(cut ? &base : NULL, &now, 2, &used) == 0)
		check(&now, &used);
	figures_between_free(&used);
	figures_free(&base);
	figures_free(&now);
	return 0;
}
