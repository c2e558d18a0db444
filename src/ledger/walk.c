/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* walk.c - see walk.h. */
#include "ledger/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/disk.h"

void walk_segment_name(uint64_t first, char ret[WALK_NAME_LEN])
{
	snprintf(ret, WALK_NAME_LEN, "%020" PRIu64 ".jsonl", first);
}

bool walk_segment_parse(const char *name, uint64_t *ret_first)
{
	char digits[21], again[WALK_NAME_LEN];
	uint64_t first;

	if (strlen(name) != WALK_NAME_LEN - 1)
		return false;
	memcpy(digits, name, 20);
	digits[20] = '\0';
	if (fs_parse_u64(digits, &first))
		return false;
	walk_segment_name(first, again);
	if (strcmp(again, name) != 0)
		return false;
	*ret_first = first;
	return true;
}

int walk_list(int seg_dir, uint64_t *ret_n, uint64_t *ret_last)
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	uint64_t n = 0, last = 0, first;
	struct dirent *e;
	int fd = openat(seg_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		if (!walk_segment_parse(e->d_name, &first))
			continue;
		n++;
		if (first > last)
			last = first;
	}
	*ret_n = n;
	*ret_last = last;
	return 0;
}

void walk_begin(struct walk *w, int seg_dir)
{
	w->seg_dir = seg_dir;
	w->fd = -1;
	w->first = w->offset = w->n_segments = 0;
	w->from = w->to = 0;
}

void walk_end(struct walk *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* Opens the segment that begins with index. Returns 0, -ENOENT, -errno. */
static int walk_open(struct walk *w, uint64_t index)
{
	char name[WALK_NAME_LEN];
	int fd;

	walk_segment_name(index, name);
	fd = disk_open_file(w->seg_dir, name, O_RDONLY);
	if (fd < 0)
		return fd;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
	w->first = index;
	w->offset = 0;
	w->n_segments++;
	return 0;
}

/* Returns the bytes read, 0 at the end of the segment, or -errno. */
static int walk_fill(struct walk *w)
{
	ssize_t n;

	memmove(w->buf, w->buf + w->from, w->to - w->from);
	w->to -= w->from;
	w->from = 0;
	do {
		n = read(w->fd, w->buf + w->to, sizeof(w->buf) - w->to);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	w->to += (size_t)n;
	return (int)n;
}

int walk_next(struct walk *w, uint64_t index, const char **ret, size_t *ret_len)
{
	int n;

	for (;;) {
		const char *lf = memchr(w->buf + w->from, '\n', w->to - w->from);

		if (lf) {
			*ret = w->buf + w->from;
			*ret_len = (size_t)(lf - *ret);
			w->from += *ret_len + 1;
			w->offset += *ret_len + 1;
			return WALK_LINE;
		}
		if (w->to - w->from == sizeof(w->buf))
			return WALK_LONG;
		n = w->fd >= 0 ? walk_fill(w) : 0;
		if (n < 0)
			return n;
		if (n > 0)
			continue;
		if (w->from < w->to)
			return WALK_TORN;
		/* An empty segment would be its own successor. */
		if (w->fd >= 0 && w->first == index)
			return WALK_END;
		n = walk_open(w, index);
		if (n)
			return n == -ENOENT ? WALK_END : n;
	}
}

uint64_t walk_left_bytes(const struct walk *w)
{
	struct stat st;

	if (w->fd < 0 || fstat(w->fd, &st) || (uint64_t)st.st_size < w->offset)
		return 0;
	return (uint64_t)st.st_size - w->offset;
}
