/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture.c - see capture.h. */
#include "daemon/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

struct capture {
	int fd;
	int err; /* the first one */
	bool has_names;
	struct buf lines;     /* not written yet */
	struct buf layout;    /* the domain lines as last written */
	struct buf intensity; /* so */
	struct buf scratch;
};

DEFINE_CLEANUP(struct capture *, capture_free)

void capture_free(struct capture *c)
{
	if (!c)
		return;
	cleanup_close(&c->fd);
	buf_free(&c->lines);
	buf_free(&c->layout);
	buf_free(&c->intensity);
	buf_free(&c->scratch);
	free(c);
}

/* What is in lines to the file. */
static int capture_flush(struct capture *c)
{
	size_t done = 0;

	if (!c->err)
		c->err = c->lines.err ?: c->scratch.err;
	while (!c->err && done < c->lines.len) {
		ssize_t n = write(c->fd, c->lines.data + done, c->lines.len - done);

		if (n < 0 && errno != EINTR)
			c->err = -errno;
		if (n > 0)
			done += (size_t)n;
	}
	buf_reset(&c->lines);
	return c->err;
}

/* What is in scratch, unless it was the last to be written. */
static void put_changed(struct capture *c, struct buf *last)
{
	if (c->scratch.err ||
	    (c->scratch.len == last->len && !memcmp(c->scratch.data, last->data, last->len)))
		return;
	buf_append(&c->lines, c->scratch.data, c->scratch.len);
	buf_reset(last);
	buf_append(last, c->scratch.data, c->scratch.len);
}

static void put_intensity(struct capture *c, const struct intensity *i)
{
	buf_reset(&c->scratch);
	line_put(&c->scratch, &capture_line_intensity, i);
	put_changed(c, &c->intensity);
}

int capture_new(const char *path, const struct capture_head *head, const struct intensity *i,
		struct capture **ret, struct why *why)
{
	CLEANUP(capture_free_ptr) struct capture *c = calloc(1, sizeof(*c));
	struct capture_head mine = *head;

	if (!c)
		return why_set(why, -ENOMEM, "capture: out of memory");
	c->has_names = head->has_names;
	if (!c->has_names)
		mine.host[0] = mine.ledger_dir[0] = '\0';
	c->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (c->fd < 0)
		return why_set(why, -errno, "capture %s: %s", path, strerror(errno));
	line_put(&c->lines, &capture_line_head, &mine);
	put_intensity(c, i);
	if (capture_flush(c))
		return why_set(why, c->err, "capture %s: %s", path, strerror(-c->err));
	*ret = TAKE_PTR(c);
	return 0;
}

static void put_energy(struct capture *c, const struct energy *e)
{
	buf_reset(&c->scratch);
	line_put(&c->scratch, &capture_line_layout, e);
	for (size_t i = 0; i < e->n_domains; i++)
		line_put(&c->scratch, &capture_line_domain, &e->domain[i]);
	put_changed(c, &c->layout);
	line_put(&c->lines, &capture_line_energy, e);
	for (size_t i = 0; i < e->n_domains; i++)
		line_put(&c->lines, &capture_line_reading, &e->reading[i]);
	for (size_t i = 0; i < e->n_gaps; i++)
		line_put(&c->lines, &capture_line_gap, &e->gap[i]);
	for (size_t i = 0; i < e->n_uses; i++)
		line_put(&c->lines, &capture_line_use, &e->use[i]);
}

static void put_row(struct capture *c, const struct usage *u, size_t i)
{
	struct usage_row row = u->rows[i];

	if (u->weight == JT_WEIGHT_TIME)
		memset(row.weight, 0, sizeof(row.weight));
	if (!c->has_names)
		memset(row.comm, 0, sizeof(row.comm));
	line_put(&c->lines, &capture_line_row, &row);
}

int capture_window(struct capture *c, const struct usage *u, const struct energy *e,
		   const struct intensity *i)
{
	if (c->err)
		return c->err;
	put_intensity(c, i);
	line_put(&c->lines, &capture_line_window, u);
	line_put(&c->lines, &capture_line_books, &u->books);
	for (unsigned int p = 0; p < u->n_packages; p++) {
		struct capture_package package = { u->package_id[p], u->package[p] };

		line_put(&c->lines, &capture_line_package, &package);
	}
	for (size_t r = 0; r < u->n_rows; r++)
		put_row(c, u, r);
	put_energy(c, e);
	return capture_flush(c);
}

static void put_names(struct capture *c, const struct tick *t)
{
	for (size_t i = 0; t && c->has_names && i < t->n_samples; i++) {
		const struct sample *s = &t->sample[i];
		struct capture_name name = {
			.kind = s->kind,
			.tgid = s->tgid,
			.pid = s->pid,
			.start_boottime_ns = s->start_boottime_ns,
			.cgroup_id = s->cgroup_id,
			.group = s->group,
			.flags = s->flags,
			.id = s->id,
			.name = s->name,
			.cgroup = s->cgroup,
			.labels = s->labels,
		};

		line_put(&c->lines, &capture_line_name, &name);
	}
}

int capture_tick(struct capture *c, struct capture_tick t, const struct tick *tick)
{
	if (c->err)
		return c->err;
	t.n_names = c->has_names ? tick->n_samples : 0;
	line_put(&c->lines, &capture_line_tick, &t);
	put_names(c, tick);
	return capture_flush(c);
}

int capture_end(struct capture *c, struct capture_end e, const struct tick *total)
{
	if (c->err)
		return c->err;
	e.n_names = total && c->has_names ? total->n_samples : 0;
	line_put(&c->lines, &capture_line_end, &e);
	put_names(c, total);
	return capture_flush(c);
}
