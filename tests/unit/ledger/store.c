/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store.c - does what was committed survive crashes, full disks and failing syncs? */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fixture.h"

/* The next so many calls fail with EIO: the archive's calls land here. */
static int n_failing_syncs;

int fdatasync(int fildes)
{
	if (n_failing_syncs > 0) {
		n_failing_syncs--;
		errno = EIO;
		return -1;
	}
	return fsync(fildes);
}

TestSuite(store, .init = fixture_begin, .fini = fixture_end);

static bool text_in(const char *path, const char *text)
{
	size_t len;
	char *data = fixture_read(path, &len);
	bool found = strstr(data, text) != NULL;

	return found;
}

Test(store, opens_appends_closes_and_goes_on)
{
	struct ledger_opening how;
	struct ledger *l = fixture_open(&how);
	char origin[160];

	cr_assert(how.created && !how.recovered && !how.new_incarnation && how.n_records == 2);
	strcpy(origin, how.origin);
	fixture_append(l, 0);
	cr_assert(ledger_n_records(l) == 7);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(ledger_close(l, NULL) == 0);
	l = fixture_open(&how);
	cr_assert(!how.created && !how.recovered && how.n_records == 9);
	cr_assert_str_eq(how.origin, origin);
	fixture_append(l, 1);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_records == 15);
}

Test(store, keys_are_private_and_outside)
{
	struct ledger_options o = fixture_options();
	struct why why = { "" };
	struct ledger *l;
	struct stat st;

	fixture_ledger(1);
	cr_assert(stat("k", &st) == 0 && (st.st_mode & 0777) == 0700);
	cr_assert(stat("k/ledger.pem", &st) == 0 && (st.st_mode & 0777) == 0600);
	cr_assert(stat("k/ledger.secret", &st) == 0 && (st.st_mode & 0777) == 0600);
	cr_assert(chmod("k/ledger.pem", 0644) == 0);
	cr_assert(ledger_open(&o, &l, NULL, &why) == -EPERM);
	cr_assert(strstr(why.text, "chmod 600"), "%s", why.text);
}

Test(store, salts_differ_between_records_and_ledgers)
{
	struct ledger_options o = fixture_options();
	char *a[32], *b[32];
	struct ledger *l;

	fixture_ledger(1);
	fixture_lines(a, 32);
	o.dir = "e";
	cr_assert(ledger_open(&o, &l, NULL, NULL) == 0 && ledger_close(l, NULL) == 0);
	fixture_remove("d");
	cr_assert(rename("e", "d") == 0);
	fixture_lines(b, 32);
	cr_assert(strncmp(strstr(a[0], "\"salt\""), strstr(a[1], "\"salt\""), 41) != 0);
	cr_assert(strncmp(strstr(a[0], "\"salt\""), strstr(b[0], "\"salt\""), 41) != 0);
}

Test(store, a_second_writer_is_told_who_holds_it)
{
	struct ledger_options o = fixture_options();
	struct why why = { "" };
	struct ledger *l = fixture_open(NULL), *second;
	char pid[32];

	snprintf(pid, sizeof(pid), "process %d;", (int)getpid());
	cr_assert(ledger_open(&o, &second, NULL, &why) == -EBUSY);
	cr_assert(strstr(why.text, pid), "%s", why.text);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert(ledger_open(&o, &second, NULL, &why) == 0);
	cr_assert(ledger_close(second, NULL) == 0);
}

Test(store, strangers_directories_are_refused_and_left_alone)
{
	struct ledger_options o = fixture_options();
	struct why why = { "" };
	struct ledger *l;
	struct stat st;

	mkdir("d", 0755);
	fixture_write("d/holiday.txt", "x", 1);
	cr_assert(ledger_open(&o, &l, NULL, &why) == -EINVAL);
	cr_assert(strstr(why.text, "not a ledger"), "%s", why.text);
	cr_assert(stat("d/seg", &st) != 0 && stat("d/lock", &st) != 0);
	fixture_write("d/checkpoint", "model weights\n", 14);
	cr_assert(ledger_open(&o, &l, NULL, &why) < 0);
	cr_assert(stat("d/seg", &st) != 0 && stat("d/lock", &st) != 0);
}

Test(store, another_host_or_key_is_refused)
{
	struct ledger_options o = fixture_options();
	struct why why = { "" };
	size_t len, len2;
	char *before, *after;
	struct ledger *l;

	fixture_ledger(1);
	before = fixture_read(SEG0, &len);
	o.host = "other";
	cr_assert(ledger_open(&o, &l, NULL, &why) == -EPERM);
	cr_assert(strstr(why.text, "h/ledger/"), "%s", why.text);
	o = fixture_options();
	o.key_dir = "k2";
	cr_assert(ledger_open(&o, &l, NULL, &why) == -EPERM);
	cr_assert(strstr(why.text, "holds no key"), "%s", why.text);
	o.dir = "e";
	cr_assert(ledger_open(&o, &l, NULL, &why) == 0 && ledger_close(l, NULL) == 0);
	o.dir = "d";
	cr_assert(ledger_open(&o, &l, NULL, &why) == -EPERM);
	after = fixture_read(SEG0, &len2);
	cr_assert(len == len2 && memcmp(before, after, len) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* A crash leaves any beginning of a batch behind the checkpoint. */
Test(store, an_uncovered_tail_is_set_aside)
{
	size_t covered, len, note_len;
	char *data, *note, *seen, *tail, path[32];
	struct ledger_opening how;
	struct ledger *l = fixture_open(NULL);

	fixture_append(l, 0);
	note = fixture_read("d/checkpoint", &note_len);
	fixture_read(SEG0, &covered);
	snprintf(path, sizeof(path), "k/%s.seen", key_incarnation(fixture_verify().origin));
	seen = fixture_read(path, &(size_t){ 0 });
	fixture_append(l, 1);
	data = fixture_read(SEG0, &len);
	ledger_close(l, NULL);
	for (size_t n = covered; n <= len; n += n < covered + 40 || n + 40 > len ? 1 : 211) {
		fixture_remove("d/aside");
		fixture_remove("d/checkpoints");
		fixture_write(SEG0, data, n);
		fixture_write("d/checkpoint", note, note_len);
		fixture_write(path, seen, strlen(seen));
		l = fixture_open(&how);
		cr_assert(!how.new_incarnation && how.recovered == (n > covered), "cut at %zu", n);
		cr_assert(how.set_aside_bytes == n - covered);
		cr_assert(ledger_n_records(l) == 7 + 1 + (n > covered));
		fixture_append(l, 2);
		cr_assert(ledger_close(l, NULL) == 0);
		cr_assert_verdict(VERIFY_SIGNED);
		cr_assert(text_in(SEG0, "\"k\":\"recover\"") == (n > covered));
	}
	tail = fixture_read(SEG0, &len);
	cr_assert(memcmp(tail, data, covered) == 0);
}

Test(store, a_crash_while_creating)
{
	size_t len;
	struct ledger_opening how;
	struct ledger *l;
	char *data;

	mkdir("d", 0755);
	l = fixture_open(NULL);
	data = fixture_read(SEG0, &len);
	ledger_close(l, NULL);
	for (size_t n = 0; n <= len; n += 37) {
		fixture_remove("d");
		cr_assert(system("rm -f k/*.seen") == 0);
		mkdir("d", 0755);
		mkdir("d/seg", 0755);
		fixture_write(SEG0, data, n);
		l = fixture_open(&how);
		cr_assert(how.created && how.set_aside_bytes == n);
		cr_assert(ledger_close(l, NULL) == 0);
		cr_assert_verdict(VERIFY_SIGNED);
	}
}

static void expect_new_incarnation(const char *old_origin)
{
	struct ledger_opening how;
	struct ledger *l = fixture_open(&how);

	cr_assert(how.new_incarnation);
	cr_assert_str_neq(how.origin, old_origin);
	fixture_append(l, 9);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(text_in(SEG0, old_origin), "the open record names the old origin");
}

Test(store, corruption_is_kept_and_a_new_log_begun)
{
	struct verify_result r;
	char path[80];
	size_t len;
	char *data;

	fixture_ledger(2);
	r = fixture_verify();
	data = fixture_read(SEG0, &len);
	data[len / 2] ^= 1;
	fixture_write(SEG0, data, len);
	expect_new_incarnation(r.origin);
	snprintf(path, sizeof(path), "d/old/before-%s/seg/00000000000000000000.jsonl",
		 key_incarnation(fixture_verify().origin));
	data = fixture_read(path, &(size_t){ 0 });
	cr_assert(strlen(data) == len);
}

Test(store, damage_of_every_part_is_survived)
{
	struct verify_result r;

	fixture_ledger(1);
	r = fixture_verify();
	unlink("d/checkpoint");
	expect_new_incarnation(r.origin);
	r = fixture_verify();
	fixture_remove("d/seg");
	expect_new_incarnation(r.origin);
	r = fixture_verify();
	cr_assert(truncate("d/checkpoint", 100) == 0);
	expect_new_incarnation(r.origin);
	r = fixture_verify();
	cr_assert(truncate(SEG0, 1000) == 0);
	expect_new_incarnation(r.origin);
}

Test(store, yesterdays_directory_is_noticed)
{
	struct verify_result r;

	fixture_ledger(1);
	r = fixture_verify();
	cr_assert(system("cp -a d yesterday") == 0);
	fixture_ledger(1);
	fixture_remove("d");
	cr_assert(rename("yesterday", "d") == 0);
	cr_assert_verdict(VERIFY_ROLLED_BACK);
	expect_new_incarnation(r.origin);
}

Test(store, segments_rotate_and_are_sealed)
{
	struct ledger_options o = fixture_options();
	struct ledger *l;
	struct stat st;

	o.segment_bytes = 3000;
	for (uint64_t i = 0; i < 6; i++) {
		cr_assert(ledger_open(&o, &l, NULL, NULL) == 0);
		fixture_append(l, i);
		fixture_append(l, i);
		cr_assert(ledger_close(l, NULL) == 0);
		cr_assert_verdict(VERIFY_SIGNED);
	}
	cr_assert(fixture_verify().n_records == 73);
	cr_assert(stat(SEG0 ".gz", &st) == 0 && (st.st_mode & 0777) == 0444);
}

/* A write fails part-way, as on a full disk; SIGXFSZ is what a file-size limit sends. */
static void limit_file_size(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

Test(store, a_full_disk_costs_the_tick_and_nothing_else)
{
	struct ledger *l = fixture_open(NULL);
	struct why why = { "" };
	size_t len, len2;
	struct made_up m;
	char *before, *after;

	fixture_append(l, 0);
	before = fixture_read(SEG0, &len);
	limit_file_size(len + 700);
	for (uint64_t i = 1; i <= 3; i++)
		cr_assert(ledger_append(l, made_up_tick(&m, i), &why) == -EFBIG);
	cr_assert(strstr(why.text, "not written"), "%s", why.text);
	cr_assert_verdict(VERIFY_SIGNED);
	after = fixture_read(SEG0, &len2);
	cr_assert(len == len2 && memcmp(before, after, len) == 0);
	limit_file_size(RLIM_INFINITY);
	fixture_append(l, 4);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(text_in(SEG0, "\"n_ticks\":3,"));
	cr_assert(text_in(SEG0, "\"reason\":\"EFBIG\""));
	cr_assert(text_in(SEG0, "{\"from_us\":1000000,"));
}

Test(store, a_checkpoint_that_cannot_be_written)
{
	struct ledger *l = fixture_open(NULL);
	struct why why = { "" };
	struct made_up m;

	fixture_append(l, 0);
	mkdir("d/checkpoint.tmp", 0755);
	cr_assert(ledger_append(l, made_up_tick(&m, 1), &why) < 0);
	cr_assert_verdict(VERIFY_SIGNED);
	rmdir("d/checkpoint.tmp");
	fixture_append(l, 2);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_ticks == 2);
}

Test(store, a_failed_sync_is_retried_in_a_new_segment)
{
	struct ledger *l = fixture_open(NULL);
	struct why why = { "" };
	struct made_up m;
	struct stat st;

	fixture_append(l, 0);
	n_failing_syncs = 1;
	fixture_append(l, 1);
	cr_assert(stat("d/seg/00000000000000000007.jsonl", &st) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	n_failing_syncs = 2;
	cr_assert(ledger_append(l, made_up_tick(&m, 2), &why) == -EIO);
	cr_assert_verdict(VERIFY_SIGNED);
	fixture_append(l, 3);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_ticks == 3);
}

Test(store, a_tick_that_does_not_add_up_is_not_signed)
{
	struct ledger *l = fixture_open(NULL);
	struct why why = { "" };
	struct made_up m;

	made_up_tick(&m, 0);
	m.sample[0].energy_uj++;
	cr_assert(ledger_append(l, &m.tick, &why) == -EBADMSG);
	made_up_tick(&m, 0);
	m.sample[0].co2e_ug++;
	cr_assert(ledger_append(l, &m.tick, &why) == -EBADMSG);
	fixture_append(l, 1);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(text_in(SEG0, "\"n_ticks\":2,"));
}

/* No meter at all: missing is null, never 0. */
Test(store, missing_energy_is_null)
{
	struct ledger *l = fixture_open(NULL);
	struct made_up m;
	struct tick *t = &m.tick;

	made_up_tick(&m, 0);
	t->quality = t->domain_quality[0] = ENERGY_MISSING;
	t->host = t->domain_sum[0] = (struct shares_domain){ 0 };
	t->host_co2e = t->host_energy = (struct quant_interval_u64){ 0 };
	t->idle_co2e_ug = t->unattributed_co2e_ug = 0;
	for (size_t i = 0; i < t->n_samples; i++) {
		m.sample[i].energy_uj = m.sample[i].co2e_ug = 0;
		m.sample[i].energy = m.sample[i].co2e = (struct quant_interval_u64){ 0 };
	}
	cr_assert(ledger_append(l, t, NULL) == 0);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert(text_in(SEG0, "\"energy_uj\":null"));
	cr_assert_verdict(VERIFY_SIGNED);
}

/* Writes without end until it is killed; tells how many ticks were committed. */
static void write_until_killed(int out)
{
	struct ledger *l = fixture_open(NULL);
	struct made_up m;

	for (uint64_t i = 0;; i++) {
		if (ledger_append(l, made_up_tick(&m, i), NULL))
			_exit(1);
		if (write(out, "x", 1) != 1)
			_exit(1);
	}
}

Test(store, killed_at_any_moment)
{
	uint64_t n_committed = 0, seed = 3;

	for (int round = 0; round < (getenv("LONG") ? 1000 : 25); round++) {
		int pipe_fd[2], status;
		char c;
		pid_t pid;

		cr_assert(pipe(pipe_fd) == 0);
		pid = fork();
		if (pid == 0) {
			close(pipe_fd[0]);
			write_until_killed(pipe_fd[1]);
		}
		close(pipe_fd[1]);
		seed = seed * UINT64_C(6364136223846793005) + 1;
		for (uint64_t n = (seed >> 33) % 5 + 1; n > 0; n--)
			cr_assert(read(pipe_fd[0], &c, 1) == 1);
		/* Somewhere inside the next tick's write, sync, signature or rename. */
		usleep((useconds_t)((seed >> 40) % 700));
		kill(pid, SIGKILL);
		cr_assert(waitpid(pid, &status, 0) == pid);
		cr_assert(WIFSIGNALED(status));
		n_committed += (seed >> 33) % 5 + 1;
		close(pipe_fd[0]);
		cr_assert(fixture_verify().verdict == VERIFY_SIGNED ||
				  fixture_verify().verdict == VERIFY_TORN,
			  "round %d: %s", round, fixture_verify().reason);
		cr_assert(fixture_verify().n_ticks >= n_committed, "round %d", round);
	}
	ledger_close(fixture_open(NULL), NULL);
	cr_assert_verdict(VERIFY_SIGNED);
}

Test(store, verify_while_writing)
{
	int pipe_fd[2], status;
	uint64_t n_before = 0;
	char c;
	pid_t pid;

	cr_assert(pipe(pipe_fd) == 0);
	pid = fork();
	if (pid == 0) {
		close(pipe_fd[0]);
		write_until_killed(pipe_fd[1]);
	}
	close(pipe_fd[1]);
	cr_assert(read(pipe_fd[0], &c, 1) == 1);
	for (int i = 0; i < 100; i++) {
		struct verify_result r = fixture_verify();

		cr_assert(r.verdict == VERIFY_SIGNED, "%s: %s", verify_verdict_name(r.verdict),
			  r.reason);
		cr_assert(r.n_records >= n_before);
		n_before = r.n_records;
	}
	kill(pid, SIGKILL);
	cr_assert(waitpid(pid, &status, 0) == pid);
}

/* What a subscriber was told. */
struct told {
	uint64_t next;
	struct buf lines;
	uint64_t n_unsigned; /* calls for records that no checkpoint covered yet */
};

static void take_told(uint64_t first, uint64_t n, const char *lines, size_t len, void *arg)
{
	struct told *t = arg;
	struct verify_result r = fixture_verify();

	cr_assert(first == t->next, "%" PRIu64 " after %" PRIu64, first, t->next);
	t->next += n;
	t->n_unsigned += r.n_records < first + n;
	buf_append(&t->lines, lines, len);
}

Test(store, subscribers_are_told_what_is_signed_and_all_of_it)
{
	struct ledger *l = fixture_open(NULL);
	struct told t = { .next = 2 };
	struct why why = { "" };
	struct made_up m;
	size_t len, len2;
	char *data;

	fixture_read(SEG0, &len);
	ledger_subscribe(l, take_told, &t);
	fixture_append(l, 0);
	n_failing_syncs = 2;
	cr_assert(ledger_append(l, made_up_tick(&m, 1), &why) == -EIO);
	cr_assert(t.next == 7, "what failed was told");
	fixture_append(l, 2);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert(t.next == 14 && t.n_unsigned == 0);
	cr_assert(system("zcat " SEG0 ".gz > all; cat d/seg/*7.jsonl >> all") == 0);
	data = fixture_read("all", &len2);
	cr_assert(len2 == len + t.lines.len && memcmp(data + len, t.lines.data, t.lines.len) == 0);
	buf_free(&t.lines);
}
