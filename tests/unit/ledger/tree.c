/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.c - does the growing tree have RFC 6962's roots, at every size? */
#include "ledger/tree.h"

#include <criterion/criterion.h>
#include <string.h>

/* Leaf inputs of the Certificate Transparency reference tests; roots of sizes 1 to 8. */
static const char *const leaves[8] = {
	"",
	"\x00",
	"\x10",
	"\x20\x21",
	"\x30\x31",
	"\x40\x41\x42\x43",
	"\x50\x51\x52\x53\x54\x55\x56\x57",
	"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
};
static const size_t leaf_len[8] = { 0, 1, 1, 2, 2, 4, 8, 16 };
static const char *const roots[9] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

Test(tree, rfc6962_vectors)
{
	struct tree t = { 0 };
	char hex[HASH_HEX_LEN + 1];
	struct hash h;

	for (size_t i = 0; i <= 8; i++) {
		cr_assert(tree_root(&t, &h) == 0);
		hash_hex(h.byte, HASH_LEN, hex);
		cr_assert_str_eq(hex, roots[i], "size %zu", i);
		if (i == 8)
			break;
		cr_assert(tree_leaf(leaves[i], leaf_len[i], &h) == 0);
		cr_assert(tree_add(&t, &h) == 0);
	}
}

/* RFC 6962, 2.1, as it is written: split at the largest power of two below n. */
static struct hash oracle(const struct hash *leaf, size_t n)
{
	uint8_t both[2 * HASH_LEN];
	struct hash left, right, node;
	size_t k = 1;

	if (n == 1)
		return leaf[0];
	while (2 * k < n)
		k *= 2;
	left = oracle(leaf, k);
	right = oracle(leaf + k, n - k);
	memcpy(both, left.byte, HASH_LEN);
	memcpy(both + HASH_LEN, right.byte, HASH_LEN);
	cr_assert(hash_bytes(1, both, sizeof(both), &node) == 0);
	return node;
}

Test(tree, every_size_agrees_with_the_definition)
{
	static struct hash leaf[2100];
	struct tree t = { 0 };
	struct hash root, expected;

	for (size_t n = 1; n <= 2100; n++) {
		cr_assert(tree_leaf((const char *)&n, sizeof(n), &leaf[n - 1]) == 0);
		cr_assert(tree_add(&t, &leaf[n - 1]) == 0);
		/* All small sizes, then the odd ones around powers of two and every 97th. */
		if (n > 130 && n % 97 && (n & (n - 1)) && ((n + 1) & n))
			continue;
		cr_assert(tree_root(&t, &root) == 0);
		expected = oracle(leaf, n);
		cr_assert(memcmp(&root, &expected, sizeof(root)) == 0, "size %zu", n);
	}
}

Test(tree, a_leaf_is_not_a_node)
{
	struct hash a, b, node, leaf;
	uint8_t both[2 * HASH_LEN];

	cr_assert(tree_leaf("a", 1, &a) == 0 && tree_leaf("b", 1, &b) == 0);
	memcpy(both, a.byte, HASH_LEN);
	memcpy(both + HASH_LEN, b.byte, HASH_LEN);
	cr_assert(hash_bytes(1, both, sizeof(both), &node) == 0);
	cr_assert(tree_leaf((const char *)both, sizeof(both), &leaf) == 0);
	cr_assert(memcmp(&node, &leaf, sizeof(node)) != 0);
}

/* However the leaves are cut into portions, and whatever is there already. */
Test(tree, many_leaves_as_one_by_one)
{
	static struct hash leaf[1200];
	struct tree one = { 0 };

	for (uint64_t i = 0; i < 1200; i++)
		cr_assert(tree_leaf((const char *)&i, sizeof(i), &leaf[i]) == 0);
	for (size_t n = 0; n < 1200; n++) {
		static struct tree_queue queue;
		struct tree many = { 0 }, queued = { 0 };
		size_t step = 1 + n * 7 % 600;
		struct hash a, b;

		for (size_t i = 0; i < n; i += step)
			cr_assert(tree_add_all(&many, leaf + i, n - i < step ? n - i : step) == 0);
		cr_assert(many.size == one.size);
		cr_assert(tree_root(&many, &a) == 0 && tree_root(&one, &b) == 0);
		cr_assert(memcmp(&a, &b, sizeof(a)) == 0, "%zu leaves, %zu at a time", n, step);
		for (size_t i = 0; i < n; i++) {
			cr_assert(tree_push(&queued, &queue, &leaf[i]) == 0);
			if (i % 411 == 7)
				cr_assert(tree_flush(&queued, &queue) == 0 && queued.size == i + 1);
		}
		cr_assert(tree_flush(&queued, &queue) == 0 && queued.size == n);
		cr_assert(tree_root(&queued, &a) == 0 && memcmp(&a, &b, sizeof(a)) == 0);
		cr_assert(tree_add(&one, &leaf[n]) == 0);
	}
}
