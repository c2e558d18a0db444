/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * aside.c - keeps what does not belong to the log any more: an uncovered tail, a damaged log.
 *
 * Each move is in two steps, so that a crash between them is seen and finished at the next start:
 * under a name that says "pending" first, under its own once the log's record of it is committed.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/base.h"
#include "ledger/disk.h"
#include "ledger/recover.h"

#define ASIDE_SUFFIX  ".pending"
#define ASIDE_PENDING "old/pending"
/* "<64 digits>.pending" */
#define ASIDE_NAME_LEN (HASH_HEX_LEN + sizeof(ASIDE_SUFFIX))

/* Copies in from its present offset on to out; *ret_hex is the SHA-256 of what was copied. */
static int aside_copy(int in, int out, uint64_t *ret_bytes, char *ret_hex)
{
	char chunk[16384];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct hash h;
	ssize_t n = 0;
	int err = 0;

	*ret_bytes = 0;
	if (!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		err = -ENOMEM;
	while (!err && (n = read(in, chunk, sizeof(chunk))) > 0) {
		*ret_bytes += (uint64_t)n;
		err = disk_write(out, chunk, (size_t)n);
		if (!err && EVP_DigestUpdate(ctx, chunk, (size_t)n) != 1)
			err = -ENOMEM;
	}
	if (!err && n < 0)
		err = -errno;
	if (!err && EVP_DigestFinal_ex(ctx, h.byte, NULL) != 1)
		err = -ENOMEM;
	EVP_MD_CTX_free(ctx);
	if (!err)
		hash_hex(h.byte, HASH_LEN, ret_hex);
	return err;
}

int aside_tail(struct ledger *l, const char *name, uint64_t offset, uint64_t *bytes)
{
	CLEANUP(cleanup_close) int in = disk_open_file(l->seg_dir, name, O_RDWR);
	CLEANUP(cleanup_close) int out = -1;
	char pending[ASIDE_NAME_LEN];
	uint64_t n;
	int err;

	/* Sealed segments are 0444: root may write them, the service user may not. */
	if (in == -EACCES && fchmodat(l->seg_dir, name, 0644, 0) == 0)
		in = disk_open_file(l->seg_dir, name, O_RDWR);
	if (in < 0)
		return in;
	if (lseek(in, (off_t)offset, SEEK_SET) < 0)
		return -errno;
	out = openat(l->aside_dir, "tmp", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		     0644);
	if (out < 0)
		return -errno;
	err = aside_copy(in, out, &n, pending);
	if (err)
		return err;
	memcpy(pending + HASH_HEX_LEN, ASIDE_SUFFIX, sizeof(ASIDE_SUFFIX));
	if (n > 0 && (fsync(out) || renameat(l->aside_dir, "tmp", l->aside_dir, pending) ||
		      fsync(l->aside_dir)))
		return -errno;
	if (offset ? ftruncate(in, (off_t)offset) || fsync(in)
		   : unlinkat(l->seg_dir, name, 0) || fsync(l->seg_dir))
		return -errno;
	*bytes += n;
	return 0;
}

/* "<64 digits>.pending" */
static bool aside_is_pending(const char *name)
{
	uint8_t hash[HASH_LEN];

	return strlen(name) == ASIDE_NAME_LEN - 1 &&
	       strcmp(name + HASH_HEX_LEN, ASIDE_SUFFIX) == 0 &&
	       hash_from_hex(name, HASH_HEX_LEN, hash, sizeof(hash)) == 0;
}

/* Calls f for each pending file. */
static int aside_each(struct ledger *l, int (*f)(struct ledger *l, const char *name))
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	struct dirent *e;
	int err = 0;
	int fd = openat(l->aside_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (e = readdir(d)))
		if (aside_is_pending(e->d_name))
			err = f(l, e->d_name);
	return err;
}

static int aside_announce_one(struct ledger *l, const char *name)
{
	struct format_recover r;
	struct stat st;

	if (fstatat(l->aside_dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	r.bytes = (uint64_t)st.st_size;
	memcpy(r.sha256, name, HASH_HEX_LEN);
	r.sha256[HASH_HEX_LEN] = '\0';
	batch_recover(l, &r);
	return 0;
}

static int aside_settle_one(struct ledger *l, const char *name)
{
	char settled[ASIDE_NAME_LEN];

	memcpy(settled, name, HASH_HEX_LEN);
	settled[HASH_HEX_LEN] = '\0';
	return renameat(l->aside_dir, name, l->aside_dir, settled) ? -errno : 0;
}

int aside_announce(struct ledger *l)
{
	return aside_each(l, aside_announce_one);
}

int aside_settle(struct ledger *l)
{
	return aside_each(l, aside_settle_one);
}

int aside_log(struct ledger *l, struct why *why)
{
	/* The checkpoint goes last: while it is here, the log still counts as the damaged one. */
	static const char *const parts[] = { "seg",	"aside",       "tile",	    BASE_PENDING,
					     BASE_FILE, "checkpoints", "checkpoint" };
	CLEANUP(cleanup_close) int old = disk_make_dir_at(l->dir, "old", 0755);
	CLEANUP(cleanup_close) int pending = -1;

	/* A pending log from before this one; without seg/ it is this one, half moved. */
	if (faccessat(l->dir, "seg", F_OK, 0) == 0)
		aside_log_settle(l);
	pending = old < 0 ? old : disk_make_dir_at(old, "pending", 0755);
	if (pending < 0)
		return why_set(why, pending, "ledger %s: cannot set the damaged log aside: %s",
			       l->path, strerror(-pending));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (renameat(l->dir, parts[i], pending, parts[i]) && errno != ENOENT)
			return why_set(why, -errno,
				       "ledger %s: cannot move %s of the damaged log to old/: %s",
				       l->path, parts[i], strerror(errno));
	if (fsync(pending) || fsync(l->dir))
		return -errno;
	return 0;
}

int aside_log_settle(struct ledger *l)
{
	char name[64];
	struct stat st;

	if (fstatat(l->dir, ASIDE_PENDING, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	/* Named by the log that took its place: that name is known whatever the damage. */
	snprintf(name, sizeof(name), "old/before-%s", key_incarnation(l->origin));
	return renameat(l->dir, ASIDE_PENDING, l->dir, name) ? -errno : 0;
}
