/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* proof_check.c - the checking half of proof.h. RFC 9162, 2.1.3.2 and 2.1.4.2. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "ledger/base64.h"
#include "ledger/proof.h"
#include "ledger/proof_text.h"
#include "ledger/scan.h"
#include "ledger/tree.h"

int proof_check_inclusion(const struct proof *p, uint64_t index, uint64_t size,
			  const struct hash *leaf, const struct hash *root)
{
	uint64_t fn = index, sn = size - 1;
	struct hash r = *leaf;

	if (index >= size)
		return -EBADMSG;
	for (size_t i = 0; i < p->n; i++) {
		if (sn == 0)
			return -EBADMSG;
		if (fn & 1 || fn == sn) {
			if (tree_node(&p->hash[i], &r, &r))
				return -ENOMEM;
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else if (tree_node(&r, &p->hash[i], &r)) {
			return -ENOMEM;
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(&r, root, sizeof(r)) == 0 ? 0 : -EBADMSG;
}

/* One step up on both sides: the older root takes only what lies left of it. */
static int proof_climb(const struct hash *c, uint64_t *fn, uint64_t *sn, struct hash *fr,
		       struct hash *sr)
{
	if (*sn == 0)
		return -EBADMSG;
	if (*fn & 1 || *fn == *sn) {
		if (tree_node(c, fr, fr) || tree_node(c, sr, sr))
			return -ENOMEM;
		while (!(*fn & 1) && *fn) {
			*fn >>= 1;
			*sn >>= 1;
		}
	} else if (tree_node(sr, c, sr)) {
		return -ENOMEM;
	}
	*fn >>= 1;
	*sn >>= 1;
	return 0;
}

int proof_check_consistency(const struct proof *p, uint64_t old_size, const struct hash *old_root,
			    uint64_t size, const struct hash *root)
{
	uint64_t fn = old_size - 1, sn = size - 1;
	struct hash fr, sr;
	size_t i = 0;
	int err = 0;

	if (old_size == size)
		return p->n == 0 && memcmp(old_root, root, sizeof(*root)) == 0 ? 0 : -EBADMSG;
	if (old_size == 0 || old_size > size || p->n == 0)
		return -EBADMSG;
	fr = (old_size & (old_size - 1)) == 0 ? *old_root : p->hash[i++];
	sr = fr;
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (; !err && i < p->n; i++)
		err = proof_climb(&p->hash[i], &fn, &sn, &fr, &sr);
	if (err)
		return err;
	return sn == 0 && memcmp(&fr, old_root, sizeof(fr)) == 0 &&
			       memcmp(&sr, root, sizeof(sr)) == 0
		       ? 0
		       : -EBADMSG;
}

/* The next line of what is left, without its LF. */
static bool proof_line(const char **at, size_t *left, struct scan_value *ret)
{
	const char *lf = *left ? memchr(*at, '\n', *left) : NULL;

	if (!lf)
		return false;
	*ret = (struct scan_value){ *at, (size_t)(lf - *at) };
	*left -= ret->len + 1;
	*at = lf + 1;
	return true;
}

static bool proof_is(struct scan_value v, const char *text)
{
	return v.len == strlen(text) && memcmp(v.at, text, v.len) == 0;
}

/* "<word> <decimal>" without sign or leading zero. */
static int proof_number(struct scan_value v, const char *word, uint64_t *ret)
{
	char quoted[32];
	size_t n = strlen(word);

	if (v.len <= n + 1 || v.len > n + 21 || memcmp(v.at, word, n) != 0 || v.at[n] != ' ')
		return -EBADMSG;
	snprintf(quoted, sizeof(quoted), "\"%.*s\"", (int)(v.len - n - 1), v.at + n + 1);
	return scan_big((struct scan_value){ quoted, strlen(quoted) }, ret) ? -EBADMSG : 0;
}

static int proof_hash(struct scan_value v, struct hash *ret)
{
	size_t n;

	return base64_decode(v.at, v.len, ret->byte, HASH_LEN, &n) || n != HASH_LEN ? -EBADMSG : 0;
}

/* Hashes up to the blank line. */
static int proof_hashes(const char **at, size_t *left, struct proof *ret)
{
	struct scan_value v;

	for (ret->n = 0; proof_line(at, left, &v); ret->n++) {
		if (v.len == 0)
			return 0;
		if (ret->n == PROOF_MAX_HASHES || proof_hash(v, &ret->hash[ret->n]))
			return -EBADMSG;
	}
	return -EBADMSG;
}

/* The checkpoint that ends a proof. */
static int proof_note(const char *note, size_t len, const struct note_verifier *key,
		      struct checkpoint *ret, struct why *why)
{
	const char *what;
	size_t text_len;
	int err = note_parse(note, len, ret, &text_len, &what);

	if (err)
		return why_set(why, err, "its checkpoint: %s", what);
	if (strcmp(ret->origin, key->name) != 0)
		return why_set(why, -EBADMSG, "its checkpoint is of %s, the key of %s", ret->origin,
			       key->name);
	err = note_verify(note, len, text_len, key);
	if (err == -ENOKEY || err == -EKEYREJECTED)
		return why_set(why, -EBADMSG, "its checkpoint is not signed by the key");
	return err;
}

/* Old size and root, after the first line. */
static int proof_old(const char **at, size_t *left, struct proof_said *s)
{
	struct scan_value v;

	s->consistency = true;
	if (!proof_line(at, left, &v) || proof_number(v, "from", &s->index) ||
	    !proof_line(at, left, &v) || proof_hash(v, &s->root))
		return -EBADMSG;
	return 0;
}

/* The rest of a tlog-proof's head: extra data is let pass. */
static int proof_index(const char **at, size_t *left, struct proof_said *s)
{
	struct scan_value v;

	if (!proof_line(at, left, &v))
		return -EBADMSG;
	if (v.len > 6 && memcmp(v.at, "extra ", 6) == 0 && !proof_line(at, left, &v))
		return -EBADMSG;
	return proof_number(v, "index", &s->index);
}

/* Is the line in text the record with that index? */
static int proof_record(const struct proof_said *s, struct hash *ret_leaf, struct why *why)
{
	struct scan_value line = { s->line, s->line_len }, v;
	const char *what;
	uint64_t index;
	size_t at;

	if (scan_line(line.at, line.len, &what, &at))
		return why_set(why, -EBADMSG, "its record is not canonical: %s", what);
	if (scan_member(line, "i", &v) || scan_u64(v, &index) || index != s->index)
		return why_set(why, -EBADMSG, "its record has not the index that it proves");
	return tree_leaf(line.at, line.len, ret_leaf);
}

int proof_verify(const char *text, size_t len, const struct note_verifier *key,
		 struct proof_said *ret, struct why *why)
{
	struct proof_said s = { 0 };
	struct scan_value v;
	struct proof p;
	struct hash leaf;
	int err;

	if (!proof_line(&text, &len, &v))
		return why_set(why, -EBADMSG, "it is no proof");
	if (proof_is(v, PROOF_CONSISTENCY)) {
		err = proof_old(&text, &len, &s);
	} else {
		s.line = v.at;
		s.line_len = v.len;
		if (!proof_line(&text, &len, &v) || !proof_is(v, PROOF_INCLUSION))
			return why_set(why, -EBADMSG, "it is no proof");
		err = proof_index(&text, &len, &s);
	}
	if (!err)
		err = proof_hashes(&text, &len, &p);
	if (err)
		return why_set(why, err, "it is malformed");
	err = proof_note(text, len, key, &s.covers, why);
	if (!err && !s.consistency)
		err = proof_record(&s, &leaf, why);
	if (err)
		return err;
	err = s.consistency
		      ? proof_check_consistency(&p, s.index, &s.root, s.covers.size, &s.covers.root)
		      : proof_check_inclusion(&p, s.index, s.covers.size, &leaf, &s.covers.root);
	if (err)
		return why_set(why, err, "the hashes do not lead to the signed root");
	*ret = s;
	return 0;
}
