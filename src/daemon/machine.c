/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* machine.c - which machine this is, without saying so to anybody who does not know it. */
#include "daemon/machine.h"

#include <errno.h>

#include "base/fs.h"
#include "ledger/hash.h"

/* machine-id(5): 32 hexadecimal digits. */
#define MACHINE_ID_BYTES 16

int machine_id(const char *root, char ret[MACHINE_ID_LEN])
{
	static const char purpose[] = "jouletrail machine";
	struct hash key = { { 0 } }, id;
	char text[64];
	size_t len;
	int err = fs_read_text(root, "etc/machine-id", text, sizeof(text), &len);

	if (!err && hash_from_hex(text, len, key.byte, MACHINE_ID_BYTES))
		err = -ENODATA; /* "uninitialized", or no id at all */
	if (!err)
		err = hash_hmac(&key, purpose, sizeof(purpose) - 1, &id);
	if (err)
		return err == -ENOENT ? -ENODATA : err;
	hash_hex(id.byte, MACHINE_ID_BYTES, ret);
	return 0;
}
