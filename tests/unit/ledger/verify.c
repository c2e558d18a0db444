/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.c - does every change to a ledger's files get the verdict that docs/ledger.md says? */
#include "ledger/verify.h"

#include "fixture.h"

TestSuite(verify, .init = fixture_begin, .fini = fixture_end);

static struct verify_result verify_vkey(const char *vkey)
{
	struct verify_options o = { .dir = "d", .key = vkey };
	struct verify_result r;

	cr_assert(verify_run(&o, &r) == 0);
	return r;
}

Test(verify, a_sound_ledger)
{
	struct verify_result r;

	fixture_ledger(3);
	r = fixture_verify();
	cr_assert(r.verdict == VERIFY_SIGNED, "%s", r.reason);
	cr_assert(r.n_records == 18 && r.n_ticks == 3 && r.n_samples == 12 && r.tail_bytes == 0);
	cr_assert(r.energy_uj == 3 * 1500013 + 3, "%" PRIu64, r.energy_uj);
	r = verify_vkey(fixture_vkey());
	cr_assert(r.verdict == VERIFY_SIGNED, "%s", r.reason);
}

/* Flips bits of one file, each alone, and puts it back. */
static void flip_every_bit(const char *path, const char *vkey)
{
	size_t len;
	char *data = fixture_read(path, &len);
	/* Ten times as slow there: one bit of each byte, another one each time. */
	size_t step = FIXTURE_SLOW ? 9 : 1;
	int fd;

	chmod(path, 0644);
	fd = open(path, O_WRONLY);
	cr_assert(fd >= 0);
	for (size_t i = 0; i < 8 * len; i += step) {
		char flipped = (char)(data[i / 8] ^ 1 << i % 8);
		struct verify_result r;

		cr_assert(pwrite(fd, &flipped, 1, (off_t)(i / 8)) == 1);
		r = verify_vkey(vkey);
		cr_assert(r.verdict >= VERIFY_TAMPERED, "%s byte %zu bit %zu: %s", path, i / 8,
			  i % 8, verify_verdict_name(r.verdict));
		cr_assert(pwrite(fd, &data[i / 8], 1, (off_t)(i / 8)) == 1);
	}
	close(fd);
	cr_assert(verify_vkey(vkey).verdict == VERIFY_SIGNED);
}

/* The first of the verifier keys that lie in k/. */
static const char *verify_first_vkey(void)
{
	static char vkey[NOTE_VKEY_LEN];
	FILE *f = popen("head -qn 1 k/*.vkey | head -n 1 | tr -d '\\n'", "r");

	cr_assert(f && fgets(vkey, sizeof(vkey), f));
	pclose(f);
	return vkey;
}

Test(verify, every_bit_counts)
{
	char vkey[NOTE_VKEY_LEN];

	fixture_ledger(1);
	strcpy(vkey, fixture_vkey());
	flip_every_bit("d/checkpoint", vkey);
	flip_every_bit(SEG0, vkey);
}

Test(verify, cut_at_every_byte)
{
	size_t len;
	char *data;

	fixture_ledger(1);
	data = fixture_read(SEG0, &len);
	for (size_t n = 0; n < len; n += FIXTURE_SLOW ? 7 : 1) {
		fixture_write(SEG0, data, n);
		cr_assert_verdict(VERIFY_TRUNCATED);
	}
	fixture_write(SEG0, data, len);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* Writes the lines in the order given by pick (-1 ends it), unchanged, and verifies. */
static void rewrite(char **line, const int *pick)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct verify_result r;

	for (; *pick >= 0; pick++) {
		buf_puts(&b, line[*pick]);
		buf_putc(&b, '\n');
	}
	fixture_write(SEG0, b.data, b.len);
	r = fixture_verify();
	cr_assert(r.verdict == VERIFY_TAMPERED || r.verdict == VERIFY_TRUNCATED, "%s",
		  verify_verdict_name(r.verdict));
}

Test(verify, lines_moved_dropped_or_doubled)
{
	char *line[32];
	int pick[33];
	size_t n;

	fixture_ledger(1);
	n = fixture_lines(line, 32);
	cr_assert(n == 8);
	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		for (size_t j = 0; j < n; j++) /* without i */
			if (j != i)
				pick[at++] = (int)j;
		pick[at] = -1;
		rewrite(line, pick);
		at = 0;
		for (size_t j = 0; j < n; j++) { /* i twice */
			pick[at++] = (int)j;
			if (j == i && i + 1 < n)
				pick[at++] = (int)j;
		}
		pick[at] = -1;
		if (i + 1 < n)
			rewrite(line, pick);
		for (size_t j = i + 1; j < n; j++) { /* i and j swapped */
			for (size_t k = 0; k < n; k++)
				pick[k] = (int)(k == i ? j : k == j ? i : k);
			pick[n] = -1;
			rewrite(line, pick);
		}
	}
}

/* Chain and numbers mended, but without the key. */
Test(verify, rewritten_without_the_key)
{
	size_t len;
	char *line[32], *checkpoint;

	fixture_ledger(1);
	checkpoint = fixture_read("d/checkpoint", &len);
	fixture_lines(line, 32);
	fixture_set(line[0], "build_id", "\"another\"");
	fixture_resign(line, 8);
	fixture_write("d/checkpoint", checkpoint, len);
	cr_assert_verdict(VERIFY_TAMPERED);
}

/* Re-signed with the key, as root could: what does not add up still fails. */
Test(verify, one_sample_dropped_and_the_rest_mended)
{
	char *line[32];

	fixture_ledger(1);
	fixture_lines(line, 32);
	line[6] = line[7];
	fixture_resign(line, 7);
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(strstr(fixture_verify().reason, "completeness"), "%s", fixture_verify().reason);
	cr_assert(fixture_verify().index == 2);
	fixture_set(line[2], "n", "3");
	fixture_resign(line, 7);
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(strstr(fixture_verify().reason, "conservation"), "%s", fixture_verify().reason);
}

static void breach(const char *name, const char *value, size_t record, const char *expected)
{
	char *line[32];

	fixture_lines(line, 32);
	fixture_set(line[record], name, value);
	fixture_resign(line, 8);
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(strstr(fixture_verify().reason, expected), "%s: %s", name,
		  fixture_verify().reason);
}

Test(verify, figures_that_do_not_add_up)
{
	size_t len;
	char *data;

	fixture_ledger(1);
	data = fixture_read(SEG0, &len);
	breach("energy_uj", "\"250001\"", 3, "energy");
	fixture_write(SEG0, data, len);
	breach("co2e_ug", "\"34\"", 3, "co2e");
	fixture_write(SEG0, data, len);
	breach("idle_co2e_ug", "\"61\"", 2, "co2e");
	fixture_write(SEG0, data, len);
	breach("energy_uj", "null", 3, "energy_uj");
	fixture_write(SEG0, data, len);
	breach("n", "5", 2, "completeness");
	fixture_write(SEG0, data, len);
	breach("tick", "0", 4, "another tick");
	fixture_write(SEG0, data, len);
	breach("mono_us", "1", 4, "goes back");
	fixture_write(SEG0, data, len);
	breach("comm", "{\"b64\":\"YQ==\"}", 3, "base64");
	fixture_write(SEG0, data, len);
	breach("origin", "\"x/ledger/0123456789abcdef\"", 0, "origin");
	fixture_write(SEG0, data, len);
	breach("k", "\"tock\"", 0, "open");
}

Test(verify, a_kind_of_the_future_is_accepted)
{
	char *line[32];

	fixture_ledger(1);
	fixture_lines(line, 32);
	fixture_set(line[7], "k", "\"epoch\"");
	fixture_resign(line, 8);
	cr_assert(verify_vkey(fixture_vkey()).verdict == VERIFY_SIGNED);
}

Test(verify, tails)
{
	struct verify_options o = { .dir = "d", .key_dir = "k", .strict = true };
	struct verify_result r;
	size_t len, before;
	char *data, *checkpoint;

	fixture_ledger(1);
	checkpoint = fixture_read("d/checkpoint", &before);
	fixture_ledger(1);
	data = fixture_read(SEG0, &len);
	/* Older checkpoint, later records: this machine remembers better. */
	fixture_write("d/checkpoint", checkpoint, before);
	cr_assert_verdict(VERIFY_ROLLED_BACK);
	/* Without that memory, the kept checkpoints give it away; without them nothing does. */
	cr_assert(verify_vkey(fixture_vkey()).verdict == VERIFY_ROLLED_BACK);
	fixture_remove("d/checkpoints");
	r = verify_vkey(fixture_vkey());
	cr_assert(r.verdict == VERIFY_SIGNED && r.tail_bytes > 0 && r.n_records == 8);
	o.key = fixture_vkey();
	cr_assert(verify_run(&o, &r) == 0 && r.verdict == VERIFY_UNSEALED);
	/* The same, cut inside a line. */
	fixture_write(SEG0, data, len - 10);
	cr_assert(verify_vkey(o.key).verdict == VERIFY_TORN);
	fixture_write(SEG0, data, len);
}

Test(verify, garbage_behind_the_checkpoint)
{
	FILE *f;

	fixture_ledger(1);
	f = fopen(SEG0, "a");
	fputs("{}\n", f);
	fclose(f);
	cr_assert_verdict(VERIFY_TORN);
}

Test(verify, missing_files)
{
	fixture_ledger(1);
	unlink("d/checkpoint");
	cr_assert_verdict(VERIFY_UNANCHORED);
	unlink(SEG0);
	cr_assert_verdict(VERIFY_UNREADABLE);
	rmdir("d/seg");
	cr_assert_verdict(VERIFY_UNREADABLE);
}

Test(verify, missing_segments_directory)
{
	fixture_ledger(1);
	fixture_remove("d/seg");
	cr_assert_verdict(VERIFY_TRUNCATED);
}

Test(verify, emptied_checkpoint)
{
	fixture_ledger(1);
	fixture_write("d/checkpoint", "", 0);
	cr_assert_verdict(VERIFY_TAMPERED);
}

/* One segment per tick. */
static void many_segments(void)
{
	struct ledger_options o = fixture_options();
	struct ledger *l;

	o.segment_bytes = 1;
	o.keep_plain = true;
	cr_assert(ledger_open(&o, &l, NULL, NULL) == 0);
	for (uint64_t i = 0; i < 3; i++)
		fixture_append(l, i);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_records == 18);
}

Test(verify, segments_dropped_moved_or_added)
{
	many_segments();
	cr_assert(rename("d/seg/00000000000000000007.jsonl", "x") == 0);
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(rename("x", "d/seg/00000000000000000007.jsonl") == 0);
	cr_assert(rename(SEG0, "x") == 0);
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(fixture_verify().index == 0);
	cr_assert(rename("x", SEG0) == 0);
	cr_assert(rename("d/seg/00000000000000000017.jsonl", "x") == 0);
	cr_assert_verdict(VERIFY_TRUNCATED);
	cr_assert(rename("x", "d/seg/00000000000000000017.jsonl") == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	fixture_write("d/seg/00000000000000000003.jsonl", "{}\n", 3);
	cr_assert_verdict(VERIFY_TAMPERED);
	unlink("d/seg/00000000000000000003.jsonl");
	cr_assert(rename("d/seg/00000000000000000002.jsonl", "x") == 0);
	cr_assert(rename("d/seg/00000000000000000007.jsonl", "d/seg/00000000000000000002.jsonl") ==
		  0);
	cr_assert(rename("x", "d/seg/00000000000000000007.jsonl") == 0);
	cr_assert_verdict(VERIFY_TAMPERED);
}

Test(verify, no_regular_file)
{
	fixture_ledger(1);
	unlink(SEG0);
	cr_assert(mkfifo(SEG0, 0644) == 0);
	cr_assert_verdict(VERIFY_UNREADABLE);
	unlink("d/checkpoint");
	cr_assert(symlink("/dev/zero", "d/checkpoint") == 0);
	cr_assert_verdict(VERIFY_TAMPERED);
}

Test(verify, whose_key)
{
	struct verify_options o = { .dir = "d", .key_dir = "nowhere" };
	struct ledger_options other = fixture_options();
	struct verify_result r;
	struct ledger *l;

	fixture_ledger(1);
	cr_assert(verify_run(&o, &r) == 0);
	cr_assert(r.verdict == VERIFY_SELF_SIGNED, "%s", r.reason);
	other.dir = "d2";
	other.key_dir = "k2";
	cr_assert(ledger_open(&other, &l, NULL, NULL) == 0 && ledger_close(l, NULL) == 0);
	o.key_dir = "k2";
	cr_assert(verify_run(&o, &r) == 0);
	cr_assert(r.verdict == VERIFY_TAMPERED, "%s", verify_verdict_name(r.verdict));
	o.key = "nonsense";
	cr_assert(verify_run(&o, &r) == 0 && r.verdict == VERIFY_UNREADABLE);
}

/* The right key, another log of the same machine: a verifier key names one origin. */
Test(verify, right_key_wrong_origin)
{
	struct ledger_options other = fixture_options();
	char vkey[NOTE_VKEY_LEN];
	struct ledger *l;

	fixture_ledger(1);
	strcpy(vkey, fixture_vkey());
	other.dir = "d2";
	cr_assert(ledger_open(&other, &l, NULL, NULL) == 0 && ledger_close(l, NULL) == 0);
	fixture_remove("d");
	cr_assert(rename("d2", "d") == 0);
	cr_assert(verify_vkey(vkey).verdict == VERIFY_TAMPERED);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* What was signed before is signed away: same size or more, other records. */
Test(verify, another_history_by_the_same_key)
{
	char *line[32], *seen, path[64];
	size_t len;

	fixture_ledger(1);
	snprintf(path, sizeof(path), "k/%s.seen", key_incarnation(fixture_verify().origin));
	seen = fixture_read(path, &len);
	fixture_lines(line, 32);
	fixture_set(line[0], "build_id", "\"another\"");
	fixture_resign(line, 8);
	cr_assert_verdict(VERIFY_SIGNED);
	fixture_write(path, seen, len);
	cr_assert_verdict(VERIFY_FORKED);
}

static uint64_t seed = 7;

static uint64_t draw(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % below;
}

/* Strangers' bytes: any verdict but a good one, and no crash. */
Test(verify, random_damage)
{
	size_t len;
	char *data, *work;

	fixture_ledger(1);
	data = fixture_read(SEG0, &len);
	work = fixture_alloc(len);
	for (int round = 0; round < (FIXTURE_SLOW ? 500 : 2000); round++) {
		size_t from = draw(len), n = draw(60) + 1, to = draw(len);

		memcpy(work, data, len);
		for (size_t i = 0; i < n && from + i < len && to + i < len; i++)
			work[to + i] = draw(4) ? data[from + i] : (char)draw(256);
		if (memcmp(work, data, len) == 0)
			continue;
		fixture_write(SEG0, work, len - (draw(2) ? draw(100) : 0));
		cr_assert(fixture_verify().verdict >= VERIFY_TAMPERED, "round %d", round);
	}
}

/* Sealed segments that were compressed: every bit of the file counts, the gzip header's too. */
Test(verify, every_bit_of_a_packed_segment)
{
	struct ledger_options o = fixture_options();
	char vkey[NOTE_VKEY_LEN];
	struct ledger *l;

	o.segment_bytes = 1;
	cr_assert(ledger_open(&o, &l, NULL, NULL) == 0);
	fixture_append(l, 0);
	fixture_append(l, 1);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert(access(SEG0 ".gz", F_OK) == 0 && access(SEG0, F_OK) != 0);
	cr_assert(system("zcat " SEG0 ".gz | grep -q '\"k\":\"open\"'") == 0);
	strcpy(vkey, verify_first_vkey());
	flip_every_bit(SEG0 ".gz", vkey);
}

Test(verify, plain_and_packed_at_once)
{
	fixture_ledger(1);
	cr_assert(system("gzip -k " SEG0) == 0);
	cr_assert_verdict(VERIFY_TORN);
	fixture_ledger(1);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* Any gzip can read ours; ours reads only ours. */
Test(verify, packed_by_another_gzip)
{
	fixture_ledger(1);
	cr_assert(system("gzip " SEG0) == 0);
	cr_assert_verdict(VERIFY_TAMPERED);
}

static struct verify_result verify_state(const char *key)
{
	struct verify_options o = { .dir = "d", .key = key, .key_dir = "nowhere", .state = "s" };
	struct verify_result r;

	cr_assert(verify_run(&o, &r) == 0);
	return r;
}

Test(verify, state_remembers_for_those_without_the_machine)
{
	char vkey[NOTE_VKEY_LEN];
	char *line[32];

	fixture_ledger(1);
	strcpy(vkey, fixture_vkey());
	cr_assert(verify_state(vkey).verdict == VERIFY_SIGNED && access("s", F_OK) == 0);
	cr_assert(system("cp -a d yesterday") == 0);
	fixture_ledger(1);
	/* The key is in the state. */
	cr_assert(verify_state(NULL).verdict == VERIFY_SIGNED);
	fixture_remove("d");
	cr_assert(rename("yesterday", "d") == 0);
	cr_assert(verify_state(NULL).verdict == VERIFY_ROLLED_BACK);
	/* Another history by the same key, longer than what was seen. */
	fixture_remove("d");
	fixture_ledger(3);
	cr_assert(verify_state(vkey).verdict == VERIFY_TAMPERED, "another origin");
	cr_assert(verify_state(fixture_vkey()).verdict == VERIFY_UNREADABLE, "another key's state");
	unlink("s");
	strcpy(vkey, fixture_vkey());
	cr_assert(verify_state(vkey).verdict == VERIFY_SIGNED);
	fixture_lines(line, 32);
	fixture_set(line[0], "build_id", "\"another\"");
	fixture_resign(line, fixture_verify().n_records);
	cr_assert(verify_state(vkey).verdict == VERIFY_FORKED);
	fixture_write("s", "x\n", 2);
	cr_assert(verify_state(vkey).verdict == VERIFY_UNREADABLE);
}

Test(verify, the_key_of_epoch_0_may_be_given_too)
{
	char key[2 * NOTE_VKEY_LEN], path[80], *two;
	size_t len;

	fixture_ledger(1);
	snprintf(path, sizeof(path), "k/%s.vkey", key_incarnation(fixture_verify().origin));
	two = fixture_read(path, &len);
	cr_assert(verify_vkey(path).verdict == VERIFY_SIGNED);
	cr_assert(verify_vkey(two).verdict == VERIFY_SIGNED);
	/* Written anew with the log's key and epochs of one's own. */
	snprintf(key, sizeof(key), "%s\n%s\n", fixture_vkey(), fixture_vkey());
	cr_assert(verify_vkey(key).verdict == VERIFY_TAMPERED);
}

/* A hole in the ticks of one run that no gap record tells of. */
Test(verify, silence)
{
	struct ledger_options o = fixture_options();
	struct ledger *l;
	char *line[64];
	size_t n;

	o.heartbeat_ns = 2000000000;
	cr_assert(ledger_open(&o, &l, NULL, NULL) == 0);
	fixture_append(l, 0);
	fixture_append(l, 2);
	fixture_append(l, 9);
	cr_assert(ledger_close(l, NULL) == 0);
	/* The writer says itself that something is missing. */
	cr_assert_verdict(VERIFY_SIGNED);
	n = fixture_lines(line, 64);
	cr_assert(strstr(line[12], "silence"), "%s", line[12]);
	memmove(&line[12], &line[13], (n - 13) * sizeof(line[0]));
	for (size_t i = 13; i < 17; i++)
		fixture_set(line[i], "tick", "12");
	fixture_resign(line, n - 1);
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(strstr(fixture_verify().reason, "silence"), "%s", fixture_verify().reason);
}

/* More than one thread, and every verdict the same. */
Test(verify, in_several_threads)
{
	struct verify_options o = { .dir = "d", .key_dir = "k" };
	struct ledger_options lo = fixture_options();
	struct verify_result one, many;
	struct ledger *l;
	int fd;

	lo.segment_bytes = 700000;
	lo.keep_plain = true;
	cr_assert(ledger_open(&lo, &l, NULL, NULL) == 0);
	for (uint64_t i = 0; i < 700; i++)
		fixture_append(l, i);
	cr_assert(ledger_close(l, NULL) == 0);
	for (uint64_t i = 0; i < 40; i++) {
		off_t at = (off_t)draw(650000);
		char c;

		fd = open(SEG0, O_RDWR);
		if (fd < 0 && chmod(SEG0, 0644) == 0)
			fd = open(SEG0, O_RDWR);
		cr_assert(i == 0 || pread(fd, &c, 1, at) == 1);
		c ^= 1;
		cr_assert(i == 0 || pwrite(fd, &c, 1, at) == 1);
		o.n_threads = 1;
		cr_assert(verify_run(&o, &one) == 0);
		o.n_threads = 5;
		cr_assert(verify_run(&o, &many) == 0);
		cr_assert(one.verdict == many.verdict && one.index == many.index);
		cr_assert_str_eq(one.reason, many.reason);
		cr_assert(i == 0 ? one.verdict == VERIFY_SIGNED : one.verdict >= VERIFY_TAMPERED);
		c ^= 1;
		cr_assert(i == 0 || pwrite(fd, &c, 1, at) == 1);
		close(fd);
	}
}
