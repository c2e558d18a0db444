/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fixture.h - a ledger in a directory of its own, and the ways to read, break and re-sign it. */
#ifndef TESTS_LEDGER_FIXTURE_H
#define TESTS_LEDGER_FIXTURE_H

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ledger/epoch.h"
#include "ledger/key.h"
#include "ledger/ledger.h"
#include "ledger/scan.h"
#include "ledger/tree.h"
#include "ledger/verify.h"
#include "made_up.h"

/* Under sanitizers exhaustive loops take steps, unless LONG is set. */
#ifdef __SANITIZE_ADDRESS__
#define FIXTURE_SLOW (!getenv("LONG"))
#else
#define FIXTURE_SLOW 0
#endif

#define SEG0 "d/seg/00000000000000000000.jsonl"

static char fixture_root[64];

static void *fixture_kept[1024];
static size_t fixture_n_kept;

static __attribute__((unused)) char *fixture_alloc(size_t size)
{
	char *p = calloc(1, size);

	cr_assert(p && fixture_n_kept < sizeof(fixture_kept) / sizeof(fixture_kept[0]));
	fixture_kept[fixture_n_kept++] = p;
	return p;
}

static int fixture_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static __attribute__((unused)) void fixture_remove(const char *path)
{
	nftw(path, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static __attribute__((unused)) void fixture_begin_in(const char *place)
{
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	strcpy(fixture_root, place);
	cr_assert(mkdtemp(fixture_root));
	cr_assert(chdir(fixture_root) == 0);
}

static __attribute__((unused)) void fixture_begin(void)
{
	fixture_begin_in("/tmp/jt-ledger-XXXXXX");
}

static __attribute__((unused)) void fixture_begin_in_memory(void)
{
	fixture_begin_in(access("/dev/shm", W_OK) ? "/tmp/jt-ledger-XXXXXX"
						  : "/dev/shm/jt-ledger-XXXXXX");
}

static __attribute__((unused)) void fixture_end(void)
{
	cr_assert(chdir("/") == 0);
	fixture_remove(fixture_root);
	while (fixture_n_kept)
		free(fixture_kept[--fixture_n_kept]);
}

static __attribute__((unused)) struct ledger_options fixture_options(void)
{
	return (struct ledger_options){ .dir = "d", .key_dir = "k", .host = "h", .build_id = "b" };
}

static __attribute__((unused)) struct ledger *fixture_open(struct ledger_opening *how)
{
	struct ledger_options o = fixture_options();
	struct ledger *l = NULL;
	struct why why = { "" };

	cr_assert(ledger_open(&o, &l, how, &why) == 0, "%s", why.text);
	return l;
}

static __attribute__((unused)) void fixture_append(struct ledger *l, uint64_t index)
{
	struct why why = { "" };
	struct made_up m;

	cr_assert(ledger_append(l, made_up_tick(&m, index), &why) == 0, "%s", why.text);
}

static __attribute__((unused)) void fixture_ledger(uint64_t n_ticks)
{
	struct ledger *l = fixture_open(NULL);

	for (uint64_t i = 0; i < n_ticks; i++)
		fixture_append(l, i);
	cr_assert(ledger_close(l, NULL) == 0);
}

static __attribute__((unused)) struct verify_result fixture_verify(void)
{
	struct verify_options o = { .dir = "d", .key_dir = "k" };
	struct verify_result r;

	cr_assert(verify_run(&o, &r) == 0);
	return r;
}

#define cr_assert_verdict(expected)                                                            \
	do {                                                                                   \
		struct verify_result r_ = fixture_verify();                                    \
		cr_assert(r_.verdict == (expected), "%s: %s", verify_verdict_name(r_.verdict), \
			  r_.reason);                                                          \
	} while (0)

/* The whole file and a NUL; the fixture's. */
static __attribute__((unused)) char *fixture_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *data;

	cr_assert(f && fstat(fileno(f), &st) == 0, "%s", path);
	data = fixture_alloc((size_t)st.st_size + 1);
	*len = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	return data;
}

static __attribute__((unused)) void fixture_write(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");

	cr_assert(f && fwrite(data, 1, len, f) == len && fclose(f) == 0, "%s", path);
}

/* The verifier key that the first record names; static. */
static __attribute__((unused)) const char *fixture_vkey(void)
{
	static char vkey[NOTE_VKEY_LEN];
	size_t len;
	char *data = fixture_read(SEG0, &len);
	const char *at = strstr(data, "\"key\":\"");

	cr_assert(at);
	snprintf(vkey, sizeof(vkey), "%.*s", (int)strcspn(at + 7, "\""), at + 7);
	return vkey;
}

/* Replaces what lies between "name": and the next , or } by value. */
static __attribute__((unused)) void fixture_set(char *line, const char *name, const char *value)
{
	char pattern[40], *at, *end, rest[8192];

	snprintf(pattern, sizeof(pattern), "\"%s\":", name);
	at = strstr(line, pattern);
	cr_assert(at, "%s in %s", name, line);
	at += strlen(pattern);
	end = at + strcspn(at, ",}");
	strcpy(rest, end);
	strcpy(at, value);
	strcat(at, rest);
}

/*
 * What the holder of the keys could do: renumbers and re-chains the lines, writes them as the only
 * segment, signs them, and makes this machine forget what it signed before.
 */
static __attribute__((unused)) void fixture_resign(char **line, size_t n)
{
	CLEANUP(buf_free) struct buf text = { 0 }, note = { 0 };
	uint8_t signature[NOTE_SIGNATURE_LEN];
	struct checkpoint c = { .size = n };
	struct note_verifier v;
	struct tree t = { 0 };
	struct hash leaf = { 0 };
	struct epoch e = { 0 };
	struct key *k = NULL;
	size_t text_len;
	char value[80];

	for (size_t i = 0; i < n; i++) {
		snprintf(value, sizeof(value), "%zu", i);
		fixture_set(line[i], "i", value);
		value[0] = '"';
		hash_hex(leaf.byte, HASH_LEN, value + 1);
		strcat(value, "\"");
		fixture_set(line[i], "prev", value);
		tree_leaf(line[i], strlen(line[i]), &leaf);
		tree_add(&t, &leaf);
		buf_puts(&text, line[i]);
		buf_putc(&text, '\n');
	}
	fixture_write(SEG0, text.data, text.len);
	cr_assert(note_vkey_parse(fixture_vkey(), &v) == 0);
	strcpy(c.origin, v.name);
	tree_root(&t, &c.root);
	note_checkpoint_format(&c, &note);
	cr_assert(key_open("k", false, &k, NULL) == 0);
	cr_assert(key_sign(k, note.data, note.len, signature) == 0);
	text_len = note.len;
	cr_assert(note_append_signature(&v, signature, &note) == 0);
	cr_assert(epoch_load(key_dir(k), c.origin, false, &e) == 0);
	cr_assert(epoch_sign(&e, note.data, text_len, signature) == 0);
	cr_assert(note_append_signature(&e.verifier, signature, &note) == 0);
	epoch_end(&e);
	fixture_write("d/checkpoint", note.data, note.len);
	fixture_remove("d/checkpoints");
	key_free(k);
	snprintf(value, sizeof(value), "k/%s.seen", key_incarnation(c.origin));
	unlink(value);
}

/* Lines of the only segment, each with room to grow; the fixture's. */
static __attribute__((unused)) size_t fixture_lines(char **ret, size_t max)
{
	size_t len, n = 0;
	char *data = fixture_read(SEG0, &len);

	for (char *at = data; *at; at += strcspn(at, "\n") + 1) {
		cr_assert(n < max);
		ret[n] = fixture_alloc(8192);
		memcpy(ret[n++], at, strcspn(at, "\n"));
	}
	return n;
}

#endif /* TESTS_LEDGER_FIXTURE_H */
