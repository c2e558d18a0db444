/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* key.c - see key.h. */
#include "ledger/key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/disk.h"
#include "ledger/ledger.h"

#define KEY_FILE    "ledger.pem"
#define SECRET_FILE "ledger.secret"

struct key {
	int dir;
	int seen; /* <incarnation>.seen of the adopted origin; -1 = none */
	EVP_PKEY *pkey;
	uint8_t public_key[NOTE_PUBLIC_LEN];
	struct hash secret;
};

DEFINE_CLEANUP(struct key *, key_free)

void key_free(struct key *k)
{
	if (!k)
		return;
	if (k->dir >= 0)
		close(k->dir);
	if (k->seen >= 0)
		close(k->seen);
	EVP_PKEY_free(k->pkey);
	explicit_bzero(&k->secret, sizeof(k->secret));
	free(k);
}

/* A new Ed25519 key as PEM. */
static int key_make(int dir)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	int err = -ENOMEM;

	if (pkey && bio && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1) {
		long len = BIO_get_mem_data(bio, &pem);

		err = disk_create(dir, KEY_FILE, 0600, pem, (size_t)len);
		explicit_bzero(pem, (size_t)len);
	}
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return err;
}

static int key_make_secret(int dir)
{
	uint8_t random[HASH_LEN];
	char text[HASH_HEX_LEN + 2];
	int err;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	hash_hex(random, sizeof(random), text);
	text[HASH_HEX_LEN] = '\n';
	err = disk_create(dir, SECRET_FILE, 0600, text, HASH_HEX_LEN + 1);
	explicit_bzero(random, sizeof(random));
	explicit_bzero(text, sizeof(text));
	return err;
}

/* Reads a file that only its owner may read. */
static int key_read_private(int dir, const char *name, char *ret, size_t size, size_t *ret_len)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (st.st_mode & 077)
		return -EPERM;
	return disk_read(dir, name, ret, size, ret_len);
}

static int key_load(struct key *k)
{
	char pem[1024];
	size_t len, public_len = NOTE_PUBLIC_LEN;
	BIO *bio;
	int err = key_read_private(k->dir, KEY_FILE, pem, sizeof(pem), &len);

	if (err)
		return err;
	bio = BIO_new_mem_buf(pem, (int)len);
	k->pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	explicit_bzero(pem, sizeof(pem));
	if (!k->pkey || EVP_PKEY_get_id(k->pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(k->pkey, k->public_key, &public_len) != 1)
		return -EINVAL;
	return 0;
}

static int key_load_secret(struct key *k)
{
	char text[HASH_HEX_LEN + 1];
	size_t len;
	int err = key_read_private(k->dir, SECRET_FILE, text, sizeof(text), &len);

	if (!err && (len != sizeof(text) || text[HASH_HEX_LEN] != '\n' ||
		     hash_from_hex(text, HASH_HEX_LEN, k->secret.byte, HASH_LEN)))
		err = -EINVAL;
	explicit_bzero(text, sizeof(text));
	return err;
}

static int key_fail(int err, const char *dir, const char *file, struct why *why)
{
	if (err == -EPERM)
		return why_set(why, err, "key %s/%s may be read by others; chmod 600 it", dir,
			       file);
	if (err == -EINVAL)
		return why_set(why, err, "key %s/%s is damaged; restore it or move it away", dir,
			       file);
	return why_set(why, err, "key %s/%s: %s", dir, file, strerror(-err));
}

int key_open(const char *dir, bool create, struct key **ret, struct why *why)
{
	CLEANUP(key_free_ptr) struct key *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return -ENOMEM;
	if (!dir)
		dir = LEDGER_DEFAULT_KEY_DIR;
	k->seen = -1;
	k->dir = create ? disk_open_dir(dir, 0700) : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->dir < 0)
		return why_set(why, create ? k->dir : -errno, "key directory %s: %s", dir,
			       strerror(create ? -k->dir : errno));
	err = key_load(k);
	if (err == -ENOENT && create) {
		err = key_make(k->dir);
		if (!err || err == -EEXIST)
			err = key_load(k);
	}
	if (err)
		return key_fail(err, dir, KEY_FILE, why);
	err = key_load_secret(k);
	if (err == -ENOENT && create) {
		err = key_make_secret(k->dir);
		if (!err || err == -EEXIST)
			err = key_load_secret(k);
	}
	if (err)
		return key_fail(err, dir, SECRET_FILE, why);
	*ret = TAKE_PTR(k);
	return 0;
}

void key_verifier(const struct key *k, const char *origin, struct note_verifier *ret)
{
	*ret = (struct note_verifier){ 0 };
	snprintf(ret->name, sizeof(ret->name), "%s", origin);
	memcpy(ret->public_key, k->public_key, NOTE_PUBLIC_LEN);
}

int key_dir(const struct key *k)
{
	return k->dir;
}

int key_sign_with(EVP_PKEY *pkey, const void *data, size_t len, uint8_t ret[NOTE_SIGNATURE_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t signature_len = NOTE_SIGNATURE_LEN;
	int ok;

	ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	     EVP_DigestSign(ctx, ret, &signature_len, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -ENOMEM;
}

int key_sign(const struct key *k, const void *data, size_t len, uint8_t ret[NOTE_SIGNATURE_LEN])
{
	return key_sign_with(k->pkey, data, len, ret);
}

int key_derive(const struct key *k, const void *data, size_t len, struct hash *ret)
{
	return hash_hmac(&k->secret, data, len, ret);
}

const char *key_incarnation(const char *origin)
{
	const char *slash = strrchr(origin, '/');
	uint8_t bytes[KEY_INCARNATION_LEN / 2];

	if (!slash || hash_from_hex(slash + 1, strlen(slash + 1), bytes, sizeof(bytes)))
		return NULL;
	return slash + 1;
}

int key_file_name(const char *origin, const char *suffix, char ret[KEY_FILE_LEN])
{
	const char *incarnation = key_incarnation(origin);

	if (!incarnation)
		return -EINVAL;
	snprintf(ret, KEY_FILE_LEN, "%s.%s", incarnation, suffix);
	return 0;
}

int key_adopt(struct key *k, const char *origin, const struct note_verifier *epoch, struct why *why)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct note_verifier v;
	char vkey[NOTE_VKEY_LEN], name[KEY_FILE_LEN];
	int err = key_file_name(origin, "vkey", name);

	key_verifier(k, origin, &v);
	for (const struct note_verifier *at = &v; !err && at; at = at == &v ? epoch : NULL) {
		err = note_vkey_format(at, vkey);
		buf_puts(&text, vkey);
		buf_putc(&text, '\n');
	}
	if (!err)
		err = text.err;
	if (!err)
		err = disk_create(k->dir, name, 0644, text.data, text.len);
	if (err && err != -EEXIST)
		return why_set(why, err, "key directory: cannot write %s: %s", name,
			       strerror(-err));
	key_file_name(origin, "seen", name);
	k->seen = openat(k->dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (k->seen < 0)
		return why_set(why, -errno, "key directory: cannot write %s: %s", name,
			       strerror(errno));
	return 0;
}

void key_see(const struct key *k, const struct checkpoint *c)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	ssize_t n;

	note_checkpoint_format(c, &text);
	if (text.err || k->seen < 0)
		return;
	/* In place and in one write: the text never gets shorter, and the descriptor stays usable
	 * after the privileges to open it again are gone. */
	n = pwrite(k->seen, text.data, text.len, 0);
	(void)n;
}

int key_seen(const struct key *k, const char *origin, struct checkpoint *ret)
{
	char text[NOTE_MAX_LEN], name[KEY_FILE_LEN];
	struct checkpoint c;
	const char *what;
	size_t len;

	if (key_file_name(origin, "seen", name) ||
	    disk_read(k->dir, name, text, sizeof(text), &len) ||
	    note_checkpoint_parse(text, len, &c, &what) || strcmp(c.origin, origin) != 0)
		return -ENOENT;
	*ret = c;
	return 0;
}
