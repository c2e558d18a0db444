/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* urgent.c - see urgent.h. */
#include "base/urgent.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

struct urgent {
	bool started;
	pthread_t thread;
	sem_t wake, done;
	void (*f)(void *); /* NULL = end */
	void *arg;
};

static _Thread_local bool refused;

bool urgent_begin(void)
{
	struct sched_param p = { .sched_priority = 1 };

	if (refused || sched_getscheduler(0) != SCHED_OTHER)
		return false;
	refused = sched_setscheduler(0, SCHED_FIFO, &p) != 0;
	return !refused;
}

void urgent_end(bool raised)
{
	struct sched_param p = { .sched_priority = 0 };

	if (raised)
		sched_setscheduler(0, SCHED_OTHER, &p);
}

static void wait_for(sem_t *s)
{
	while (sem_wait(s) && errno == EINTR)
		;
}

static void *urgent_thread(void *arg)
{
	struct urgent *u = arg;

	for (;;) {
		wait_for(&u->wake);
		if (!u->f)
			return NULL;
		u->f(u->arg);
		sem_post(&u->done);
	}
}

/* Of the priority that the caller has. */
static int urgent_start(struct urgent *u)
{
	sigset_t all, old;
	int err;

	/* Signals are the caller's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = -pthread_create(&u->thread, NULL, urgent_thread, u);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	u->started = !err;
	return err;
}

int urgent_new(struct urgent **ret)
{
	struct urgent *u = calloc(1, sizeof(*u));
	int err = 0;

	if (!u)
		return -ENOMEM;
	sem_init(&u->wake, 0, 0);
	sem_init(&u->done, 0, 0);
	urgent_begin();
	if (sched_getscheduler(0) == SCHED_FIFO) {
		err = urgent_start(u);
		urgent_end(true);
	}
	if (err) {
		urgent_free(u);
		return err;
	}
	*ret = u;
	return 0;
}

void urgent_run(struct urgent *u, void (*f)(void *), void *arg)
{
	if (!u->started) {
		f(arg);
		return;
	}
	u->f = f;
	u->arg = arg;
	sem_post(&u->wake);
	wait_for(&u->done);
}

void urgent_free(struct urgent *u)
{
	if (!u)
		return;
	if (u->started) {
		u->f = NULL;
		sem_post(&u->wake);
		pthread_join(u->thread, NULL);
	}
	sem_destroy(&u->wake);
	sem_destroy(&u->done);
	free(u);
}
