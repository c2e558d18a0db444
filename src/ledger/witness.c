/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* witness.c - see witness.h. */
#include "ledger/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "ledger/disk.h"

#define WITNESS_MAX_TEXT 8192

/* Keys, one a line; blank lines do not count. Returns 0 or -EINVAL. */
static int witnesses_parse_lines(const char *text, struct witnesses *ret)
{
	char line[NOTE_VKEY_LEN];
	struct witnesses w = { 0 };

	while (*text) {
		size_t len = strcspn(text, "\n");
		int err = 0;

		if (len >= sizeof(line) || (len && w.n == WITNESS_MAX))
			return -EINVAL;
		memcpy(line, text, len);
		line[len] = '\0';
		if (len)
			err = note_cosigner_parse(line, &w.witness[w.n].key);
		if (err)
			return err;
		/* One who is named twice is still one. */
		for (size_t i = 0; len && i < w.n; i++)
			if (!memcmp(&w.witness[i].key, &w.witness[w.n].key,
				    sizeof(w.witness[i].key)))
				return -EINVAL;
		w.n += len > 0;
		text += len + (text[len] != '\0');
	}
	if (w.n == 0)
		return -EINVAL;
	*ret = w;
	return 0;
}

int witnesses_parse(const char *text, struct witnesses *ret, struct why *why)
{
	char file[WITNESS_MAX_TEXT + 1];
	size_t len;
	int err = witnesses_parse_lines(text, ret);

	if (err == -EINVAL && !disk_read(AT_FDCWD, text, file, sizeof(file) - 1, &len)) {
		file[len] = '\0';
		err = strlen(file) == len ? witnesses_parse_lines(file, ret) : -EINVAL;
	}
	if (err == -EINVAL)
		return why_set(
			why, err,
			"witness is not a verifier key \"name+hash+base64\" of a cosigner, nor "
			"a file of up to %d different ones, one a line",
			WITNESS_MAX);
	return err;
}

int witnesses_take(struct witnesses *w, const struct sealed *note, struct why *why)
{
	for (size_t i = 0; i < w->n; i++) {
		struct witness *one = &w->witness[i];
		uint64_t at_s;
		int err = note_cosigned(note->note, note->len, note->text_len, &one->key, &at_s);

		if (err == -ENOKEY)
			continue;
		if (err == -EKEYREJECTED)
			return why_set(why, -EBADMSG,
				       "checkpoint %" PRIu64 ": the cosignature of %s is wrong",
				       note->checkpoint.size, one->key.name);
		if (err)
			return err;
		if (note->checkpoint.size < one->size)
			continue;
		one->size = note->checkpoint.size;
		one->at_s = at_s;
	}
	return 0;
}

bool witnesses_agree(const struct witnesses *w, size_t quorum, uint64_t *ret_size,
		     uint64_t *ret_at_s)
{
	uint64_t size = 0, at_s = 0;

	for (size_t i = 0; i < w->n; i++) {
		uint64_t earliest = UINT64_MAX;
		size_t n = 0;

		for (size_t j = 0; j < w->n; j++) {
			if (w->witness[j].size < w->witness[i].size)
				continue;
			n++;
			if (w->witness[j].at_s < earliest)
				earliest = w->witness[j].at_s;
		}
		if (w->witness[i].size > size && n >= quorum) {
			size = w->witness[i].size;
			at_s = earliest;
		}
	}
	*ret_size = size;
	*ret_at_s = at_s;
	return size > 0;
}
