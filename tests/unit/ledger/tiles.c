/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tiles.c - do tiles give back the tree, and is a large ledger opened without reading it? */
#include "ledger/tiles.h"

#include "fixture.h"

TestSuite(tiles, .init = fixture_begin, .fini = fixture_end);

static struct hash leaf_of(uint64_t i)
{
	struct hash h;

	hash_bytes(0, &i, sizeof(i), &h);
	return h;
}

Test(tiles, paths)
{
	char path[TILES_PATH_LEN];

	/* c2sp.org/tlog-tiles has the second as its example. */
	tiles_path(0, 7, path);
	cr_assert_str_eq(path, "0/007");
	tiles_path(1, 1234067, path);
	cr_assert_str_eq(path, "1/x001/x234/067");
	tiles_path(7, 1000, path);
	cr_assert_str_eq(path, "7/x001/000");
}

/* The tree of every multiple of 256 comes back, and every full subtree of the last. */
Test(tiles, give_back_the_tree)
{
	struct tiles *t = (struct tiles *)fixture_alloc(sizeof(*t));
	struct tiles *again = (struct tiles *)fixture_alloc(sizeof(*t));
	struct tree tree = { 0 }, loaded;
	struct hash want, got;
	const uint64_t n = 65536 + 5 * 256 + 77;

	mkdir("tile", 0755);
	t->dir = again->dir = open("tile", O_RDONLY | O_DIRECTORY);
	for (uint64_t i = 0; i < n; i++) {
		struct hash leaf = leaf_of(i);

		tree_add(&tree, &leaf);
		cr_assert(tiles_add(t, &leaf) == 0);
		if ((i + 1) % 256 || (i > 3000 && (i + 1) % (256 * 37)))
			continue;
		cr_assert(tiles_load(again, i + 1, &loaded) == 0, "%" PRIu64, i + 1);
		tree_root(&tree, &want);
		tree_root(&loaded, &got);
		cr_assert(memcmp(&want, &got, sizeof(want)) == 0, "%" PRIu64, i + 1);
	}
	/* A state of before, from tiles of after. */
	for (uint64_t size = 256; size < n; size += 256 * 61) {
		struct tree small = { 0 };

		for (uint64_t i = 0; size < 20000 && i < size; i++) {
			struct hash leaf = leaf_of(i);

			tree_add(&small, &leaf);
		}
		cr_assert(tiles_load(again, size, &loaded) == 0);
		if (!small.size)
			continue;
		tree_root(&small, &want);
		tree_root(&loaded, &got);
		cr_assert(memcmp(&want, &got, sizeof(want)) == 0, "%" PRIu64, size);
	}
	cr_assert(tiles_load(again, 100, &loaded) == -ENOENT);
	cr_assert(tiles_load(again, n / 256 * 256 + 256, &loaded) == -ENOENT);
	cr_assert(tiles_node(t->dir, 16, 0, &got) == 0);
	cr_assert(memcmp(&got, &tree.peak[16], sizeof(got)) == 0);
	close(t->dir);
}

/* What this process read so far. */
static uint64_t bytes_read(void)
{
	uint64_t n = 0;
	FILE *f = fopen("/proc/self/io", "r");

	cr_assert(f && fscanf(f, "rchar: %" SCNu64, &n) == 1);
	fclose(f);
	return n;
}

static uint64_t cost_of_opening(void)
{
	uint64_t from = bytes_read();
	struct ledger *l = fixture_open(NULL);
	uint64_t cost = bytes_read() - from;

	ledger_close(l, NULL);
	return cost;
}

/* Twelve segments cost what one does: the rest is in the tiles. */
Test(tiles, opening_reads_the_last_segment_alone)
{
	struct ledger_options o = fixture_options();
	struct ledger *l = NULL;
	uint64_t small, large;

	o.segment_bytes = 100000;
	for (uint64_t n = 0; n < 12; n++) {
		cr_assert(ledger_open(&o, &l, NULL, NULL) == 0);
		for (uint64_t i = 0; i < 25; i++)
			fixture_append(l, i);
		cr_assert(ledger_close(l, NULL) == 0);
		if (n == 0)
			small = cost_of_opening();
	}
	large = cost_of_opening();
	cr_assert(small > 0 && large < small + 120000 + 40000, "%" PRIu64 " and %" PRIu64, small,
		  large);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_records > 1500);
}

/* Damaged tiles are not trusted, and no reason to give up the log. */
Test(tiles, damage_to_them_costs_time_only)
{
	struct ledger_options o = fixture_options();
	struct ledger_opening how;
	struct ledger *l;

	o.segment_bytes = 100000;
	for (int round = 0; round < 3; round++) {
		cr_assert(ledger_open(&o, &l, &how, NULL) == 0);
		cr_assert(!how.new_incarnation && how.created == (round == 0));
		for (uint64_t i = 0; i < 60; i++)
			fixture_append(l, i);
		cr_assert(ledger_close(l, NULL) == 0);
		if (round == 0)
			cr_assert(system("for f in d/tile/*/*.p/*; do printf x | dd of=$f bs=1 "
					 "seek=40 conv=notrunc status=none; done") == 0);
		else
			fixture_remove("d/tile");
	}
	cr_assert_verdict(VERIFY_SIGNED);
}
