/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-note.c - signed notes, checkpoints and verifier keys. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note_verifier v = { .name = "h/ledger/0123456789abcdef" }, again;
	const char *text = (const char *)data, *what;
	char vkey[NOTE_VKEY_LEN], *copy = malloc(size + 1);
	struct checkpoint c, c2;
	struct buf out = { 0 };
	struct note_verifier witness = { .name = "witness.example/w1", .cosigner = true };
	uint64_t at_s;
	size_t text_len;

	if (!copy)
		abort();
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (note_parse(text, size, &c, &text_len, &what) == 0) {
		note_verify(text, size, text_len, &v);
		note_cosigned(text, size, text_len, &witness, &at_s);
		/* What was read is written again as it was. */
		note_checkpoint_format(&c, &out);
		if (!out.err && (note_checkpoint_parse(out.data, out.len, &c2, &what) ||
				 memcmp(&c, &c2, sizeof(c)) != 0))
			abort();
	}
	if (note_vkey_parse(copy, &v) == 0 &&
	    (note_vkey_format(&v, vkey) || note_vkey_parse(vkey, &again) ||
	     memcmp(&v, &again, sizeof(v)) != 0))
		abort();
	buf_free(&out);
	free(copy);
	return 0;
}
