/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_emit.c - random documents through the JSON writer, one a line, for json_roundtrip.sh. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"

/* xorshift64*: the same documents for the same seed everywhere. */
static uint64_t emit_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* Up to 12 characters; those that need an escape are as likely as the others. */
static void emit_string(struct json_writer *w, uint64_t *state)
{
	static const char *const pieces[] = {
		"a",  "Z",    "\"",   "\\", "\n",	"\t",
		"\b", "\x01", "\x7f", "/",  "\xc3\xa9", "\xe2\x82\xac",
		"\r", "\f",   "\x1f", " ",  "<",	"\xf0\x9f\x98\x80"
	};
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_puts(&b, "");
	for (uint64_t n = emit_random(state) % 12; n > 0; n--)
		buf_puts(&b, pieces[emit_random(state) % (sizeof(pieces) / sizeof(pieces[0]))]);
	json_bytes(w, b.data, b.len);
}

static void emit_value(struct json_writer *w, uint64_t *state, unsigned int depth)
{
	uint64_t kind = emit_random(state) % (depth < 5 ? 8 : 6);
	uint64_t n = emit_random(state) % 4;

	switch (kind) {
	case 0:
		json_u64(w, emit_random(state) >> (emit_random(state) % 64));
		break;
	case 1:
		json_i64(w, (int64_t)emit_random(state));
		break;
	case 2:
		json_bool(w, n & 1);
		break;
	case 3:
		json_put_null(w);
		break;
	case 4:
	case 5:
		emit_string(w, state);
		break;
	case 6:
		json_array_begin(w);
		for (; n > 0; n--)
			emit_value(w, state, depth + 1);
		json_array_end(w);
		break;
	default:
		json_object_begin(w);
		for (uint64_t i = 0; i < n; i++) {
			char name[] = { (char)('a' + i), '\0' };

			json_key(w, name);
			emit_value(w, state, depth + 1);
		}
		json_object_end(w);
	}
}

int main(int argc, char **argv)
{
	uint64_t state = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	CLEANUP(buf_free) struct buf b = { 0 };

	for (; count > 0; count--) {
		struct json_writer w;

		buf_reset(&b);
		json_begin(&w, &b);
		emit_value(&w, &state, 0);
		buf_putc(&b, '\n');
		if (b.err || fwrite(b.data, 1, b.len, stdout) != b.len)
			return 1;
	}
	return 0;
}
