/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* note.c - see note.h. */
#include "ledger/note.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "ledger/base64.h"

/* c2sp.org/signed-note: algorithm bytes of Ed25519 and of timestamped Ed25519 cosignatures. */
#define NOTE_ED25519	 0x01
#define NOTE_COSIGNATURE 0x04
/* A time of 64 bits, big-endian, stands before the signature of a cosigner. */
#define NOTE_TIME_LEN 8
#define NOTE_DASH     "\xe2\x80\x94 " /* U+2014 and a space */

/* A piece of the note; points into it. */
struct piece {
	const char *at;
	size_t len;
};

static uint8_t note_type(const struct note_verifier *v)
{
	return v->cosigner ? NOTE_COSIGNATURE : NOTE_ED25519;
}

int note_key_hash(const struct note_verifier *v, uint32_t *ret)
{
	uint8_t data[NOTE_ORIGIN_LEN + 2 + NOTE_PUBLIC_LEN];
	size_t len = strlen(v->name);
	struct hash h;
	int err;

	memcpy(data, v->name, len);
	data[len++] = '\n';
	data[len++] = note_type(v);
	memcpy(data + len, v->public_key, NOTE_PUBLIC_LEN);
	err = hash_bytes(-1, data, len + NOTE_PUBLIC_LEN, &h);
	if (err)
		return err;
	*ret = (uint32_t)h.byte[0] << 24 | (uint32_t)h.byte[1] << 16 | (uint32_t)h.byte[2] << 8 |
	       h.byte[3];
	return 0;
}

/* A key name: not empty, no white space (Unicode's is outside what origins use), no '+'. */
static bool note_name_valid(const char *name, size_t len)
{
	if (len == 0 || len >= NOTE_ORIGIN_LEN || !json_utf8_valid(name, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == '+' || name[i] == 0x7f)
			return false;
	return true;
}

int note_vkey_format(const struct note_verifier *v, char ret[NOTE_VKEY_LEN])
{
	uint8_t data[1 + NOTE_PUBLIC_LEN] = { note_type(v) };
	char b64[BASE64_LEN(sizeof(data)) + 1];
	uint32_t hash;
	int err = note_key_hash(v, &hash);

	if (err)
		return err;
	memcpy(data + 1, v->public_key, NOTE_PUBLIC_LEN);
	base64_encode(data, sizeof(data), b64);
	snprintf(ret, NOTE_VKEY_LEN, "%s+%08x+%s", v->name, hash, b64);
	return 0;
}

static int note_key_parse(const char *text, bool cosigner, struct note_verifier *ret)
{
	struct note_verifier v = { .cosigner = cosigner };
	uint8_t data[1 + NOTE_PUBLIC_LEN], hash_bytes_be[4];
	const char *plus = strchr(text, '+');
	uint32_t hash;
	size_t len;
	int err;

	if (!plus || !note_name_valid(text, (size_t)(plus - text)))
		return -EINVAL;
	memcpy(v.name, text, (size_t)(plus - text));
	if (strlen(plus) < 10 || plus[9] != '+' ||
	    hash_from_hex(plus + 1, 8, hash_bytes_be, sizeof(hash_bytes_be)) ||
	    base64_decode(plus + 10, strlen(plus + 10), data, sizeof(data), &len) ||
	    len != sizeof(data) || data[0] != note_type(&v))
		return -EINVAL;
	memcpy(v.public_key, data + 1, NOTE_PUBLIC_LEN);
	err = note_key_hash(&v, &hash);
	if (err)
		return err;
	for (int i = 0; i < 4; i++)
		if (hash_bytes_be[i] != (uint8_t)(hash >> (24 - 8 * i)))
			return -EINVAL;
	*ret = v;
	return 0;
}

int note_vkey_parse(const char *text, struct note_verifier *ret)
{
	return note_key_parse(text, false, ret);
}

int note_cosigner_parse(const char *text, struct note_verifier *ret)
{
	return note_key_parse(text, true, ret);
}

int note_epoch_name(const char *origin, uint64_t epoch, char ret[NOTE_ORIGIN_LEN])
{
	int n = snprintf(ret, NOTE_ORIGIN_LEN, "%s/epoch/%llu", origin, (unsigned long long)epoch);

	return n < NOTE_ORIGIN_LEN ? 0 : -ENAMETOOLONG;
}

void note_checkpoint_format(const struct checkpoint *c, struct buf *out)
{
	char root[BASE64_LEN(HASH_LEN) + 1];

	base64_encode(c->root.byte, HASH_LEN, root);
	buf_printf(out, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size, root);
}

int note_append_signature(const struct note_verifier *v,
			  const uint8_t signature[NOTE_SIGNATURE_LEN], struct buf *out)
{
	uint8_t blob[4 + NOTE_SIGNATURE_LEN];
	char b64[BASE64_LEN(sizeof(blob)) + 1];
	uint32_t hash;
	int err = note_key_hash(v, &hash);

	if (err)
		return err;
	for (int i = 0; i < 4; i++)
		blob[i] = (uint8_t)(hash >> (24 - 8 * i));
	memcpy(blob + 4, signature, NOTE_SIGNATURE_LEN);
	base64_encode(blob, sizeof(blob), b64);
	if (!memmem(out->data, out->len, "\n\n", 2))
		buf_putc(out, '\n');
	buf_printf(out, NOTE_DASH "%s %s\n", v->name, b64);
	return out->err;
}

/* Cuts the first line off *rest, without its LF. False where there is none. */
static bool note_line(struct piece *rest, struct piece *ret)
{
	const char *lf = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;

	if (!lf)
		return false;
	*ret = (struct piece){ rest->at, (size_t)(lf - rest->at) };
	rest->len -= ret->len + 1;
	rest->at = lf + 1;
	return true;
}

static int note_size_parse(struct piece p, uint64_t *ret)
{
	uint64_t n = 0;

	if (p.len == 0 || (p.at[0] == '0' && p.len > 1))
		return -EINVAL;
	for (size_t i = 0; i < p.len; i++) {
		if (p.at[i] < '0' || p.at[i] > '9' || __builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(p.at[i] - '0'), &n))
			return -EINVAL;
	}
	*ret = n;
	return 0;
}

/* "— name base64" into its parts: blob has room for any signature, *ret_len is what it holds. */
static int note_signature_parse(struct piece line, struct piece *ret_name, uint8_t *ret_blob,
				size_t *ret_len)
{
	size_t dash = strlen(NOTE_DASH);
	struct piece name, b64;
	const char *space;

	if (line.len < dash || memcmp(line.at, NOTE_DASH, dash) != 0)
		return -EINVAL;
	name.at = line.at + dash;
	space = memchr(name.at, ' ', line.len - dash);
	if (!space)
		return -EINVAL;
	name.len = (size_t)(space - name.at);
	b64 = (struct piece){ space + 1, line.len - dash - name.len - 1 };
	if (!note_name_valid(name.at, name.len) ||
	    base64_decode(b64.at, b64.len, ret_blob, NOTE_MAX_LEN, ret_len) || *ret_len < 5)
		return -EINVAL;
	*ret_name = name;
	return 0;
}

/* Length of the text that is signed: up to the blank line, which must be the last one. */
static size_t note_text_len(const char *note, size_t len)
{
	for (size_t i = len; i >= 2; i--)
		if (note[i - 1] == '\n' && note[i - 2] == '\n')
			return i - 1;
	return 0;
}

static int note_signatures_check(struct piece rest)
{
	uint8_t blob[NOTE_MAX_LEN];
	struct piece line, name;
	size_t n = 0, len;

	while (rest.len) {
		if (!note_line(&rest, &line) || ++n > NOTE_MAX_SIGNATURES ||
		    note_signature_parse(line, &name, blob, &len))
			return -EINVAL;
	}
	return n ? 0 : -EINVAL;
}

static int note_fail(const char **ret_what, const char *what)
{
	*ret_what = what;
	return -EBADMSG;
}

int note_checkpoint_parse(const char *text, size_t len, struct checkpoint *ret,
			  const char **ret_what)
{
	struct piece rest = { text, len }, origin, size, root;
	struct checkpoint c = { 0 };
	size_t n;

	if (!note_line(&rest, &origin) || !note_line(&rest, &size) || !note_line(&rest, &root))
		return note_fail(ret_what, "fewer than three lines");
	if (!note_name_valid(origin.at, origin.len))
		return note_fail(ret_what, "malformed origin");
	if (note_size_parse(size, &c.size))
		return note_fail(ret_what, "malformed size");
	if (base64_decode(root.at, root.len, c.root.byte, HASH_LEN, &n) || n != HASH_LEN)
		return note_fail(ret_what, "malformed root");
	memcpy(c.origin, origin.at, origin.len);
	*ret = c;
	return 0;
}

int note_parse(const char *note, size_t len, struct checkpoint *ret, size_t *ret_text_len,
	       const char **ret_what)
{
	size_t text_len;
	int err;

	if (len > NOTE_MAX_LEN)
		return note_fail(ret_what, "too long");
	if (!json_utf8_valid(note, len))
		return note_fail(ret_what, "not valid UTF-8");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)note[i] < ' ' && note[i] != '\n')
			return note_fail(ret_what, "control character");
	text_len = note_text_len(note, len);
	if (text_len == 0)
		return note_fail(ret_what, "no blank line before the signatures");
	if (note_signatures_check((struct piece){ note + text_len + 1, len - text_len - 1 }))
		return note_fail(ret_what, "malformed signature lines");
	err = note_checkpoint_parse(note, text_len, ret, ret_what);
	if (!err)
		*ret_text_len = text_len;
	return err;
}

static int note_ed25519_verify(const struct note_verifier *v, const uint8_t *signature,
			       struct piece text)
{
	EVP_PKEY *key =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, v->public_key, NOTE_PUBLIC_LEN);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int err = -ENOMEM;

	if (key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1)
		err = EVP_DigestVerify(ctx, signature, NOTE_SIGNATURE_LEN,
				       (const unsigned char *)text.at, text.len) == 1
			      ? 0
			      : -EKEYREJECTED;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return err;
}

/*
 * What v's signature line holds behind the key hash. Returns 0; -ENOKEY without such a line;
 * -EKEYREJECTED where it has not exactly want bytes; -ENOMEM.
 */
static int note_find(struct piece rest, const struct note_verifier *v, uint8_t *ret, size_t want)
{
	uint8_t blob[NOTE_MAX_LEN];
	struct piece line, name;
	size_t blob_len;
	uint32_t hash;
	int err = note_key_hash(v, &hash);

	if (err)
		return err;
	while (note_line(&rest, &line)) {
		if (note_signature_parse(line, &name, blob, &blob_len))
			continue;
		if (name.len != strlen(v->name) || memcmp(name.at, v->name, name.len) != 0 ||
		    blob[0] != (uint8_t)(hash >> 24) || blob[1] != (uint8_t)(hash >> 16) ||
		    blob[2] != (uint8_t)(hash >> 8) || blob[3] != (uint8_t)hash)
			continue;
		/* One bad signature by a known key spoils the note, whatever else it carries. */
		if (blob_len != 4 + want)
			return -EKEYREJECTED;
		memcpy(ret, blob + 4, want);
		return 0;
	}
	return -ENOKEY;
}

int note_verify(const char *note, size_t len, size_t text_len, const struct note_verifier *v)
{
	struct piece text = { note, text_len };
	struct piece rest = { note + text_len + 1, len - text_len - 1 };
	uint8_t signature[NOTE_SIGNATURE_LEN];
	int err = note_find(rest, v, signature, sizeof(signature));

	return err ? err : note_ed25519_verify(v, signature, text);
}

int note_cosigned(const char *note, size_t len, size_t text_len, const struct note_verifier *v,
		  uint64_t *ret_at_s)
{
	struct piece rest = { note + text_len + 1, len - text_len - 1 };
	uint8_t signature[NOTE_TIME_LEN + NOTE_SIGNATURE_LEN];
	char message[NOTE_MAX_LEN + 64];
	uint64_t at_s = 0;
	int n, err = note_find(rest, v, signature, sizeof(signature));

	if (err)
		return err;
	for (int i = 0; i < NOTE_TIME_LEN; i++)
		at_s = at_s << 8 | signature[i];
	/* c2sp.org/tlog-cosignature: at most 2^63 - 1. */
	if (at_s > INT64_MAX)
		return -EKEYREJECTED;
	n = snprintf(message, sizeof(message), "cosignature/v1\ntime %llu\n%.*s",
		     (unsigned long long)at_s, (int)text_len, note);
	err = note_ed25519_verify(v, signature + NOTE_TIME_LEN,
				  (struct piece){ message, (size_t)n });
	if (!err)
		*ret_at_s = at_s;
	return err;
}
