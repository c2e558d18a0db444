/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flush.c - see flush.h. */
#include "sched/flush.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Each is two readings of clocks. */
#define LOOKS 3

struct flush_cpu {
	struct flush *flush;
	pthread_t thread;
	unsigned int cpu;
	bool started;
	bool requested;
	sem_t wake;
	atomic_bool stop;
	/* It may not run on its CPU, which a cpuset leaves out: it does not answer. */
	atomic_bool astray;
	_Atomic uint64_t round;	   /* of the flush that it last answered */
	_Atomic uint64_t clock_ns; /* 0 = no pair of clocks in this round */
	_Atomic uint64_t mono_ns;
};

struct flush {
	const struct jt_cpu_books *books;
	unsigned int n_cpus;
	_Atomic uint64_t round;
	sem_t done;
	struct flush_cpu cpu[];
};

/*
 * The run queue's clock is what it was at the switch to this thread and what the thread has run
 * since: reading its CPU time brings both up to date. How long it took to come does not matter.
 *
 * On its own CPU, so that what that switch wrote is there in program order; *b is not of that
 * switch where the kernel told the programs nothing of it.
 */
static void flush_look_once(struct flush_cpu *c, const struct jt_cpu_books *b, pid_t tid)
{
	uint64_t switch_ns = __atomic_load_n(&b->clock_ns, __ATOMIC_SEQ_CST), clock_ns, mono_ns;

	if (b->current_pid != (uint32_t)tid)
		return;
	clock_ns = switch_ns + clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - b->current_runtime_ns;
	mono_ns = clock_mono_ns();
	if (__atomic_load_n(&b->clock_ns, __ATOMIC_SEQ_CST) != switch_ns)
		return;
	if (atomic_load(&c->clock_ns) && mono_ns - clock_ns >= c->mono_ns - c->clock_ns)
		return;
	atomic_store(&c->mono_ns, mono_ns);
	atomic_store(&c->clock_ns, clock_ns);
}

/* The CPU may be stolen between the two readings of a look: not of all. */
static void flush_look(struct flush_cpu *c, pid_t tid)
{
	for (int i = 0; i < LOOKS; i++)
		flush_look_once(c, &c->flush->books[c->cpu], tid);
}

static int flush_pin(const struct flush_cpu *c, pthread_t thread)
{
	size_t n = c->cpu / (8 * sizeof(cpu_set_t)) + 1;
	cpu_set_t *set = calloc(n, sizeof(*set));
	int err;

	if (!set)
		return -ENOMEM;
	CPU_SET_S(c->cpu, n * sizeof(*set), set);
	err = -pthread_setaffinity_np(thread, n * sizeof(*set), set);
	free(set);
	return err;
}

static void *flush_thread(void *arg)
{
	struct flush_cpu *c = arg;
	pid_t tid = gettid();

	for (;;) {
		while (sem_wait(&c->wake) && errno == EINTR)
			;
		if (atomic_load(&c->stop))
			return NULL;
		/* Its CPU was offline, and it was sent elsewhere: back, and late for this round. */
		if (sched_getcpu() != (int)c->cpu) {
			atomic_store(&c->astray, flush_pin(c, pthread_self()) != 0);
			continue;
		}
		flush_look(c, tid);
		atomic_store(&c->round, atomic_load(&c->flush->round));
		sem_post(&c->flush->done);
	}
}

int flush_new(const struct jt_cpu_books *books, unsigned int n_cpus, struct flush **ret)
{
	struct flush *f = calloc(1, sizeof(*f) + n_cpus * sizeof(f->cpu[0]));

	if (!f)
		return -ENOMEM;
	f->books = books;
	f->n_cpus = n_cpus;
	sem_init(&f->done, 0, 0);
	for (unsigned int i = 0; i < n_cpus; i++) {
		f->cpu[i].flush = f;
		f->cpu[i].cpu = i;
		sem_init(&f->cpu[i].wake, 0, 0);
	}
	*ret = f;
	return 0;
}

void flush_free(struct flush *f)
{
	if (!f)
		return;
	for (unsigned int i = 0; i < f->n_cpus; i++) {
		struct flush_cpu *c = &f->cpu[i];

		if (c->started) {
			atomic_store(&c->stop, true);
			sem_post(&c->wake);
			pthread_join(c->thread, NULL);
		}
		sem_destroy(&c->wake);
	}
	sem_destroy(&f->done);
	free(f);
}

static int flush_start(struct flush_cpu *c)
{
	struct sched_param priority = { .sched_priority = 1 };
	sigset_t all, old;
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN + 16384);
	/* Signals are the main thread's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = -pthread_create(&c->thread, &attr, flush_thread, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (err)
		return err;
	c->started = true;
	/*
	 * Of an urgent caller it has real-time priority already. Without the right to it, and so,
	 * it is an ordinary thread: later, not wrong.
	 */
	pthread_setschedparam(c->thread, SCHED_FIFO, &priority);
	err = flush_pin(c, c->thread);
	atomic_store(&c->astray, err != 0);
	return err;
}

int flush_request(struct flush *f, unsigned int cpu)
{
	struct flush_cpu *c = &f->cpu[cpu];
	int err = c->started ? 0 : flush_start(c);

	/* Nobody waits for one that cannot come. */
	if (!err && atomic_load(&c->astray)) {
		err = flush_pin(c, c->thread);
		atomic_store(&c->astray, err != 0);
	}
	if (!err)
		c->requested = true;
	return err;
}

/* Waits for one answer; false when the deadline has passed. */
static bool flush_wait(struct flush *f, const struct timespec *deadline)
{
	while (sem_clockwait(&f->done, CLOCK_MONOTONIC, deadline))
		if (errno != EINTR)
			return false;
	return true;
}

unsigned int flush_run(struct flush *f, uint64_t timeout_ns)
{
	uint64_t round = atomic_fetch_add(&f->round, 1) + 1;
	uint64_t until_ns = clock_mono_ns() + timeout_ns;
	struct timespec deadline = {
		.tv_sec = (time_t)(until_ns / 1000000000u),
		.tv_nsec = (long)(until_ns % 1000000000u),
	};
	unsigned int n_late;

	for (unsigned int i = 0; i < f->n_cpus; i++) {
		atomic_store(&f->cpu[i].clock_ns, 0);
		if (f->cpu[i].requested)
			sem_post(&f->cpu[i].wake);
	}
	/* Late answers of an earlier round also post `done`: only the rounds decide. */
	do {
		n_late = 0;
		for (unsigned int i = 0; i < f->n_cpus; i++)
			n_late += f->cpu[i].requested && atomic_load(&f->cpu[i].round) != round;
	} while (n_late && flush_wait(f, &deadline));
	for (unsigned int i = 0; i < f->n_cpus; i++)
		f->cpu[i].requested = false;
	return n_late;
}

bool flush_clocks(const struct flush *f, unsigned int cpu, uint64_t *ret_clock_ns,
		  uint64_t *ret_mono_ns)
{
	const struct flush_cpu *c = &f->cpu[cpu];
	uint64_t clock_ns = atomic_load(&c->clock_ns);

	if (clock_ns == 0)
		return false;
	*ret_clock_ns = clock_ns;
	*ret_mono_ns = atomic_load(&c->mono_ns);
	return true;
}
