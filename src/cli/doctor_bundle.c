/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * doctor_bundle.c - `doctor --bundle FILE`: what a bug report needs, without what is nobody's
 * business.
 *
 * What goes in is chosen, file by file; words that name this machine or its people are taken out
 * of it all the same.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/tar.h"
#include "cli/doctor.h"
#include "cli/doctor_parts.h"
#include "cli/options.h"
#include "cli/output.h"
#include "jouletrail/units.h"

#define MAX_WORDS 64
/* Shorter ones are parts of too many other words. */
#define LEAST_WORD 3

enum { FILE_DOCTOR, FILE_VERSION, FILE_KERNEL, FILE_CPU, FILE_CAPTURE, N_FILES };

static const struct {
	const char *name;
	const char *what;
} files[N_FILES] = {
	[FILE_DOCTOR] = { "doctor.json", "what `jouletrail doctor -f json` says" },
	[FILE_VERSION] = { "version.txt", "this program's version, its C library and compiler" },
	[FILE_KERNEL] = { "kernel.txt",
			  "release, security modules, clock source, cgroup mounts; of "
			  "its command line the words that bear on measuring" },
	[FILE_CPU] = { "cpu.txt", "model, features, counts and frequency driver" },
	[FILE_CAPTURE] = { "capture.jsonl",
			   "ten windows of 0.2 s as `run --capture --no-names` "
			   "writes them: CPU time and energy by number of process, "
			   "cgroup and user" },
};

static const char left_out[] =
	"Left out: the host's name and its domain, users' names, names of processes, containers "
	"and\n"
	"cgroups, command lines, environment, addresses, serial numbers, logs, configuration, the\n"
	"ledger and its path, and all keys. Numbers of processes, users and cgroups are in the\n"
	"capture, and the id of this boot.\n";

struct words {
	size_t n;
	char *word[MAX_WORDS];
};

static void words_add(struct words *w, const char *word)
{
	/* Who is root, and what a local machine is called, is no secret; and stands in texts. */
	static const char *const common[] = { "root",	"localhost", "host",
					      "(none)", "nobody",    "/root" };

	if (!word || strlen(word) < LEAST_WORD || w->n == MAX_WORDS)
		return;
	for (size_t i = 0; i < ARRAY_LENGTH(common); i++)
		if (!strcmp(word, common[i]))
			return;
	w->word[w->n] = strdup(word);
	w->n += w->word[w->n] != NULL;
}

static void words_free(struct words *w)
{
	while (w->n)
		free(w->word[--w->n]);
}

/* Longer ones first: a part of a word must not leave the rest of it. */
static int words_compare(const void *a, const void *b)
{
	size_t x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);

	return (x < y) - (x > y);
}

/* What names this machine, its people and what they gave us. */
static void words_find(struct words *w, const struct doctor *d)
{
	static const char *const variables[] = { "USER", "LOGNAME", "SUDO_USER", "HOME" };
	struct passwd user, *found = NULL;
	struct utsname name;
	char text[4096];

	if (uname(&name) == 0) {
		words_add(w, name.nodename);
		words_add(w, name.domainname);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
		words_add(w, getenv(variables[i]));
	if (!getpwuid_r(getuid(), &user, text, sizeof(text), &found) && found)
		words_add(w, user.pw_name);
	words_add(w, d->root);
	words_add(w, d->ledger);
	words_add(w, d->key_dir);
	qsort(w->word, w->n, sizeof(w->word[0]), words_compare);
}

static bool is_letter(const struct buf *text, size_t i)
{
	return i < text->len && (isalnum((unsigned char)text->data[i]) || text->data[i] == '_');
}

/* Length of the word that begins at i, 0 where none of them does; not within another word. */
static size_t words_at(const struct words *w, const struct buf *text, size_t i)
{
	for (size_t k = 0; k < w->n; k++) {
		size_t n = strlen(w->word[k]);

		if (n <= text->len - i && !memcmp(text->data + i, w->word[k], n) &&
		    !(i && is_letter(text, i - 1) && is_letter(text, i)) && !is_letter(text, i + n))
			return n;
	}
	return 0;
}

/* Each of the words in text becomes "[left out]". */
static int words_clean(const struct words *w, struct buf *text)
{
	struct buf clean = { 0 };

	for (size_t i = 0; i < text->len;) {
		size_t len = words_at(w, text, i);

		if (len)
			buf_puts(&clean, "[left out]");
		else
			buf_putc(&clean, text->data[i]);
		i += len ? len : 1;
	}
	if (text->err || clean.err) {
		buf_free(&clean);
		return text->err ? text->err : -ENOMEM;
	}
	buf_free(text);
	*text = clean;
	return 0;
}

static void put_manifest(struct buf *out, const struct buf file[N_FILES])
{
	buf_printf(out, "A bug report's data, by jouletrail %s doctor --bundle.\n\n", JT_VERSION);
	for (size_t i = 0; i < N_FILES; i++)
		buf_printf(out, "%-14s %8zu bytes  %s%s\n", files[i].name, file[i].len,
			   files[i].what, file[i].len ? "" : " (could not be made)");
	buf_printf(out, "\n%s", left_out);
}

static int bundle_pack(const char *path, const struct buf *manifest, const struct buf file[N_FILES])
{
	CLEANUP(buf_free) struct buf tar = { 0 }, packed = { 0 };
	int64_t now_s = clock_real_us() / (int64_t)JT_US_PER_S;
	size_t len = strlen(path);
	CLEANUP(cleanup_close) int fd = -1;
	int err = tar_add(&tar, "MANIFEST.txt", manifest, now_s);

	for (size_t i = 0; i < N_FILES && !err; i++)
		if (file[i].len)
			err = tar_add(&tar, files[i].name, &file[i], now_s);
	tar_end(&tar);
	if (!err && len > 4 && strcmp(path + len - 4, ".tar") != 0)
		err = tar_gzip(&tar, &packed);
	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	return output_write(fd, packed.len ? &packed : &tar);
}

static bool bundle_named(const char *path)
{
	static const char *const ends[] = { ".tar", ".tar.gz", ".tgz" };
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_LENGTH(ends); i++)
		if (len > strlen(ends[i]) && !strcmp(path + len - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

int doctor_bundle(const char *path, const struct doctor *d, const struct power *p)
{
	CLEANUP(buf_free) struct buf manifest = { 0 };
	struct buf file[N_FILES] = { 0 };
	struct words words = { .n = 0 };
	int err = 0;

	if (!bundle_named(path)) {
		log_error("doctor: --bundle %s: its name ends in .tar.gz, .tgz or .tar", path);
		return EXIT_USAGE;
	}
	doctor_json(&file[FILE_DOCTOR], d, p);
	doctor_put_version(&file[FILE_VERSION]);
	doctor_put_kernel(&file[FILE_KERNEL], d);
	doctor_put_cpu(&file[FILE_CPU], d);
	doctor_put_capture(&file[FILE_CAPTURE]);
	words_find(&words, d);
	for (size_t i = 0; i < N_FILES && !err; i++)
		err = words_clean(&words, &file[i]);
	put_manifest(&manifest, file);
	if (!err)
		err = bundle_pack(path, &manifest, file);
	if (err)
		log_error("cannot write the bundle to %s: %s", path, strerror(-err));
	else
		buf_printf(&manifest,
			   "\nWritten to %s; nothing was sent. Look at it before you do:\n"
			   "  tar -xf %s --to-stdout | less\n",
			   path, path);
	for (size_t i = 0; i < N_FILES; i++)
		buf_free(&file[i]);
	words_free(&words);
	return err ? EXIT_FAILED : output_finish(&manifest, EXIT_DONE);
}
