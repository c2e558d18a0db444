/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* board.h - spinners that note their own CPU time when the test says "now". */
#ifndef TESTS_BPF_BOARD_H
#define TESTS_BPF_BOARD_H

#include <stdatomic.h>

#include "bpf/kernel.h"

#define BOARD_SPINNERS 16
#define BOARD_MARKS    8

/*
 * Shared with children. A spinner that does not run when the mark is raised notes the same CPU
 * time when it does: the notes are exact however late they are.
 */
struct board {
	atomic_uint mark; /* how many were raised */
	atomic_bool stop;
	struct {
		atomic_uint seen; /* marks noted, plus one: it runs */
		_Atomic(pid_t) tid;
		_Atomic uint64_t at_ns[BOARD_MARKS]; /* its CPU time at mark 0, 1, … */
		_Atomic uint64_t end_ns;
		uint64_t total_ns; /* with its exit: where it is a process, and has been reaped */
	} spinner[BOARD_SPINNERS];
};

static inline struct board *board_new(void)
{
	void *at = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(at, MAP_FAILED);
	return at;
}

static inline void board_spin(struct board *b, unsigned int i)
{
	unsigned int seen = 0;

	b->spinner[i].tid = gettid();
	b->spinner[i].seen = 1;
	while (!b->stop || seen < b->mark)
		if (seen < b->mark) {
			b->spinner[i].at_ns[seen++] = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
			b->spinner[i].seen = seen + 1;
		}
	b->spinner[i].end_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* A process for each of n spinners; board_end() reaps them. */
static inline void board_start(struct board *b, unsigned int n, pid_t *ret_pid)
{
	for (unsigned int i = 0; i < n; i++) {
		ret_pid[i] = fork();
		if (ret_pid[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			board_spin(b, i);
			_exit(0);
		}
	}
}

static inline void board_end(struct board *b, unsigned int n, const pid_t *pid)
{
	b->stop = true;
	for (unsigned int i = 0; i < n; i++)
		b->spinner[i].total_ns = end_ns(pid[i]);
}

/* What the n spinners of one process, which ran for total_ns, ran after their own last readings. */
static inline uint64_t board_exits_ns(const struct board *b, unsigned int n, uint64_t total_ns)
{
	uint64_t read_ns = 0;

	for (unsigned int i = 0; i < n; i++)
		read_ns += b->spinner[i].end_ns;
	return total_ns > read_ns ? total_ns - read_ns : 0;
}

/* Two spinners for each CPU, if the board has room: more than can run at once. */
static inline unsigned int board_crowd(void)
{
	unsigned int n = 2 * (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);

	return n < BOARD_SPINNERS ? n : BOARD_SPINNERS;
}

/* Waits until n spinners run and have noted all marks. */
static inline void board_wait(struct board *b, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		while (b->spinner[i].seen < b->mark + 1)
			usleep(1000);
}

/* Raises the next mark; returns its number. */
static inline unsigned int board_mark(struct board *b)
{
	return atomic_fetch_add(&b->mark, 1);
}

#endif /* TESTS_BPF_BOARD_H */
