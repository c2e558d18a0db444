/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* urgent.c - the priority is raised once and always given back; a thread keeps it for others. */
#include "base/urgent.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

Test(urgent, raises_once_and_gives_back)
{
	bool outer = urgent_begin(), inner;

	if (!outer) {
		cr_assert_eq(sched_getscheduler(0), SCHED_OTHER);
		urgent_end(outer);
		cr_skip_test("no right to real-time priority");
	}
	cr_assert_eq(sched_getscheduler(0), SCHED_FIFO);
	inner = urgent_begin();
	cr_assert(!inner);
	urgent_end(inner);
	cr_assert_eq(sched_getscheduler(0), SCHED_FIFO);
	urgent_end(outer);
	cr_assert_eq(sched_getscheduler(0), SCHED_OTHER);
}

struct seen {
	int policy;
	pid_t tid;
	int child_policy;
};

static void *look_at_own(void *arg)
{
	*(int *)arg = sched_getscheduler(0);
	return NULL;
}

static void look(void *arg)
{
	struct seen *s = arg;
	pthread_t child;

	s->policy = sched_getscheduler(0);
	s->tid = gettid();
	cr_assert_eq(pthread_create(&child, NULL, look_at_own, &s->child_policy), 0);
	pthread_join(child, NULL);
}

/* What the daemon does: the right is given up between the two. */
static void run_without_the_right(bool had_it)
{
	struct urgent *u = NULL;
	struct seen s = { 0 };

	if (geteuid() == 0)
		cr_assert_eq(setresuid(65534, 65534, 65534), 0);
	cr_assert_eq(urgent_new(&u), 0);
	cr_assert_eq(sched_getscheduler(0), SCHED_OTHER);
	for (int i = 0; i < 3; i++) {
		urgent_run(u, look, &s);
		cr_assert_eq(s.policy, had_it ? SCHED_FIFO : SCHED_OTHER);
		cr_assert_eq(s.child_policy, s.policy);
		cr_assert_eq(s.tid != gettid(), had_it);
	}
	urgent_free(u);
}

Test(urgent, a_thread_keeps_what_is_given_up)
{
	if (!urgent_begin())
		cr_skip_test("no right to real-time priority");
	run_without_the_right(true);
}

Test(urgent, without_the_right_it_runs_here)
{
	if (geteuid() != 0)
		cr_skip_test("needs root, to give it up");
	run_without_the_right(false);
}
