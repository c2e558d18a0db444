/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* epoch.c - see epoch.h. */
#include "ledger/epoch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/disk.h"
#include "ledger/key.h"

#define EPOCH_SEED_LEN HASH_LEN
#define EPOCH_FILE_LEN 160

void epoch_end(struct epoch *e)
{
	/* OpenSSL clears private keys as it frees them. */
	EVP_PKEY_free(e->pkey);
	*e = (struct epoch){ 0 };
}

static int epoch_file(const char *origin, bool next, char ret[KEY_FILE_LEN])
{
	return key_file_name(origin, next ? "epoch-next" : "epoch", ret);
}

/* The rest of e, out of its private key. */
static int epoch_finish(struct epoch *e, const char *origin)
{
	size_t len = NOTE_PUBLIC_LEN;
	int err = note_epoch_name(origin, e->number, e->verifier.name);

	if (!err && EVP_PKEY_get_raw_public_key(e->pkey, e->verifier.public_key, &len) != 1)
		err = -ENOMEM;
	return err;
}

static int epoch_parse(const char *text, const char *origin, struct epoch *e)
{
	uint8_t seed[EPOCH_SEED_LEN];
	int at = 0, err = -EINVAL;

	if (sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNi64 " %n", &e->number, &e->index,
		   &e->began_us, &at) != 3 ||
	    at == 0)
		return -EINVAL;
	text += at;
	if (strlen(text) == 2 * EPOCH_SEED_LEN + 1 && text[2 * EPOCH_SEED_LEN] == '\n' &&
	    !hash_from_hex(text, 2 * EPOCH_SEED_LEN, seed, sizeof(seed))) {
		e->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
		err = e->pkey ? epoch_finish(e, origin) : -ENOMEM;
	}
	explicit_bzero(seed, sizeof(seed));
	return err;
}

int epoch_load(int key_dir, const char *origin, bool next, struct epoch *ret)
{
	char name[KEY_FILE_LEN], text[EPOCH_FILE_LEN + 1];
	struct epoch e = { 0 };
	size_t len;
	int err = epoch_file(origin, next, name);

	if (!err)
		err = disk_read(key_dir, name, text, EPOCH_FILE_LEN, &len);
	if (err)
		return err == -EFBIG ? -EINVAL : err;
	text[len] = '\0';
	err = epoch_parse(text, origin, &e);
	explicit_bzero(text, sizeof(text));
	if (err) {
		epoch_end(&e);
		return err;
	}
	*ret = e;
	return 0;
}

static int epoch_store(int key_dir, const char *origin, const struct epoch *e)
{
	uint8_t seed[EPOCH_SEED_LEN];
	char name[KEY_FILE_LEN], text[EPOCH_FILE_LEN], hex[2 * EPOCH_SEED_LEN + 1];
	size_t len = sizeof(seed);
	int n, err = epoch_file(origin, true, name);

	if (!err && EVP_PKEY_get_raw_private_key(e->pkey, seed, &len) != 1)
		err = -ENOMEM;
	if (err)
		return err;
	hash_hex(seed, sizeof(seed), hex);
	n = snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 " %" PRIi64 " %s\n", e->number,
		     e->index, e->began_us, hex);
	/* A next key of before was never announced, or the caller would have promoted it. */
	err = epoch_discard(key_dir, origin);
	if (!err)
		err = disk_create(key_dir, name, 0600, text, (size_t)n);
	explicit_bzero(seed, sizeof(seed));
	explicit_bzero(text, sizeof(text));
	explicit_bzero(hex, sizeof(hex));
	return err;
}

int epoch_make(int key_dir, const char *origin, const struct hash *seed, struct epoch *e)
{
	int err;

	e->pkey = seed ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed->byte,
						      EPOCH_SEED_LEN)
		       : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	err = e->pkey ? epoch_finish(e, origin) : -ENOMEM;
	if (!err)
		err = epoch_store(key_dir, origin, e);
	if (err)
		epoch_end(e);
	return err;
}

/* Zeros over the file's bytes, as far as the file system overwrites in place. */
static int epoch_wipe(int key_dir, const char *name)
{
	static const char zeros[EPOCH_FILE_LEN];
	CLEANUP(cleanup_close) int fd = disk_open_file(key_dir, name, O_WRONLY);
	struct stat st;
	size_t len;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	len = st.st_size < EPOCH_FILE_LEN ? (size_t)st.st_size : EPOCH_FILE_LEN;
	if (pwrite(fd, zeros, len, 0) != (ssize_t)len || fsync(fd))
		return errno ? -errno : -EIO;
	return 0;
}

int epoch_promote(int key_dir, const char *origin)
{
	char name[KEY_FILE_LEN], next[KEY_FILE_LEN];
	int err = epoch_file(origin, false, name);

	if (!err)
		err = epoch_file(origin, true, next);
	if (err)
		return err;
	/* Done before, but for the sync: what bears the name now must not be wiped. */
	if (faccessat(key_dir, next, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
		return fsync(key_dir) ? -errno : 0;
	err = epoch_wipe(key_dir, name);
	if (!err && (renameat(key_dir, next, key_dir, name) || fsync(key_dir)))
		err = -errno;
	return err;
}

int epoch_discard(int key_dir, const char *origin)
{
	char name[KEY_FILE_LEN];
	int err = epoch_file(origin, true, name);

	if (!err && unlinkat(key_dir, name, 0) && errno != ENOENT)
		err = -errno;
	return err;
}

int epoch_sign(const struct epoch *e, const void *data, size_t len, uint8_t ret[NOTE_SIGNATURE_LEN])
{
	return key_sign_with(e->pkey, data, len, ret);
}
