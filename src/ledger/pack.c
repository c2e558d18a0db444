/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pack.c - see pack.h. */
#include "ledger/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/disk.h"
#include "ledger/member.h"
#include "ledger/walk.h"

#define PACK_TMP     ".tmp"
#define PACK_TMP_LEN (WALK_NAME_LEN + sizeof(PACK_TMP))

static void pack_tmp_name(uint64_t first, char ret[PACK_TMP_LEN])
{
	walk_segment_name(first, true, ret);
	memcpy(ret + WALK_NAME_LEN - 1, PACK_TMP, sizeof(PACK_TMP));
}

/* Calls f for every name in seg/. */
static int pack_each(int seg_dir, int (*f)(int seg_dir, const char *name, void *arg), void *arg)
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	struct dirent *e;
	int err = 0;
	int fd = openat(seg_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (e = readdir(d)))
		err = f(seg_dir, e->d_name, arg);
	return err;
}

struct pack_search {
	uint64_t open;
	uint64_t first; /* the lowest plain one so far; UINT64_MAX = none */
};

static int pack_search_one(int seg_dir, const char *name, void *arg)
{
	struct pack_search *s = arg;
	uint64_t first;
	bool packed;

	(void)seg_dir;
	if (walk_segment_parse(name, &first, &packed) && !packed && first != s->open &&
	    first < s->first)
		s->first = first;
	return 0;
}

static int pack_begin(struct pack *p, int seg_dir, uint64_t open)
{
	struct pack_search s = { .open = open, .first = UINT64_MAX };
	char name[WALK_NAME_LEN], tmp[PACK_TMP_LEN];
	int err = pack_each(seg_dir, pack_search_one, &s);

	if (err || s.first == UINT64_MAX)
		return err ? err : -ENOENT;
	walk_segment_name(s.first, false, name);
	pack_tmp_name(s.first, tmp);
	p->in = disk_open_file(seg_dir, name, O_RDONLY);
	if (p->in < 0)
		return p->in;
	p->out = openat(seg_dir, tmp, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (p->out < 0)
		return -errno;
	p->first = p->index = s.first;
	p->offset = p->written = 0;
	return 0;
}

/* Whole lines from p->offset on. *ret_len 0 at the end; -EBADMSG where the end is no line's. */
static int pack_read(const struct pack *p, char *ret, size_t *ret_len)
{
	size_t len = 0;
	const char *lf;

	while (len < MEMBER_MAX_PLAIN) {
		ssize_t n =
			pread(p->in, ret + len, MEMBER_MAX_PLAIN - len, (off_t)(p->offset + len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	lf = memrchr(ret, '\n', len);
	if (len > 0 && !lf)
		return -EBADMSG;
	*ret_len = lf ? (size_t)(lf - ret) + 1 : 0;
	return 0;
}

/* One member. Returns its plain bytes, 0 at the end, or -errno. */
static ssize_t pack_member(struct pack *p)
{
	CLEANUP(cleanup_free)
	uint8_t *out = malloc(MEMBER_HEAD_LEN + MEMBER_MAX_DEFLATED + MEMBER_TAIL_LEN);
	CLEANUP(cleanup_free) char *plain = malloc(MEMBER_MAX_PLAIN);
	size_t len = 0, out_len;
	int err = out && plain ? pack_read(p, plain, &len) : -ENOMEM;

	if (err || len == 0)
		return err;
	err = member_deflate(plain, len, p->index, out, &out_len);
	if (!err)
		err = disk_write(p->out, out, out_len);
	/* The plain file goes for what this one holds, not for what was meant to be in it. */
	if (!err)
		err = disk_compare(p->out, (off_t)p->written, out, out_len);
	p->written += out_len;
	if (err)
		return err;
	for (const char *at = plain; at < plain + len; p->index++)
		at = (const char *)memchr(at, '\n', (size_t)(plain + len - at)) + 1;
	p->offset += len;
	return (ssize_t)len;
}

/* Everything is packed: durable, named, and only then the plain file goes. */
static int pack_finish(struct pack *p, int seg_dir)
{
	char name[WALK_NAME_LEN], packed[WALK_NAME_LEN], tmp[PACK_TMP_LEN];
	struct stat st;

	/* What does not end in a line, or has none, is not packed. */
	if (fstat(p->in, &st) || (uint64_t)st.st_size != p->offset || p->offset == 0)
		return -EBADMSG;
	walk_segment_name(p->first, false, name);
	walk_segment_name(p->first, true, packed);
	pack_tmp_name(p->first, tmp);
	if (fsync(p->out) || renameat(seg_dir, tmp, seg_dir, packed) || fsync(seg_dir) ||
	    unlinkat(seg_dir, name, 0))
		return -errno;
	close(p->in);
	close(p->out);
	p->in = p->out = -1;
	return 0;
}

void pack_step(struct pack *p, int seg_dir, uint64_t open, uint64_t bytes)
{
	uint64_t done = 0;
	ssize_t n = 1;

	while (!p->idle && n >= 0 && done < bytes) {
		n = p->in < 0 ? pack_begin(p, seg_dir, open) : 0;
		if (n == 0)
			n = pack_member(p);
		if (n == 0)
			n = pack_finish(p, seg_dir);
		else if (n > 0)
			done += (uint64_t)n;
	}
	if (n < 0) {
		pack_end(p, seg_dir);
		p->idle = true;
	}
}

void pack_more(struct pack *p)
{
	p->idle = false;
}

void pack_end(struct pack *p, int seg_dir)
{
	char tmp[PACK_TMP_LEN];

	if (p->out >= 0) {
		pack_tmp_name(p->first, tmp);
		unlinkat(seg_dir, tmp, 0);
		close(p->out);
	}
	if (p->in >= 0)
		close(p->in);
	p->in = p->out = -1;
}

static int pack_clean_one(int seg_dir, const char *name, void *arg)
{
	char plain[WALK_NAME_LEN];
	size_t len = strlen(name), tmp = strlen(PACK_TMP);
	uint64_t first;
	bool packed;

	(void)arg;
	if (len == PACK_TMP_LEN - 2 && strcmp(name + len - tmp, PACK_TMP) == 0)
		return unlinkat(seg_dir, name, 0) ? -errno : 0;
	if (!walk_segment_parse(name, &first, &packed) || !packed)
		return 0;
	walk_segment_name(first, false, plain);
	if (faccessat(seg_dir, plain, F_OK, AT_SYMLINK_NOFOLLOW))
		return 0;
	return unlinkat(seg_dir, name, 0) ? -errno : 0;
}

int pack_clean(int seg_dir)
{
	return pack_each(seg_dir, pack_clean_one, NULL);
}
