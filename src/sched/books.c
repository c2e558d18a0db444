/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* books.c - see books.h. */
#include "sched/books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Tries of a coherent read of another CPU's books; each is some twenty loads. After a flush all
 * CPUs switch just then, and a switch that opens a cell with cold caches takes microseconds: with
 * 64 tries, one in a hundred windows of a fork storm missed the books of a CPU.
 */
#define READ_TRIES 8192

/* NTP slews CLOCK_MONOTONIC against the raw clock by at most 500 ppm (adjtimex(2), MAXFREQ). */
#define DRIFT_DIVISOR 2000

/* One CPU at the last close. */
struct books_mark {
	bool online;
	uint64_t mono_ns;	/* its window's begin */
	uint64_t given_idle_ns; /* open idle time given out that the books have yet to show */
	uint64_t owed_idle_ns;	/* of it, what the books have shown to be no idle time */
	int64_t open_slice_ns;
	struct jt_cpu_books at;
};

struct books {
	const struct jt_cpu_books *cpu;
	unsigned int n_cpus;
	bool offset_known;
	bool sampled;		 /* offset_ns was set in this window */
	int64_t offset_ns;	 /* CLOCK_MONOTONIC - rq->clock */
	int64_t offset_limit_ns; /* the most it can be in this window */
	uint64_t closed_mono_ns; /* when the last window ended */
	struct books_mark mark[];
};

int books_new(const struct jt_cpu_books *cpu, unsigned int n_cpus, struct books **ret)
{
	struct books *b = calloc(1, sizeof(*b) + n_cpus * sizeof(b->mark[0]));

	if (!b)
		return -ENOMEM;
	b->cpu = cpu;
	b->n_cpus = n_cpus;
	*ret = b;
	return 0;
}

void books_free(struct books *b)
{
	free(b);
}

bool books_cpu_is_busy(const struct books *b, unsigned int cpu)
{
	return __atomic_load_n(&b->cpu[cpu].current_pid, __ATOMIC_RELAXED) != 0;
}

/* The writer was not in the midst of it, by its sequence and by the sum that always holds. */
static bool books_are_whole(const struct jt_cpu_books *b)
{
	return !(b->sequence & 1) && b->task_ns + b->idle_ns + (uint64_t)b->gap_ns ==
					     b->clock_task_ns - b->base_clock_task_ns;
}

/*
 * A coherent copy. Should a CPU be stolen in the midst of writing, its books stay as they were at
 * the last close: *ret is untouched, the next window has it all, and false is returned.
 */
static bool books_read(const struct jt_cpu_books *from, struct jt_cpu_books *ret)
{
	for (int i = 0; i < READ_TRIES; i++) {
		uint64_t before = __atomic_load_n(&from->sequence, __ATOMIC_ACQUIRE);
		struct jt_cpu_books copy;
		uint64_t after;

		memcpy(&copy, from, sizeof(copy));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		after = __atomic_load_n(&from->sequence, __ATOMIC_RELAXED);
		if (before == after && books_are_whole(&copy)) {
			*ret = copy;
			return true;
		}
	}
	return false;
}

void books_sample_clocks(struct books *b, uint64_t clock_ns, uint64_t mono_ns)
{
	/* Each sample is too large by what passed between the two readings. */
	int64_t offset_ns = (int64_t)(mono_ns - clock_ns);

	if (!b->offset_known)
		b->offset_limit_ns = INT64_MAX;
	else if (!b->sampled)
		b->offset_limit_ns =
			b->offset_ns + (int64_t)((mono_ns - b->closed_mono_ns) / DRIFT_DIVISOR);
	/* All late, on a machine whose CPUs are stolen: the clocks cannot have drifted that far. */
	if (offset_ns > b->offset_limit_ns)
		offset_ns = b->offset_limit_ns;
	if (!b->sampled || offset_ns < b->offset_ns)
		b->offset_ns = offset_ns;
	b->sampled = true;
	b->offset_known = true;
}

bool books_clocks_known(const struct books *b)
{
	return b->offset_known;
}

/*
 * The interval from the last switch of the CPU to that moment, by the common clock; negative where
 * it has switched since, before its books were read.
 */
static int64_t books_open_ns(const struct books *b, const struct jt_cpu_books *now,
			     uint64_t now_mono_ns)
{
	return now->clock_ns ? (int64_t)(now_mono_ns - now->clock_ns) - b->offset_ns : 0;
}

/* What the kernel side has booked since the mark, open parts not counted. */
static void books_differ(const struct jt_cpu_books *at, const struct jt_cpu_books *now,
			 struct usage_books *ret, struct usage_losses *losses)
{
	uint64_t clock_ns = now->clock_ns - at->clock_ns;
	uint64_t clock_task_ns = now->clock_task_ns - at->clock_task_ns;

	ret->task_ns = now->task_ns - at->task_ns;
	ret->idle_ns = now->idle_ns - at->idle_ns;
	ret->gap_ns = now->gap_ns - at->gap_ns;
	ret->excluded_ns = clock_ns > clock_task_ns ? clock_ns - clock_task_ns : 0;
	ret->n_missed = (uint32_t)(now->n_missed - at->n_missed);
	losses->untracked_ns += now->untracked_ns - at->untracked_ns;
	losses->unsplit_ns += now->unsplit_ns - at->unsplit_ns;
	losses->n_unsplit += (uint32_t)(now->n_unsplit - at->n_unsplit);
	losses->n_backwards += now->n_backwards - at->n_backwards;
}

/*
 * Takes what was given out as open idle time before off the idle time that the books show now.
 * Where that is too little, the CPU had been woken and had yet to switch, to a slice that began at
 * the wake-up: the rest is carried, and taken off later idle time.
 */
static void books_take_back(struct books_mark *m, struct usage_books *ret)
{
	uint64_t taken_ns = ret->idle_ns < m->given_idle_ns ? ret->idle_ns : m->given_idle_ns;

	ret->idle_ns -= taken_ns;
	m->given_idle_ns -= taken_ns;
	ret->carried_ns -= (int64_t)(m->given_idle_ns - m->owed_idle_ns);
	m->owed_idle_ns = m->given_idle_ns;
}

/*
 * One CPU's differences since its mark, which moves to now. When a CPU comes or goes is not known:
 * in that window it counts for what it ran, and what it idled before it went.
 */
static void books_close_cpu(struct books *b, unsigned int cpu, bool online, uint64_t now_mono_ns,
			    struct usage_books *ret, struct usage_losses *losses)
{
	struct books_mark *m = &b->mark[cpu];
	struct jt_cpu_books now = m->at;
	uint64_t open_idle_ns = 0;
	int64_t open_slice_ns = 0, wall_ns;

	losses->n_unflushed += !books_read(&b->cpu[cpu], &now);
	if (online)
		open_slice_ns = books_open_ns(b, &now, now_mono_ns);
	if (open_slice_ns > 0 && now.current_pid == 0) {
		open_idle_ns = (uint64_t)open_slice_ns;
		open_slice_ns = 0;
	}
	books_differ(&m->at, &now, ret, losses);
	if (m->online) {
		ret->idle_ns += open_idle_ns;
		ret->carried_ns = open_slice_ns - m->open_slice_ns;
		books_take_back(m, ret);
	} else {
		/* Absence looks like idle time, and the clocks stood still. */
		ret->idle_ns = ret->excluded_ns = 0;
		ret->carried_ns = open_slice_ns;
		m->given_idle_ns = m->owed_idle_ns = 0;
	}
	wall_ns = (int64_t)(ret->task_ns + ret->idle_ns + ret->excluded_ns) + ret->gap_ns +
		  ret->carried_ns;
	if (m->online && online)
		wall_ns = (int64_t)(now_mono_ns - m->mono_ns);
	ret->wall_ns = wall_ns > 0 ? (uint64_t)wall_ns : 0;
	m->online = online;
	m->mono_ns = now_mono_ns;
	m->given_idle_ns += open_idle_ns;
	m->open_slice_ns = open_slice_ns;
	m->at = now;
}

void books_close(struct books *b, const struct topology *t, uint64_t now_mono_ns, struct usage *u)
{
	u->books = (struct usage_books){ 0 };
	memset(u->package, 0, sizeof(u->package));
	for (unsigned int i = 0; i < b->n_cpus; i++) {
		struct usage_books one = { 0 };

		if (!t->cpu[i].online && !b->mark[i].online)
			continue;
		books_close_cpu(b, i, t->cpu[i].online, now_mono_ns, &one, &u->losses);
		usage_books_add(&u->books, &one);
		usage_books_add(&u->package[t->cpu[i].package], &one);
	}
	b->sampled = false;
	b->closed_mono_ns = now_mono_ns;
}

uint64_t books_late_ns(const struct books *b)
{
	uint64_t late_ns = 0;

	for (unsigned int i = 0; i < b->n_cpus; i++) {
		struct jt_cpu_books now = b->mark[i].at;

		if (!b->mark[i].online)
			continue;
		books_read(&b->cpu[i], &now);
		late_ns += now.task_ns - b->mark[i].at.task_ns;
	}
	return late_ns;
}
