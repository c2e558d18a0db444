/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ahead.c - see ahead.h.
 *
 * A ring of slots. The caller's thread reads chunks into free ones and takes finished ones out in
 * order; when the one it needs is not begun it works on it itself, so that one thread is the same
 * program as many.
 */
#include "ledger/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/cleanup.h"

/* The shortest record that is one has 147 bytes: a chunk cannot hold more good lines than this. */
#define AHEAD_MAX_LINES (WALK_CHUNK_LEN / 128)

/* Chunks that are not worth another thread. */
#define AHEAD_ALONE 4

enum slot_state { SLOT_FREE = 0, SLOT_READ, SLOT_BUSY, SLOT_DONE };

struct slot {
	enum slot_state state;
	int err;
	struct walk_chunk chunk;
	size_t n_facts;
	struct check_facts *facts;
};

/* What one thread needs to work. */
struct worker {
	struct scan_shapes shapes;
	struct member_inflater inflater;
};

struct ahead {
	struct walk *walk;
	int walk_step; /* of the last chunk read: <= 0 is the end */
	uint64_t segment;
	struct slot *now; /* finished, at tail; NULL = not looked at yet */
	size_t taken;	  /* facts given out of it */
	bool began;
	size_t left_bytes;

	size_t n_slots;
	size_t head; /* slots read so far; tail <= head <= tail + n_slots */
	size_t tail; /* slots given out so far */
	struct slot *slot;

	pthread_mutex_t lock;
	pthread_cond_t work; /* a slot was read, or the end is near */
	pthread_cond_t done; /* a slot was finished */
	bool stop;
	size_t next;	       /* first slot that might be waiting for work */
	unsigned int n_wanted; /* threads, the caller's own being one of them */
	size_t n_threads;      /* others, that run */
	pthread_t thread[AHEAD_MAX_THREADS];
	struct worker own;
};

/* Everything about a chunk that needs no other. Stops at the first line that is wrong. */
static void ahead_work(struct slot *s, struct worker *w)
{
	const char *at, *end;

	s->n_facts = 0;
	s->err = walk_unpack(&s->chunk, &w->inflater);
	if (s->err || s->chunk.step != WALK_LINES)
		return;
	at = s->chunk.data;
	end = at + s->chunk.len;
	while (at < end && s->n_facts < AHEAD_MAX_LINES) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		struct check_facts *f = &s->facts[s->n_facts++];

		check_facts(&w->shapes, at, (size_t)(lf - at), f);
		if (f->what)
			break;
		at = lf + 1;
	}
}

/* The first slot that waits for work, now busy; NULL = none. The lock is held. */
static struct slot *ahead_claim(struct ahead *a)
{
	for (; a->next < a->head; a->next++) {
		struct slot *s = &a->slot[a->next % a->n_slots];

		if (s->state != SLOT_READ)
			continue;
		s->state = SLOT_BUSY;
		a->next++;
		return s;
	}
	return NULL;
}

static void *ahead_thread(void *arg)
{
	struct worker *w = calloc(1, sizeof(*w));
	struct ahead *a = arg;
	struct slot *s;

	/* Without memory the caller's thread does all the work. */
	if (!w)
		return NULL;
	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		s = ahead_claim(a);
		if (!s) {
			pthread_cond_wait(&a->work, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		ahead_work(s, w);
		pthread_mutex_lock(&a->lock);
		s->state = SLOT_DONE;
		pthread_cond_signal(&a->done);
	}
	pthread_mutex_unlock(&a->lock);
	member_inflater_end(&w->inflater);
	free(w);
	return NULL;
}

/* A slot's memory, when it is used for the first time. */
static int ahead_slot(struct slot *s)
{
	if (s->facts)
		return 0;
	s->facts = malloc(AHEAD_MAX_LINES * sizeof(struct check_facts));
	return s->facts ? walk_chunk_new(&s->chunk) : -ENOMEM;
}

/* The other threads, once there is more than one can do at once. Fewer only take longer. */
static void ahead_start(struct ahead *a)
{
	while (a->n_threads + 1 < a->n_wanted &&
	       pthread_create(&a->thread[a->n_threads], NULL, ahead_thread, a) == 0)
		a->n_threads++;
	a->n_wanted = 1;
}

int ahead_new(struct walk *w, unsigned int n_threads, struct ahead **ret)
{
	struct ahead *a = calloc(1, sizeof(*a));
	long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!a)
		return -ENOMEM;
	if (n_threads == 0)
		n_threads = n_cpus > 0 ? (unsigned int)n_cpus : 1;
	if (n_threads > AHEAD_MAX_THREADS)
		n_threads = AHEAD_MAX_THREADS;
	a->walk = w;
	a->walk_step = WALK_LINES;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_cond_init(&a->done, NULL);
	a->n_wanted = n_threads;
	a->n_slots = n_threads == 1 ? 1 : 2 * n_threads + 1;
	a->slot = calloc(a->n_slots, sizeof(*a->slot));
	if (!a->slot) {
		ahead_free(a);
		return -ENOMEM;
	}
	*ret = a;
	return 0;
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < a->n_threads; i++)
		pthread_join(a->thread[i], NULL);
	for (size_t i = 0; a->slot && i < a->n_slots; i++) {
		free(a->slot[i].facts);
		walk_chunk_free(&a->slot[i].chunk);
	}
	member_inflater_end(&a->own.inflater);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->work);
	pthread_cond_destroy(&a->done);
	free(a->slot);
	free(a);
}

/* Reads chunks into all free slots. */
static void ahead_fill(struct ahead *a)
{
	while (a->walk_step > 0 && a->head < a->tail + a->n_slots) {
		struct slot *s = &a->slot[a->head % a->n_slots];

		a->walk_step = ahead_slot(s);
		if (!a->walk_step)
			a->walk_step = walk_next(a->walk, &s->chunk);
		s->err = a->walk_step < 0 ? a->walk_step : 0;
		pthread_mutex_lock(&a->lock);
		s->state = s->err ? SLOT_DONE : SLOT_READ;
		a->head++;
		pthread_cond_signal(&a->work);
		pthread_mutex_unlock(&a->lock);
		/* What comes after these is not looked at. */
		if (s->chunk.step == WALK_LONG || s->chunk.step == WALK_BAD)
			a->walk_step = WALK_END;
		if (a->head == AHEAD_ALONE)
			ahead_start(a);
	}
}

/* The slot at tail, finished: by another thread, or by this one. */
static struct slot *ahead_finish(struct ahead *a)
{
	struct slot *s = &a->slot[a->tail % a->n_slots], *mine;

	pthread_mutex_lock(&a->lock);
	while (s->state != SLOT_DONE) {
		mine = ahead_claim(a);
		if (!mine) {
			pthread_cond_wait(&a->done, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		ahead_work(mine, &a->own);
		pthread_mutex_lock(&a->lock);
		mine->state = SLOT_DONE;
	}
	pthread_mutex_unlock(&a->lock);
	return s;
}

static void ahead_drop(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->now->state = SLOT_FREE;
	a->tail++;
	pthread_mutex_unlock(&a->lock);
	a->now = NULL;
	a->taken = 0;
	a->began = false;
}

/* The next slot, finished. Returns false at the end. */
static bool ahead_turn(struct ahead *a)
{
	ahead_fill(a);
	if (a->tail == a->head)
		return false;
	a->now = ahead_finish(a);
	if (a->now->chunk.step != WALK_END)
		a->segment = a->now->chunk.first;
	a->left_bytes = a->now->chunk.len;
	return true;
}

int ahead_next(struct ahead *a, const struct check_facts **ret)
{
	for (;;) {
		if (!a->now && !ahead_turn(a))
			return AHEAD_END;
		if (a->now->err)
			return a->now->err;
		if (a->now->chunk.begins && !a->began) {
			a->began = true;
			return AHEAD_SEGMENT;
		}
		if (a->taken < a->now->n_facts) {
			*ret = &a->now->facts[a->taken++];
			a->left_bytes -= (*ret)->len + 1;
			return AHEAD_FACTS;
		}
		switch (a->now->chunk.step) {
		case WALK_TORN:
			return AHEAD_TORN;
		case WALK_LONG:
			return AHEAD_LONG;
		case WALK_BAD:
			return AHEAD_BAD;
		case WALK_END:
			return AHEAD_END;
		default:
			ahead_drop(a);
		}
	}
}

uint64_t ahead_first(const struct ahead *a)
{
	return a->segment;
}

uint64_t ahead_left_bytes(const struct ahead *a)
{
	return a->left_bytes;
}
