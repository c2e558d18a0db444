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

void walk_segment_name(uint64_t first, bool packed, char ret[WALK_NAME_LEN])
{
	snprintf(ret, WALK_NAME_LEN, "%020" PRIu64 ".jsonl%s", first, packed ? ".gz" : "");
}

bool walk_segment_parse(const char *name, uint64_t *ret_first, bool *ret_packed)
{
	char digits[21], again[WALK_NAME_LEN];
	size_t len = strlen(name);
	uint64_t first;

	if (len != strlen("00000000000000000000.jsonl") && len != WALK_NAME_LEN - 1)
		return false;
	memcpy(digits, name, 20);
	digits[20] = '\0';
	if (fs_parse_u64(digits, &first))
		return false;
	walk_segment_name(first, len == WALK_NAME_LEN - 1, again);
	if (strcmp(again, name) != 0)
		return false;
	*ret_first = first;
	*ret_packed = len == WALK_NAME_LEN - 1;
	return true;
}

static int walk_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int walk_add(struct walk *w, size_t *capacity, uint64_t first)
{
	if (w->n == *capacity) {
		size_t more = *capacity ? 2 * *capacity : 64;
		uint64_t *list = reallocarray(w->first, more, sizeof(*list));

		if (!list)
			return -ENOMEM;
		w->first = list;
		*capacity = more;
	}
	w->first[w->n++] = first;
	return 0;
}

/* Sorts, and counts segments that are there twice only once. */
static void walk_sort(struct walk *w)
{
	size_t n = 0;

	if (w->n > 0)
		qsort(w->first, w->n, sizeof(*w->first), walk_compare);
	for (size_t i = 0; i < w->n; i++) {
		if (n > 0 && w->first[n - 1] == w->first[i])
			w->n_both++;
		else
			w->first[n++] = w->first[i];
	}
	w->n = n;
}

static int walk_list(struct walk *w)
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	size_t capacity = 0;
	struct dirent *e;
	uint64_t first;
	bool packed;
	int err = 0;
	int fd = openat(w->seg_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (e = readdir(d)))
		if (walk_segment_parse(e->d_name, &first, &packed))
			err = walk_add(w, &capacity, first);
	walk_sort(w);
	return err;
}

int walk_begin(struct walk *w, int seg_dir, uint64_t from)
{
	int err;

	*w = (struct walk){ .seg_dir = seg_dir, .fd = -1, .from = from };
	w->carry = malloc(WALK_CHUNK_LEN);
	err = w->carry ? walk_list(w) : -ENOMEM;
	if (err)
		walk_end(w);
	while (!err && w->next + 1 < w->n && w->first[w->next + 1] <= from)
		w->next++;
	return err;
}

void walk_end(struct walk *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	free(w->first);
	free(w->carry);
	w->first = NULL;
	w->carry = NULL;
	w->n = w->next = 0;
}

int walk_chunk_new(struct walk_chunk *c)
{
	*c = (struct walk_chunk){ .data = malloc(WALK_CHUNK_LEN),
				  .packed = malloc(MEMBER_MAX_DEFLATED + MEMBER_TAIL_LEN) };
	if (c->data && c->packed)
		return 0;
	walk_chunk_free(c);
	return -ENOMEM;
}

void walk_chunk_free(struct walk_chunk *c)
{
	free(c->data);
	free(c->packed);
	c->data = NULL;
	c->packed = NULL;
}

/* Opens the next segment: plain, or packed where the plain one is gone. */
static int walk_open(struct walk *w)
{
	char name[WALK_NAME_LEN];
	int fd = -ENOENT;

	for (int packed = 0; packed <= 1 && fd == -ENOENT; packed++) {
		walk_segment_name(w->first[w->next], packed, name);
		fd = disk_open_file(w->seg_dir, name, O_RDONLY);
		w->packed = packed;
	}
	if (fd < 0)
		return fd;
	w->fd = fd;
	w->index = w->first[w->next];
	w->next++;
	w->begins = true;
	w->n_carry = 0;
	return 0;
}

static void walk_close(struct walk *w)
{
	close(w->fd);
	w->fd = -1;
}

/* Reads len bytes unless the segment ends before. Returns the bytes read or -errno. */
static ssize_t walk_read(const struct walk *w, void *ret, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(w->fd, (char *)ret + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int walk_plain(struct walk *w, struct walk_chunk *c)
{
	ssize_t n = walk_read(w, c->data + w->n_carry, WALK_CHUNK_LEN - w->n_carry);
	const char *lf;
	size_t len;

	if (n < 0)
		return (int)n;
	memcpy(c->data, w->carry, w->n_carry);
	len = w->n_carry + (size_t)n;
	lf = memrchr(c->data, '\n', len);
	c->len = lf ? (size_t)(lf - c->data) + 1 : 0;
	w->n_carry = len - c->len;
	memcpy(w->carry, c->data + c->len, w->n_carry);
	if (!lf && w->n_carry > SCAN_MAX_LINE) {
		c->step = WALK_LONG;
	} else if (!lf && len > 0 && len < WALK_CHUNK_LEN) {
		c->step = WALK_TORN;
		c->len = len;
		walk_close(w);
	} else {
		c->step = WALK_LINES;
		if (len == 0)
			walk_close(w);
	}
	return c->step;
}

static int walk_packed(struct walk *w, struct walk_chunk *c)
{
	uint8_t head[MEMBER_HEAD_LEN];
	ssize_t n = walk_read(w, head, sizeof(head));

	if (n < 0)
		return (int)n;
	c->len = 0;
	if (n == 0) {
		/* A packed segment has lines, or it would not have been packed. */
		c->step = w->begins ? WALK_BAD : WALK_LINES;
		walk_close(w);
		return c->step;
	}
	c->step = WALK_BAD;
	if (n != sizeof(head) || member_parse(head, &c->head) || c->head.first != w->index)
		return c->step;
	w->index += c->head.n_lines;
	if (w->index <= w->from) {
		/* One that was cut off here is noticed as it ends before it should. */
		if (lseek(w->fd, c->head.deflated + MEMBER_TAIL_LEN, SEEK_CUR) < 0)
			return -errno;
		c->n_skipped = c->head.n_lines;
		c->step = WALK_LINES;
		return c->step;
	}
	n = walk_read(w, c->packed, c->head.deflated + MEMBER_TAIL_LEN);
	if (n < 0)
		return (int)n;
	if ((size_t)n == c->head.deflated + MEMBER_TAIL_LEN)
		c->step = WALK_PACKED;
	return c->step;
}

int walk_next(struct walk *w, struct walk_chunk *c)
{
	int err;

	if (w->fd < 0) {
		if (w->next == w->n) {
			c->step = WALK_END;
			c->begins = false;
			c->len = 0;
			return WALK_END;
		}
		err = walk_open(w);
		if (err)
			return err;
	}
	c->first = w->first[w->next - 1];
	c->begins = w->begins;
	c->n_skipped = 0;
	err = w->packed ? walk_packed(w, c) : walk_plain(w, c);
	w->begins = false;
	return err;
}

int walk_unpack(struct walk_chunk *c, struct member_inflater *f)
{
	int err;

	if (c->step != WALK_PACKED)
		return 0;
	err = member_inflate(f, &c->head, c->packed, c->data, &c->len);
	if (err == -ENOMEM)
		return err;
	c->step = err ? WALK_BAD : WALK_LINES;
	return 0;
}

uint64_t walk_left_bytes(const struct walk *w)
{
	struct stat st;
	off_t at;

	if (w->fd < 0 || fstat(w->fd, &st))
		return 0;
	at = lseek(w->fd, 0, SEEK_CUR);
	return at < 0 || st.st_size < at ? 0 : (uint64_t)(st.st_size - at) + w->n_carry;
}

uint64_t walk_last(const struct walk *w)
{
	return w->n ? w->first[w->n - 1] : 0;
}

struct walk_lines {
	uint64_t index; /* of the next line */
	uint64_t from;
	walk_line_fn *f;
	void *arg;
};

/* The lines of one chunk. */
static int walk_chunk_lines(struct walk_lines *l, const struct walk_chunk *c)
{
	const char *at = c->data, *end = c->data + c->len;
	int ret = 0;

	if (c->step != WALK_LINES)
		return -EBADMSG;
	if (c->begins)
		l->index = c->first;
	l->index += c->n_skipped;
	while (!ret && at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));

		if (l->index >= l->from)
			ret = l->f(l->index, at, (size_t)(lf - at), l->arg);
		l->index++;
		at = lf + 1;
	}
	return ret;
}

int walk_lines(int seg_dir, uint64_t from, walk_line_fn *f, void *arg)
{
	struct walk_lines l = { .from = from, .f = f, .arg = arg };
	struct member_inflater inflater = { 0 };
	struct walk_chunk c = { 0 };
	struct walk w;
	int ret = walk_begin(&w, seg_dir, from);

	if (ret)
		return ret;
	ret = walk_chunk_new(&c);
	while (!ret) {
		ret = walk_next(&w, &c);
		if (ret <= 0)
			break;
		ret = walk_unpack(&c, &inflater);
		if (!ret)
			ret = walk_chunk_lines(&l, &c);
	}
	member_inflater_end(&inflater);
	walk_chunk_free(&c);
	walk_end(&w);
	return ret;
}
