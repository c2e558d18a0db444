/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live.c - see live.h. */
#include "serve/live.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"

struct live {
	const struct board *board;
	pthread_mutex_t lock;
	uint64_t seen;
	size_t n_texts; /* that were taken: 0, 1, or 2 for more */
	bool is_read;	/* both texts are, and used is of them */
	struct figures before, now;
	struct figures_between used;
};

int live_new(const struct board *board, struct live **ret)
{
	struct live *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->board = board;
	pthread_mutex_init(&l->lock, NULL);
	*ret = l;
	return 0;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	pthread_mutex_destroy(&l->lock);
	figures_free(&l->before);
	figures_free(&l->now);
	figures_between_free(&l->used);
	free(l);
}

void live_look(struct live *l)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct figures was;

	/* Copied beside the lock: whoever asks meanwhile gets what there is. */
	if (board_read(l->board, &l->seen, &text) <= 0)
		return;
	pthread_mutex_lock(&l->lock);
	was = l->before;
	l->before = l->now;
	buf_free(&was.text);
	was.text = text;
	l->now = was;
	text = (struct buf){ 0 };
	l->n_texts = l->n_texts ? 2 : 1;
	l->is_read = false;
	pthread_mutex_unlock(&l->lock);
}

/* A text is taken apart when somebody asks, once. */
static int read_both(struct live *l)
{
	int err;

	if (l->is_read)
		return 0;
	err = figures_read(&l->now);
	if (!err && l->n_texts == 2)
		err = figures_read(&l->before);
	if (!err && l->n_texts == 2)
		err = figures_between(&l->before, &l->now, LIVE_CONSUMERS, &l->used);
	l->is_read = !err;
	return err;
}

int live_put(struct live *l, int64_t now_real_us, struct buf *out)
{
	int err;

	pthread_mutex_lock(&l->lock);
	err = l->n_texts ? read_both(l) : -ENODATA;
	if (!err)
		live_put_json(&l->now, l->n_texts == 2 ? &l->used : NULL, now_real_us, out);
	pthread_mutex_unlock(&l->lock);
	return err ? err : out->err;
}
