/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recover.c - what a start reads: the end, and more where that is not enough. */
#include "unit/ledger/fixture.h"

#include "ledger/tail.h"

TestSuite(recover, .init = fixture_begin_in_memory, .fini = fixture_end);

/* Bytes that this process has read so far. */
static uint64_t bytes_read(void)
{
	uint64_t n = 0;
	FILE *f = fopen("/proc/self/io", "r");

	cr_assert(f && fscanf(f, "rchar: %" SCNu64, &n) == 1);
	fclose(f);
	return n;
}

/* Starts and ends; returns what the start read. */
static uint64_t start(struct ledger_opening *how)
{
	uint64_t from = bytes_read(), n;
	struct ledger *l = fixture_open(how);

	n = bytes_read() - from;
	cr_assert(ledger_close(l, NULL) == 0);
	return n;
}

/* n ticks of 5 records in segments of that size. */
static void make(uint64_t n_ticks, uint64_t segment_bytes)
{
	struct ledger_options o = fixture_options();
	struct ledger *l = NULL;

	o.segment_bytes = segment_bytes;
	cr_assert(ledger_open(&o, &l, NULL, NULL) == 0);
	for (uint64_t i = 0; i < n_ticks; i++)
		fixture_append(l, i);
	cr_assert(ledger_close(l, NULL) == 0);
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	cr_assert(stat(path, &st) == 0);
	return (uint64_t)st.st_size;
}

Test(recover, a_start_reads_the_end_of_a_large_segment)
{
	struct ledger_opening how;
	uint64_t empty, full;

	make(0, 0);
	empty = start(&how);
	fixture_remove("d");
	fixture_remove("k");
	make(800, 0);
	cr_assert(size_of(SEG0) > 2 << 20, "%lu", size_of(SEG0));
	full = start(&how);
	cr_log_info("read: empty %lu, of %lu bytes %lu", empty, size_of(SEG0), full);
	/* At most 255 records back to the last full tile, in steps that double; tiles; the key. */
	cr_assert(full < empty + (600 << 10), "%lu more than %lu", full, empty);
	cr_assert(!how.new_incarnation && !how.recovered);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* The last full tile ends in a packed segment: only what follows it there is unpacked. */
Test(recover, a_start_reads_the_end_of_a_packed_segment)
{
	struct ledger_opening how;
	uint64_t n;

	make(810, 1 << 20);
	n = start(&how);
	cr_assert(n < 600 << 10, "%lu", n);
	cr_assert(!how.new_incarnation && !how.recovered);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* Every size around tiles and segments, with and without a tail, tiles or what is remembered. */
Test(recover, whatever_the_size)
{
	struct ledger_opening how;

	make(45, 4096);
	for (int i = 0; i < 140; i++) {
		if (i % 7 == 3)
			fixture_remove("d/tile");
		if (i % 5 == 2) {
			FILE *f = popen("cat >>$(ls d/seg/*.jsonl | tail -n 1)", "w");

			cr_assert(f && fputs(i % 2 ? "{\"torn" : "{}\n{}\n", f) >= 0);
			cr_assert(pclose(f) == 0);
		}
		if (i % 11 == 5)
			cr_assert(system("rm -f k/*.seen") == 0);
		start(&how);
		cr_assert(!how.new_incarnation, "round %d", i);
		cr_assert(how.recovered == (i % 5 == 2), "round %d", i);
		make(i % 3, i % 4 ? 4096 : 0);
	}
	cr_assert_verdict(VERIFY_SIGNED);
}

/* A damaged end is seen at once, as before. */
Test(recover, a_damaged_end_is_seen)
{
	struct ledger_opening how;
	size_t len;
	char *data;

	make(100, 0);
	data = fixture_read(SEG0, &len);
	data[len - 3000] ^= 1;
	fixture_write(SEG0, data, len);
	start(&how);
	cr_assert(how.new_incarnation);
}

static int tail(uint64_t n, struct buf *ret)
{
	int fd = open("d", O_RDONLY | O_DIRECTORY), err;
	uint64_t size;

	err = tail_read(fd, 0, n, ret, &size);
	close(fd);
	return err;
}

Test(recover, tails_of_files)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	static char big[200000];

	cr_assert(mkdir("d", 0755) == 0);
	cr_assert(tail(1, &b) == -ENOENT);
	fixture_write("d/00000000000000000000.jsonl", "", 0);
	cr_assert(tail(1, &b) == -EBADMSG);
	fixture_write("d/00000000000000000000.jsonl", "ab\ncd\ne\n", 8);
	cr_assert(tail(0, &b) == -EBADMSG && tail(4, &b) == -EBADMSG);
	cr_assert(tail(1, &b) == 0 && b.len == 2 && memcmp(b.data, "e\n", 2) == 0);
	cr_assert(tail(2, &b) == 0 && b.len == 5 && memcmp(b.data, "cd\ne\n", 5) == 0);
	cr_assert(tail(3, &b) == 0 && b.len == 8);
	fixture_write("d/00000000000000000000.jsonl", "ab\ncd", 5);
	cr_assert(tail(1, &b) == -EBADMSG);
	memset(big, 'x', sizeof(big));
	big[9] = big[100000] = big[sizeof(big) - 1] = '\n';
	fixture_write("d/00000000000000000000.jsonl", big, sizeof(big));
	cr_assert(tail(1, &b) == 0 && b.len == 99999);
	cr_assert(tail(2, &b) == 0 && b.len == 199990);
	cr_assert(tail(3, &b) == 0 && b.len == sizeof(big));
	cr_assert(tail(4, &b) == -EBADMSG);
}
