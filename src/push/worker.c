/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* worker.c - see worker.h. */
#include "push/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* How often the board is looked at: a tick is a second at least where it matters. */
#define LOOK_NS	    (200 * JT_NS_PER_MS)
#define MAX_WAIT_NS (60 * JT_NS_PER_S)

struct worker {
	struct worker_options options;
	void *sink;
	pthread_t thread;
	pthread_mutex_t lock; /* of stop */
	pthread_cond_t wake;
	bool stop;

	uint64_t seen;		 /* of the board */
	bool pending;		 /* now is still to be delivered */
	bool has_base;		 /* base is what was delivered, or where counting begins */
	uint64_t first;		 /* number of the tick at which trouble began */
	unsigned int n_failures; /* in turn */
	uint64_t retry_mono_ns;
	struct buf fresh;
	struct figures base, now;
	struct figures_between used;
};

uint64_t worker_back_off_ns(unsigned int n_failures)
{
	return n_failures > 6 ? MAX_WAIT_NS : JT_NS_PER_S << (n_failures - 1);
}

static void say(const struct worker *w, bool trouble, const char *text)
{
	char line[1024];

	snprintf(line, sizeof(line), "push to %.400s: %s", w->options.address, text);
	w->options.say(trouble, line);
}

static bool is_first_tick_to_come(const struct buf *text)
{
	return memmem(text->data, text->len, "\njouletrail_ticks_total 0\n", 26) != NULL;
}

static void swap(struct figures *a, struct figures *b)
{
	struct figures t = *a;

	*a = *b;
	*b = t;
}

/* Looks at the board. Returns 0, or -errno for a text that is none. */
static int look(struct worker *w)
{
	struct buf text;
	int err;

	buf_reset(&w->fresh);
	err = board_read(w->options.board, &w->seen, &w->fresh);
	if (err <= 0 || is_first_tick_to_come(&w->fresh))
		return err < 0 && err != -EAGAIN ? err : 0;
	text = w->now.text;
	w->now.text = w->fresh;
	w->fresh = text;
	err = w->options.kind->n_consumers ? figures_read(&w->now) : 0;
	w->pending = !err;
	if (err || !w->options.kind->n_consumers || w->has_base || w->options.from_zero)
		return err;
	swap(&w->base, &w->now);
	w->has_base = true;
	w->pending = false;
	return 0;
}

static int deliver(struct worker *w, struct why *why)
{
	struct sink_tick t = { .host = w->options.host, .text = &w->now.text };
	int err;

	if (w->options.kind->n_consumers) {
		err = figures_between(w->has_base ? &w->base : NULL, &w->now,
				      w->options.kind->n_consumers, &w->used);
		if (err)
			return why_set(why, err, "%s", strerror(-err));
		t.now = &w->now;
		t.used = &w->used;
	}
	return w->options.kind->send(w->sink, &t, why);
}

static void note_failure(struct worker *w, const struct why *why)
{
	char text[600];

	if (w->n_failures++ == 0) {
		w->first = w->seen;
		snprintf(text, sizeof(text), "%s; it is tried again", why->text);
		say(w, true, text);
	}
	w->retry_mono_ns = clock_mono_ns() + worker_back_off_ns(w->n_failures);
}

static void note_success(struct worker *w)
{
	char text[100];

	if (w->n_failures) {
		snprintf(text, sizeof(text),
			 "works again, after %u failures and %" PRIu64 " ticks that it did not get",
			 w->n_failures, w->seen - w->first);
		say(w, false, text);
	}
	w->n_failures = 0;
	w->pending = false;
	if (!w->options.kind->n_consumers)
		return;
	swap(&w->base, &w->now);
	w->has_base = true;
}

/* One look, and what follows from it. */
static void step(struct worker *w, bool last)
{
	struct why why = { "" };
	int err = look(w);

	if (err)
		why_set(&why, err, "the figures cannot be read: %s", strerror(-err));
	else if (!w->pending || (!last && clock_mono_ns() < w->retry_mono_ns))
		return;
	else
		err = deliver(w, &why);
	if (err)
		note_failure(w, &why);
	else
		note_success(w);
}

/* Until the next look. Returns whether it is the last one. */
static bool wait(struct worker *w)
{
	uint64_t until = clock_mono_ns() + LOOK_NS;
	const struct timespec t = { .tv_sec = (time_t)(until / JT_NS_PER_S),
				    .tv_nsec = (long)(until % JT_NS_PER_S) };
	bool stop;

	pthread_mutex_lock(&w->lock);
	while (!w->stop && pthread_cond_timedwait(&w->wake, &w->lock, &t) != ETIMEDOUT)
		;
	stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	return stop;
}

static void *run(void *arg)
{
	struct worker *w = arg;

	step(w, false);
	while (!wait(w))
		step(w, false);
	step(w, true);
	return NULL;
}

static void worker_free(struct worker *w)
{
	if (w->sink)
		w->options.kind->close(w->sink);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	buf_free(&w->fresh);
	figures_free(&w->base);
	figures_free(&w->now);
	figures_between_free(&w->used);
	free(w);
}

DEFINE_CLEANUP(struct worker *, worker_free)

int worker_new(const struct worker_options *o, struct worker **ret)
{
	CLEANUP(worker_free_ptr) struct worker *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;
	int err;

	if (!w)
		return -ENOMEM;
	w->options = *o;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	err = o->kind->open(o->rest, &w->sink);
	if (!err)
		err = -pthread_create(&w->thread, NULL, run, w);
	if (err)
		return err;
	*ret = TAKE_PTR(w);
	return 0;
}

void worker_stop(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

bool worker_join(struct worker *w, uint64_t until_mono_ns)
{
	const struct timespec t = { .tv_sec = (time_t)(until_mono_ns / JT_NS_PER_S),
				    .tv_nsec = (long)(until_mono_ns % JT_NS_PER_S) };

	if (pthread_clockjoin_np(w->thread, NULL, CLOCK_MONOTONIC, &t))
		return false;
	worker_free(w);
	return true;
}
