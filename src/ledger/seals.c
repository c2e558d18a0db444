/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* seals.c - see seals.h. */
#include "ledger/seals.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/disk.h"

int sealed_read(int dir, const char *name, struct sealed *ret, const char **ret_what)
{
	int err = disk_read(dir, name, ret->note, sizeof(ret->note), &ret->len);

	*ret_what = "not a small regular file";
	if (err == -EFBIG || err == -EINVAL || err == -ELOOP)
		return -EBADMSG;
	if (!err)
		err = note_parse(ret->note, ret->len, &ret->checkpoint, &ret->text_len, ret_what);
	return err;
}

static int seals_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* "<decimal size>" and nothing else. */
static bool seals_parse(const char *name, uint64_t *ret)
{
	char again[24];

	if (strlen(name) >= sizeof(again) || fs_parse_u64(name, ret))
		return false;
	snprintf(again, sizeof(again), "%" PRIu64, *ret);
	return strcmp(again, name) == 0;
}

static int seals_list(struct seals *s)
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	size_t capacity = 0;
	struct dirent *e;
	uint64_t size;
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		if (!seals_parse(e->d_name, &size))
			continue;
		if (s->n == capacity) {
			uint64_t *more;

			capacity = capacity ? 2 * capacity : 64;
			more = reallocarray(s->size, capacity, sizeof(*more));
			if (!more)
				return -ENOMEM;
			s->size = more;
		}
		s->size[s->n++] = size;
	}
	if (s->n > 0)
		qsort(s->size, s->n, sizeof(*s->size), seals_compare);
	return 0;
}

int seals_begin(struct seals *s, int ledger_dir)
{
	int err;

	*s = (struct seals){ .now = malloc(sizeof(struct sealed)) };
	s->dir = openat(ledger_dir, "checkpoints", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (!s->now)
		err = -ENOMEM;
	else if (s->dir < 0)
		err = errno == ENOENT ? 0 : -errno;
	else
		err = seals_list(s);
	if (err)
		seals_end(s);
	return err;
}

void seals_end(struct seals *s)
{
	if (s->dir >= 0)
		close(s->dir);
	s->dir = -1;
	free(s->size);
	free(s->now);
	s->size = NULL;
	s->now = NULL;
	s->n = s->next = 0;
}

void seals_skip(struct seals *s, uint64_t size)
{
	while (s->next < s->n && s->size[s->next] <= size)
		s->next++;
	s->n_skipped = s->next;
}

uint64_t seals_next(const struct seals *s)
{
	return s->next < s->n ? s->size[s->next] : UINT64_MAX;
}

static int seals_signature(const struct sealed *note, const struct note_verifier *v, uint64_t size,
			   struct why *why)
{
	int err = note_verify(note->note, note->len, note->text_len, v);

	if (err == -ENOKEY)
		return why_set(why, -EBADMSG, "checkpoint %" PRIu64 " is not signed by %s", size,
			       v->name);
	if (err == -EKEYREJECTED)
		return why_set(why, -EBADMSG,
			       "checkpoint %" PRIu64 ": the signature of %s is wrong", size,
			       v->name);
	return err;
}

int seals_epoch(const struct sealed *note, const struct check *c, struct why *why)
{
	/* The record that announces a key is sealed by the key before it. */
	bool ends = c->epoch > 0 && c->epoch_index + 1 == c->n;

	if (!c->has_epoch)
		return 0;
	return seals_signature(note, ends ? &c->epoch_before : &c->epoch_key, c->n, why);
}

int seals_check(struct seals *s, const struct note_verifier *v, const struct check *c,
		const struct hash *root, struct why *why)
{
	struct sealed *note = s->now;
	const char *what;
	char name[24];
	int err;

	snprintf(name, sizeof(name), "%" PRIu64, s->size[s->next++]);
	err = sealed_read(s->dir, name, note, &what);
	if (err == -EBADMSG)
		return why_set(why, err, "checkpoints/%s: %s", name, what);
	if (err)
		return err == -ENOMEM
			       ? err
			       : why_set(why, -EBADMSG, "checkpoints/%s: %s", name, strerror(-err));
	if (note->checkpoint.size != c->n || strcmp(note->checkpoint.origin, v->name) != 0)
		return why_set(why, -EBADMSG, "checkpoints/%s is of another size or log", name);
	if (memcmp(&note->checkpoint.root, root, sizeof(*root)) != 0)
		return why_set(why, -EBADMSG,
			       "checkpoints/%s: the first %s records are not those that were "
			       "signed then",
			       name, name);
	err = seals_signature(note, v, c->n, why);
	return err ? err : seals_epoch(note, c, why);
}

int seals_require(const struct seals *s, const struct check *c, uint64_t last, struct why *why)
{
	if (c->epoch == 0 || last == c->n || seals_next(s) == c->n)
		return 0;
	return why_set(why, -EBADMSG,
		       "record %" PRIu64 ": epoch gap: there is no checkpoint %" PRIu64
		       " that seals epoch %" PRIu64,
		       c->epoch_index, c->n, c->epoch - 1);
}
