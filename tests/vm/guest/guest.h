/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guest.h - what the suites that run in guests share: an instance, its windows, pinned spinners.
 *
 * A guest is emulated and its CPUs are threads of the host: one may stand still for milliseconds
 * between two readings of the same thing, and the guest counts that as run time.
 */
#ifndef TESTS_VM_GUEST_GUEST_H
#define TESTS_VM_GUEST_GUEST_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/truth.h"
#include "jouletrail/units.h"
#include "sched/sched.h"

#define MS JT_NS_PER_MS
/* What may pass on an emulated CPU between two readings, beside loads of 100 ms and more. */
#define SLACK_NS (5 * MS)

static struct sched *sched;

static inline void setup_with(const struct sched_options *o)
{
	struct why why = { "" };

	if (!getenv("IN_GUEST"))
		cr_skip_test("changes the machine: only in a guest (tools/vm.sh)");
	cr_assert_eq(sched_new(o, &sched, &why), 0, "%s", why.text);
}

static inline void setup(void)
{
	setup_with(&(struct sched_options){ 0 });
}

static inline void teardown(void)
{
	sched_free(sched);
	sched = NULL;
}

static inline const struct usage *window(void)
{
	const struct usage *u;

	cr_assert_eq(sched_read(sched, &u), 0);
	return u;
}

static inline uint64_t used_ns(const struct usage *u, pid_t tgid)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == (uint32_t)tgid)
			sum += u->rows[i].total_ns;
	return sum;
}

static inline void assert_close(uint64_t a, uint64_t b, const char *what)
{
	uint64_t diff = a > b ? a - b : b - a;

	cr_assert_leq(diff, SLACK_NS, "%s: %" PRIu64 " against %" PRIu64 " ns", what, a, b);
}

/* What must hold in every window: the books close, and the cells have what the books have. */
static inline void assert_closed(const struct usage *u, const char *when)
{
	const struct usage_books *b = &u->books;

	cr_assert(usage_books_residue_ppm(b) <= 1000,
		  "%s: wall %" PRIu64 " task %" PRIu64 " idle %" PRIu64 " gap %" PRId64
		  " excluded %" PRIu64 " carried %" PRId64,
		  when, b->wall_ns, b->task_ns, b->idle_ns, b->gap_ns, b->excluded_ns,
		  b->carried_ns);
	cr_assert_leq(usage_cells_residue_ns(u), b->wall_ns / 1000, "%s", when);
	cr_assert_eq(u->losses.n_no_cell + u->losses.untracked_ns, 0, "%s", when);
}

static inline void pin(pid_t pid, unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	cr_assert_eq(sched_setaffinity(pid, sizeof(set), &set), 0);
}

/* A child that runs on one CPU, from its birth until it has had so much CPU time. */
static inline pid_t start_spinner(unsigned int cpu, uint64_t ns)
{
	cpu_set_t ours;
	pid_t pid;

	cr_assert_eq(sched_getaffinity(0, sizeof(ours), &ours), 0);
	pin(0, cpu);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) < ns)
			;
		_exit(0);
	}
	cr_assert_eq(sched_setaffinity(0, sizeof(ours), &ours), 0);
	return pid;
}

static inline uint64_t cpu_ns(pid_t pid)
{
	clockid_t clock;

	cr_assert_eq(clock_getcpuclockid(pid, &clock), 0);
	return clock_read_ns(clock);
}

static inline void wait_cpu_ns(pid_t pid, uint64_t ns)
{
	while (cpu_ns(pid) < ns)
		usleep(2000);
}

#endif /* TESTS_VM_GUEST_GUEST_H */
