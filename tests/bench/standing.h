/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * standing.h - loads that run until they are stopped, and say how far they have come.
 *
 * One set of processes under every condition that is compared: of two processes forked for the
 * purpose, one may have the luckier pages.
 */
#ifndef TESTS_BENCH_STANDING_H
#define TESTS_BENCH_STANDING_H

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "bench/load.h"

#define STANDING_MAX 64

/* A cache line, written by one process only. */
struct standing_count {
	volatile uint64_t n;
	uint64_t pad[7];
};

struct standing {
	size_t n;
	pid_t pid[STANDING_MAX];
	struct standing_count *count; /* [STANDING_MAX], shared memory */
};

static inline void standing_open(struct standing *s)
{
	s->n = 0;
	s->count = mmap(NULL, STANDING_MAX * sizeof(*s->count), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	load_check(s->count != MAP_FAILED, "bench: shared memory");
}

static inline void standing_stop(struct standing *s)
{
	while (s->n > 0)
		load_kill(s->pid[--s->n]);
	munmap(s->count, STANDING_MAX * sizeof(*s->count));
}

static inline uint64_t standing_count(const struct standing *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->count[i].n;
	return sum;
}

static inline uint64_t standing_cpu_ns(const struct standing *s)
{
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < s->n; i++)
		sum_ns += load_cpu_ns(s->pid[i]);
	return sum_ns;
}

/* A slice with less work in it tells nothing: the load was kept from its CPU, and goes on. */
#define STANDING_LEAST 1000

/* CPU time per unit of work over the next ms, or longer. */
static inline double standing_ns_per_unit(const struct standing *s, long ms)
{
	uint64_t n = standing_count(s), ns = standing_cpu_ns(s);

	do
		load_sleep_ms(ms);
	while (standing_count(s) - n < STANDING_LEAST);
	return (double)(standing_cpu_ns(s) - ns) / (double)(standing_count(s) - n);
}

/* Two processes that pass a byte back and forth on one CPU. */
struct pingpong {
	int there[2], back[2];
	uint64_t n_rounds; /* 0 = until killed */
	struct standing_count *count;
};

static inline void pingpong_play(const struct pingpong *p, int side, int from, int to)
{
	volatile uint64_t *count = &p->count[side].n;
	char byte = 0;

	load_pin();
	for (uint64_t i = 0; p->n_rounds == 0 || i < p->n_rounds; i++) {
		if (write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
			_exit(1);
		++*count;
	}
}

static inline void pingpong_serve(void *arg)
{
	const struct pingpong *p = arg;

	pingpong_play(p, 0, p->back[0], p->there[1]);
}

static inline void pingpong_return(void *arg)
{
	const struct pingpong *p = arg;

	pingpong_play(p, 1, p->there[0], p->back[1]);
}

/* Its unit of work is a pass: one switch, as they share a CPU. */
static inline void standing_pingpong(struct standing *s, uint64_t n_rounds)
{
	struct pingpong p = { .n_rounds = n_rounds };

	standing_open(s);
	p.count = s->count;
	load_check(!pipe(p.there) && !pipe(p.back), "bench: pipe");
	s->pid[s->n++] = load_fork(pingpong_serve, &p);
	s->pid[s->n++] = load_fork(pingpong_return, &p);
	for (int i = 0; i < 2; i++) {
		close(p.there[i]);
		close(p.back[i]);
	}
}

/* As hackbench has them: each sender of a group writes to each of its receivers. */
#define GROUP_PEERS 10
#define MESSAGE_LEN 100

struct group {
	int socket[GROUP_PEERS]
		  [2]; /* senders write to side 0 of all, receiver i reads its side 1 */
	int self;
	struct standing_count *count;
};

static inline void group_send(void *arg)
{
	const struct group *g = arg;
	char message[MESSAGE_LEN] = { 0 };

	for (;;)
		for (int peer = 0; peer < GROUP_PEERS; peer++)
			if (write(g->socket[peer][0], message, sizeof(message)) != MESSAGE_LEN)
				_exit(1);
}

static inline void group_receive(void *arg)
{
	const struct group *g = arg;
	char message[MESSAGE_LEN];

	while (recv(g->socket[g->self][1], message, sizeof(message), MSG_WAITALL) == MESSAGE_LEN)
		g->count->n++;
}

/* Its unit of work is a message received. */
static inline void standing_groups(struct standing *s, int n_groups)
{
	standing_open(s);
	for (int i = 0; i < n_groups; i++) {
		struct group g;

		for (int peer = 0; peer < GROUP_PEERS; peer++)
			load_check(!socketpair(AF_UNIX, SOCK_STREAM, 0, g.socket[peer]),
				   "bench: socketpair");
		for (g.self = 0; g.self < GROUP_PEERS; g.self++) {
			g.count = &s->count[s->n];
			s->pid[s->n++] = load_fork(group_receive, &g);
			s->pid[s->n++] = load_fork(group_send, &g);
		}
		for (int peer = 0; peer < GROUP_PEERS; peer++) {
			close(g.socket[peer][0]);
			close(g.socket[peer][1]);
		}
	}
}

#endif /* TESTS_BENCH_STANDING_H */
