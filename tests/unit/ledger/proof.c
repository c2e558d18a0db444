/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* proof.c - do proofs prove what is so, and nothing else? */
#include "ledger/proof.h"

#include "fixture.h"

TestSuite(proof, .init = fixture_begin, .fini = fixture_end);

#define N_LEAVES 70

static struct hash leaf[N_LEAVES];

static uint64_t below(uint64_t n)
{
	uint64_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

/* RFC 6962, 2.1, word for word: the oracle. */
static struct hash mth(const struct hash *d, uint64_t n)
{
	struct hash l, r, both;

	if (n == 1)
		return d[0];
	l = mth(d, below(n));
	r = mth(d + below(n), n - below(n));
	tree_node(&l, &r, &both);
	return both;
}

static void path(struct proof *p, uint64_t m, const struct hash *d, uint64_t n)
{
	uint64_t k = below(n);

	if (n == 1)
		return;
	if (m < k) {
		path(p, m, d, k);
		p->hash[p->n++] = mth(d + k, n - k);
	} else {
		path(p, m - k, d + k, n - k);
		p->hash[p->n++] = mth(d, k);
	}
}

static void subproof(struct proof *p, uint64_t m, const struct hash *d, uint64_t n, bool b)
{
	uint64_t k = below(n);

	if (m == n) {
		if (!b)
			p->hash[p->n++] = mth(d, n);
	} else if (m <= k) {
		subproof(p, m, d, k, b);
		p->hash[p->n++] = mth(d + k, n - k);
	} else {
		subproof(p, m - k, d + k, n - k, false);
		p->hash[p->n++] = mth(d, k);
	}
}

static void fill(void)
{
	for (uint64_t i = 0; i < N_LEAVES; i++)
		hash_bytes(0, &i, sizeof(i), &leaf[i]);
}

Test(proof, inclusion_of_every_leaf_in_every_size)
{
	fill();
	for (uint64_t n = 1; n <= N_LEAVES; n++) {
		struct hash root = mth(leaf, n);

		for (uint64_t m = 0; m < n; m++) {
			struct proof p = { 0 };

			path(&p, m, leaf, n);
			cr_assert(proof_check_inclusion(&p, m, n, &leaf[m], &root) == 0);
			cr_assert(proof_check_inclusion(&p, m, n, &leaf[(m + 1) % N_LEAVES],
							&root) < 0);
			cr_assert(proof_check_inclusion(&p, n, n, &leaf[m], &root) < 0);
			if (n > 1)
				cr_assert(proof_check_inclusion(&p, m ^ 1, n, &leaf[m], &root) < 0);
			p.hash[p.n++] = root;
			cr_assert(proof_check_inclusion(&p, m, n, &leaf[m], &root) < 0);
			if (p.n > 1) {
				p.n -= 2;
				cr_assert(proof_check_inclusion(&p, m, n, &leaf[m], &root) < 0);
			}
		}
	}
}

Test(proof, consistency_of_every_pair_of_sizes)
{
	fill();
	for (uint64_t n = 1; n <= N_LEAVES; n++) {
		struct hash root = mth(leaf, n);

		for (uint64_t m = 1; m <= n; m++) {
			struct hash old = mth(leaf, m), other = mth(leaf + 1, m < n ? m : 1);
			struct proof p = { 0 };

			subproof(&p, m, leaf, n, true);
			cr_assert(proof_check_consistency(&p, m, &old, n, &root) == 0,
				  "%" PRIu64 " of %" PRIu64, m, n);
			cr_assert(proof_check_consistency(&p, m, &other, n, &root) < 0 ||
				  memcmp(&other, &old, sizeof(old)) == 0);
			cr_assert(proof_check_consistency(&p, n + 1, &old, n, &root) < 0);
			cr_assert(m == n || proof_check_consistency(&p, m, &old, n, &old) < 0);
			cr_assert(proof_check_consistency(&p, 0, &old, n, &root) < 0);
		}
	}
}

static int check(const struct buf *b, struct proof_said *said)
{
	static struct note_verifier key;
	struct why why = { "" };

	if (!key.name[0])
		cr_assert(verify_key(fixture_vkey(), &key, &why) == 0, "%s", why.text);
	return proof_verify(b->data, b->len, &key, said, &why);
}

static void of_whole_ledger(uint64_t n)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct proof_said said;
	struct why why = { "" };

	for (uint64_t i = 0; i < n; i += i < 20 || i + 20 > n ? 1 : 17) {
		buf_reset(&b);
		cr_assert(proof_inclusion("d", i, &b, &why) == 0, "%" PRIu64 ": %s", i, why.text);
		cr_assert(check(&b, &said) == 0 && said.index == i && said.covers.size == n);
		if (i == 0)
			continue;
		buf_reset(&b);
		cr_assert(proof_consistency("d", i, 0, &b, &why) == 0, "%s", why.text);
		cr_assert(check(&b, &said) == 0 && said.consistency && said.index == i);
	}
	buf_reset(&b);
	cr_assert(proof_inclusion("d", n, &b, &why) == -ENOENT);
	cr_assert(proof_consistency("d", n + 1, 0, &b, &why) == -ENOENT);
	cr_assert(proof_consistency("d", 1, 12345, &b, &why) == -ENOENT);
}

/* With tiles, with damaged ones, and without. */
Test(proof, of_a_ledger)
{
	fixture_ledger(130);
	of_whole_ledger(fixture_verify().n_records);
	cr_assert(system("printf x | dd of=d/tile/0/001 bs=1 seek=40 conv=notrunc status=none") ==
		  0);
	of_whole_ledger(fixture_verify().n_records);
	fixture_remove("d/tile");
	of_whole_ledger(fixture_verify().n_records);
}

Test(proof, of_a_damaged_ledger_is_not_made)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct why why = { "" };
	size_t len;
	char *data;

	fixture_ledger(5);
	data = fixture_read(SEG0, &len);
	data[len / 2] ^= 1;
	fixture_write(SEG0, data, len);
	for (uint64_t i = 0; i < 20; i++)
		cr_assert(proof_inclusion("d", i, &b, &why) < 0);
}

Test(proof, every_changed_bit_unproves_it)
{
	struct buf b = { 0 };
	struct proof_said said;

	fixture_ledger(1);
	for (int consistency = 0; consistency <= 1; consistency++) {
		buf_reset(&b);
		cr_assert((consistency ? proof_consistency("d", 5, 0, &b, NULL)
				       : proof_inclusion("d", 5, &b, NULL)) == 0);
		/* The line of the epoch's key is not looked at. */
		size_t len = (size_t)(strstr(b.data, "/epoch/") - b.data);

		while (b.data[len - 1] != '\n')
			len--;
		for (size_t i = 0; i < 8 * len; i++) {
			b.data[i / 8] ^= (char)(1 << i % 8);
			cr_assert(check(&b, &said) < 0, "bit %zu of %s", i, b.data);
			b.data[i / 8] ^= (char)(1 << i % 8);
		}
		cr_assert(check(&b, &said) == 0);
		for (size_t cut = 0; cut + 1 < len; cut++) {
			size_t whole = b.len;

			b.len = cut;
			cr_assert(check(&b, &said) < 0);
			b.len = whole;
		}
	}
	buf_free(&b);
}
