/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * worker.h - one sink and the thread that delivers to it: no sink waits for another.
 *
 * The newest tick alone is delivered. One that could not be is tried again, after 1 s, 2 s, 4 s and
 * so on up to a minute; by then it may be a newer one. What is used between two ticks is counted
 * from the last one that was delivered: no energy is lost to a sink that was away.
 */
#ifndef PUSH_WORKER_H
#define PUSH_WORKER_H

#include <stdbool.h>

#include "base/board.h"
#include "push/sink.h"

struct worker;

struct worker_options {
	const struct sink_kind *kind;
	const char *address; /* whole, for messages; outlives the worker, as all here */
	const char *rest;    /* behind the scheme */
	const char *host;
	const struct board *board;
	/* All counters are 0 before the first tick; else the first one is where counting begins. */
	bool from_zero;
	/* What there is to say, from the worker's thread: trouble as it begins, and its end. */
	void (*say)(bool trouble, const char *text);
};

/* Returns 0 or -errno. */
int worker_new(const struct worker_options *o, struct worker **ret);

/* Tells it to deliver what there is and to end. */
void worker_stop(struct worker *w);

/*
 * Waits for its end, until that moment at most. False: it still waits for its sink, and is to be
 * left as it is. Else it is freed.
 */
bool worker_join(struct worker *w, uint64_t until_mono_ns);

/* The time from the n-th failure in turn (from 1) to the next attempt. */
uint64_t worker_back_off_ns(unsigned int n_failures);

#endif /* PUSH_WORKER_H */
