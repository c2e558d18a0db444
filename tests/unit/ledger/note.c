/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* note.c - are signed checkpoints read strictly, and only the right key's believed? */
#include "ledger/note.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/base64.h"

/* The example key and note of Go's golang.org/x/mod/sumdb/note documentation. */
static const char peter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char ross[] =
	"If you think cryptography is the answer to your problem,\n"
	"then you don't know what your problem is.\n"
	"\n"
	"\xe2\x80\x94 PeterNeumann "
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnA"
	"M=\n";

/* RFC 8032, 7.1, test 1. */
static const uint8_t rfc_seed[32] = {
	0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
	0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
	0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
};

static void sign(const char *text, size_t len, uint8_t signature[64], uint8_t public_key[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, rfc_seed, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 64, m = 32;

	cr_assert(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1);
	cr_assert(EVP_DigestSign(ctx, signature, &n, (const unsigned char *)text, len) == 1);
	cr_assert(EVP_PKEY_get_raw_public_key(key, public_key, &m) == 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

/* A checkpoint of size 7 by the RFC's key under the name origin. */
static void make(struct buf *out, struct note_verifier *v)
{
	struct checkpoint c = { .origin = "h/ledger/0123456789abcdef", .size = 7 };
	uint8_t signature[64];

	memset(&c.root, 0xab, sizeof(c.root));
	*v = (struct note_verifier){ 0 };
	strcpy(v->name, c.origin);
	note_checkpoint_format(&c, out);
	sign(out->data, out->len, signature, v->public_key);
	cr_assert(note_append_signature(v, signature, out) == 0);
}

static int parse(const char *note, size_t len)
{
	struct checkpoint c;
	const char *what = NULL;
	size_t text_len;
	int err = note_parse(note, len, &c, &text_len, &what);

	cr_assert(err == 0 || what);
	return err;
}

Test(note, reads_what_it_writes)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct note_verifier v;
	struct checkpoint c;
	const char *what;
	size_t text_len;

	make(&b, &v);
	cr_assert(note_parse(b.data, b.len, &c, &text_len, &what) == 0);
	cr_assert(c.size == 7 && c.root.byte[31] == 0xab);
	cr_assert_str_eq(c.origin, v.name);
	cr_assert(note_verify(b.data, b.len, text_len, &v) == 0);
}

Test(note, a_note_signed_elsewhere)
{
	struct note_verifier v;
	const char *blank = strstr(ross, "\n\n");

	cr_assert(note_vkey_parse(peter, &v) == 0);
	cr_assert_str_eq(v.name, "PeterNeumann");
	cr_assert(note_verify(ross, strlen(ross), (size_t)(blank + 1 - ross), &v) == 0);
}

Test(note, verifier_keys)
{
	struct note_verifier v;
	char text[NOTE_VKEY_LEN];

	cr_assert(note_vkey_parse(peter, &v) == 0 && note_vkey_format(&v, text) == 0);
	cr_assert_str_eq(text, peter);
	cr_assert(note_vkey_parse("", &v) == -EINVAL);
	cr_assert(note_vkey_parse("a", &v) == -EINVAL);
	cr_assert(note_vkey_parse("a+", &v) == -EINVAL);
	cr_assert(note_vkey_parse("a+c74f20a3", &v) == -EINVAL);
	cr_assert(note_vkey_parse("a+c74f20a3+", &v) == -EINVAL);
	for (size_t i = 0; i < strlen(peter); i++) {
		strcpy(text, peter);
		text[i] ^= 1;
		cr_assert(note_vkey_parse(text, &v) == -EINVAL, "%s", text);
	}
}

Test(note, every_flipped_bit_is_noticed)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct note_verifier v;

	make(&b, &v);
	for (size_t i = 0; i < 8 * b.len; i++) {
		struct checkpoint c;
		const char *what;
		size_t text_len;

		b.data[i / 8] ^= (char)(1 << i % 8);
		cr_assert(note_parse(b.data, b.len, &c, &text_len, &what) ||
				  note_verify(b.data, b.len, text_len, &v),
			  "bit %zu", i);
		b.data[i / 8] ^= (char)(1 << i % 8);
	}
}

Test(note, every_cut_is_noticed)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct note_verifier v;

	make(&b, &v);
	for (size_t len = 0; len < b.len; len++)
		cr_assert(parse(b.data, len) == -EBADMSG, "length %zu", len);
}

#define ROOT "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n"
#define SIGN "\n\xe2\x80\x94 k AAAAAAA=\n"

Test(note, malformed)
{
	static const struct {
		const char *note;
		int err;
	} cases[] = {
		{ "o\n7\n" ROOT SIGN, 0 },
		{ "o\n0\n" ROOT SIGN, 0 },
		{ "o\n18446744073709551615\n" ROOT SIGN, 0 },
		{ "o\n7\n" ROOT "more\n" SIGN, 0 },
		{ "o\n7\n" ROOT SIGN "\xe2\x80\x94 l AAAAAAA=\n", 0 },
		{ "", -EBADMSG },
		{ "\n", -EBADMSG },
		{ "\n\n", -EBADMSG },
		{ "o\n7\n" ROOT, -EBADMSG },
		{ "o\n7\n" ROOT "\n", -EBADMSG },
		{ "o\n7\n" SIGN, -EBADMSG },
		{ "\n7\n" ROOT SIGN, -EBADMSG },
		{ "o o\n7\n" ROOT SIGN, -EBADMSG },
		{ "o+o\n7\n" ROOT SIGN, -EBADMSG },
		{ "o\r\n7\n" ROOT SIGN, -EBADMSG },
		{ "o\xff\n7\n" ROOT SIGN, -EBADMSG },
		{ "o\n007\n" ROOT SIGN, -EBADMSG },
		{ "o\n+7\n" ROOT SIGN, -EBADMSG },
		{ "o\n-1\n" ROOT SIGN, -EBADMSG },
		{ "o\n 7\n" ROOT SIGN, -EBADMSG },
		{ "o\n7 \n" ROOT SIGN, -EBADMSG },
		{ "o\n\n" ROOT SIGN, -EBADMSG },
		{ "o\n18446744073709551616\n" ROOT SIGN, -EBADMSG },
		/* 31 and 33 bytes, no padding, stray bits, URL alphabet */
		{ "o\n7\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urqw==\n" SIGN, -EBADMSG },
		{ "o\n7\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6ur\n" SIGN, -EBADMSG },
		{ "o\n7\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s\n" SIGN, -EBADMSG },
		{ "o\n7\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6t=\n" SIGN, -EBADMSG },
		{ "o\n7\n_6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n" SIGN, -EBADMSG },
		{ "o\n7\n" ROOT "\n- k AAAAAAA=\n", -EBADMSG },
		{ "o\n7\n" ROOT "\n\xe2\x80\x94 AAAAAAA=\n", -EBADMSG },
		{ "o\n7\n" ROOT "\n\xe2\x80\x94 k AAAA\n", -EBADMSG },
		{ "o\n7\n" ROOT "\n\xe2\x80\x94 k AAAAAA=\n", -EBADMSG },
		{ "o\n7\n" ROOT "\n\xe2\x80\x94 k AAAAAAA=", -EBADMSG },
		{ "o\n7\n" ROOT "\n\xe2\x80\x94  k AAAAAAA=\n", -EBADMSG },
		{ "o\n7\n" ROOT SIGN "\n", -EBADMSG },
		{ "o\n7\n" ROOT SIGN "x\n", -EBADMSG },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert(parse(cases[i].note, strlen(cases[i].note)) == cases[i].err,
			  "case %zu: %s", i, cases[i].note);
	cr_assert(parse("o\n7\n\0" ROOT SIGN, sizeof("o\n7\n\0" ROOT SIGN) - 1) == -EBADMSG);
}

Test(note, unknown_keys_are_ignored_but_not_enough)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	static const char other[] = "\xe2\x80\x94 witness.example AAAAAAAAAA==\n";
	struct note_verifier v, wrong;
	struct checkpoint c;
	const char *what;
	size_t text_len;

	make(&b, &v);
	buf_puts(&b, other);
	cr_assert(note_parse(b.data, b.len, &c, &text_len, &what) == 0);
	cr_assert(note_verify(b.data, b.len, text_len, &v) == 0);
	wrong = v;
	wrong.public_key[0] ^= 1;
	cr_assert(note_verify(b.data, b.len, text_len, &wrong) == -ENOKEY);
	strcpy(wrong.name, "h/ledger/fedcba9876543210");
	memcpy(wrong.public_key, v.public_key, 32);
	cr_assert(note_verify(b.data, b.len, text_len, &wrong) == -ENOKEY);
	/* Ten thousand lines are refused, not worked through. */
	while (b.len < 10000 * strlen(other))
		buf_puts(&b, other);
	cr_assert(parse(b.data, b.len) == -EBADMSG);
}

/* A known key with a wrong signature spoils the note, even beside unknown lines. */
Test(note, known_key_wrong_signature)
{
	CLEANUP(buf_free) struct buf b = { 0 }, c = { 0 };
	struct note_verifier v;
	uint8_t zeros[64] = { 0 };
	struct checkpoint parsed;
	const char *what;
	size_t text_len;

	make(&b, &v);
	cr_assert(note_parse(b.data, b.len, &parsed, &text_len, &what) == 0);
	buf_append(&c, b.data, text_len);
	cr_assert(note_append_signature(&v, zeros, &c) == 0);
	cr_assert(parse(c.data, c.len) == 0);
	cr_assert(note_verify(c.data, c.len, text_len, &v) == -EKEYREJECTED);
}

/*
 * The tree head of c2sp.org/tlog-cosignature, cosigned by `openssl pkeyutl -sign -rawin` with the
 * key of RFC 8032, 7.1, test 1.
 */
static const char cosigned[] =
	"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
	"\xe2\x80\x94 witness.example/w1 "
	"63YswgAAAABkGFDL+TPmh4BYuAjsYRoqMJCWb/gWJaeRF/kmm5tlCr9sJ57D"
	"LErur7K0yDXc2ArN+TIuotuB/HbuL3AJsp3bv/aNCQ==\n";
static const char cosigner[] =
	"witness.example/w1+eb762cc2+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

static int cosigned_at(const char *note, size_t len, const struct note_verifier *v, uint64_t *ret)
{
	struct checkpoint c;
	const char *what;
	size_t text_len;
	int err = note_parse(note, len, &c, &text_len, &what);

	return err ? err : note_cosigned(note, len, text_len, v, ret);
}

Test(note, a_cosignature_made_elsewhere)
{
	struct note_verifier v, w, wrong;
	char vkey[NOTE_VKEY_LEN];
	size_t len = strlen(cosigned);
	uint64_t at_s = 0;

	cr_assert(note_cosigner_parse(cosigner, &v) == 0 && v.cosigner);
	cr_assert(note_vkey_format(&v, vkey) == 0);
	cr_assert_str_eq(vkey, cosigner);
	cr_assert(note_vkey_parse(cosigner, &w) == -EINVAL);
	cr_assert(cosigned_at(cosigned, len, &v, &at_s) == 0 && at_s == 1679315147);
	wrong = v;
	wrong.public_key[31] ^= 1;
	cr_assert(cosigned_at(cosigned, len, &wrong, &at_s) == -ENOKEY);
	/* The same key as a log's has another hash, and the log's line is none of a witness. */
	wrong = v;
	wrong.cosigner = false;
	cr_assert(cosigned_at(cosigned, len, &wrong, &at_s) == -ENOKEY);
}

Test(note, every_flipped_bit_of_a_cosigned_note_is_noticed)
{
	char note[sizeof(cosigned)];
	size_t len = strlen(cosigned);
	struct note_verifier v;
	uint64_t at_s;

	cr_assert(note_cosigner_parse(cosigner, &v) == 0);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		memcpy(note, cosigned, sizeof(note));
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
		cr_assert(cosigned_at(note, len, &v, &at_s) != 0, "bit %zu", bit);
	}
}

Test(note, base64_has_one_form)
{
	uint8_t data[40], back[40];
	char text[BASE64_LEN(40) + 1];
	size_t n;

	for (size_t len = 0; len <= sizeof(data); len++) {
		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)(251 * i + len);
		base64_encode(data, len, text);
		cr_assert(base64_decode(text, strlen(text), back, sizeof(back), &n) == 0);
		cr_assert(n == len && memcmp(data, back, len) == 0, "length %zu", len);
	}
	cr_assert(base64_decode("AB==", 4, back, 40, &n) == -EINVAL);
	cr_assert(base64_decode("A===", 4, back, 40, &n) == -EINVAL);
	cr_assert(base64_decode("====", 4, back, 40, &n) == -EINVAL);
	cr_assert(base64_decode("AA=A", 4, back, 40, &n) == -EINVAL);
	cr_assert(base64_decode("AAA\n", 4, back, 40, &n) == -EINVAL);
	cr_assert(base64_decode("AAAA", 4, back, 2, &n) == -ENOSPC);
}
