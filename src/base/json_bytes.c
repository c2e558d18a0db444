/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_bytes.c - Linux names as JSON: apart, as it takes a library that clients do not need. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

void json_bytes(struct json_writer *w, const char *s, size_t len)
{
	CLEANUP(cleanup_free) unsigned char *b64 = NULL;

	if (!s) {
		json_put_null(w);
		return;
	}
	if (json_utf8_valid(s, len)) {
		json_text(w, s, len);
		return;
	}
	b64 = malloc(4 * ((len + 2) / 3) + 1);
	if (!b64) {
		w->out->err = -ENOMEM;
		return;
	}
	EVP_EncodeBlock(b64, (const unsigned char *)s, (int)len);
	json_object_begin(w);
	json_kv_str(w, "b64", (const char *)b64);
	json_object_end(w);
}

void json_kv_bytes(struct json_writer *w, const char *name, const char *s)
{
	json_key(w, name);
	json_bytes(w, s, s ? strlen(s) : 0);
}
