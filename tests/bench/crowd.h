/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* crowd.h - thousands of tasks that sleep, and all wake once when they are told to. */
#ifndef TESTS_BENCH_CROWD_H
#define TESTS_BENCH_CROWD_H

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "bench/load.h"

#define CROWD_PID_MAX "/proc/sys/kernel/pid_max"

/* Shared by all of them. */
struct crowd_page {
	_Atomic uint32_t call; /* changes when all shall wake */
	_Atomic uint32_t n_awake;
	_Atomic uint32_t n_born;
	pid_t tid[]; /* [n_tasks], a process's tasks side by side */
};

struct crowd {
	size_t n_tasks, n_processes, per_process;
	struct crowd_page *page;
	pid_t *pid; /* [n_processes] */
	size_t bytes;
};

static inline void *crowd_body(void *arg)
{
	struct crowd_page *p = arg;
	uint32_t seen = 0;

	p->tid[atomic_fetch_add(&p->n_born, 1)] = (pid_t)syscall(SYS_gettid);
	for (;;) {
		while (atomic_load(&p->call) == seen)
			syscall(SYS_futex, &p->call, FUTEX_WAIT, seen, NULL, NULL, 0);
		seen = atomic_load(&p->call);
		atomic_fetch_add(&p->n_awake, 1);
	}
	return NULL;
}

/* One process: its first task and per_process - 1 threads. */
static inline void crowd_process(void *arg)
{
	const struct crowd *c = arg;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
	pthread_attr_setguardsize(&attr, 0);
	for (size_t i = 1; i < c->per_process; i++)
		if (pthread_create(&thread, &attr, crowd_body, c->page))
			_exit(1);
	crowd_body(c->page);
}

/* Room for so many more process ids; what it was is put back by crowd_stop(). */
static inline long crowd_pid_max(long at_least)
{
	char text[32] = "";
	int fd = open(CROWD_PID_MAX, O_RDWR | O_CLOEXEC);
	long was;

	load_check(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "bench: " CROWD_PID_MAX);
	was = strtol(text, NULL, 10);
	if (was < at_least) {
		snprintf(text, sizeof(text), "%ld", at_least);
		load_check(pwrite(fd, text, strlen(text), 0) > 0, "bench: writing " CROWD_PID_MAX);
	}
	close(fd);
	return was;
}

static inline void crowd_stop(struct crowd *c)
{
	for (size_t i = 0; i < c->n_processes; i++)
		kill(c->pid[i], SIGKILL);
	for (size_t i = 0; i < c->n_processes; i++)
		load_end_ns(c->pid[i]);
	munmap(c->page, c->bytes);
	free(c->pid);
}

/* False, and nothing started, where the machine does not let so many tasks live. */
static inline bool crowd_start(struct crowd *c, size_t n_processes, size_t per_process)
{
	int status;

	*c = (struct crowd){ .per_process = per_process, .n_tasks = n_processes * per_process };
	c->bytes = sizeof(*c->page) + c->n_tasks * sizeof(c->page->tid[0]);
	c->pid = calloc(n_processes, sizeof(*c->pid));
	c->page = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	load_check(c->pid && c->page != MAP_FAILED, "bench: memory for a crowd");
	while (c->n_processes < n_processes) {
		size_t i = c->n_processes++;

		c->pid[i] = load_fork(crowd_process, c);
		/* One process after the other, so that its tasks are side by side in tid[]. */
		while (atomic_load(&c->page->n_born) < c->n_processes * per_process) {
			if (waitpid(c->pid[i], &status, WNOHANG) == c->pid[i]) {
				c->n_processes--;
				crowd_stop(c);
				return false;
			}
			if (per_process > 1)
				load_sleep_ms(1);
		}
	}
	return true;
}

/* All run once, for some microseconds, and sleep again. */
static inline void crowd_wake(struct crowd *c)
{
	atomic_store(&c->page->n_awake, 0);
	atomic_fetch_add(&c->page->call, 1);
	syscall(SYS_futex, &c->page->call, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	while (atomic_load(&c->page->n_awake) < c->n_tasks)
		load_sleep_ms(1);
	load_sleep_ms(20);
}

#endif /* TESTS_BENCH_CROWD_H */
