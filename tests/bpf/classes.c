/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* classes.c - tasks of every scheduling class and policy have their CPU time. */
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

#include "bpf/kernel.h"

TestSuite(classes, .init = setup, .fini = teardown, .timeout = 120);

/* include/uapi/linux/sched.h */
#define POLICY_DEADLINE 6
#define POLICY_EXT	7

/* As sched_setattr(2) takes it; glibc has no name for it. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline_ns, period_ns;
};

/* Exit statuses of a load. */
enum { RAN = 0, REFUSED = 2 };

static void spin_as(void *arg)
{
	struct attributes *a = arg;

	a->size = sizeof(*a);
	if (syscall(SYS_sched_setattr, 0, a, 0))
		_exit(REFUSED);
	spin_cpu_ns(20 * MS);
}

/* Two of them compete, so that they are preempted, throttled or pulled over to another CPU. */
static void check_class(struct attributes a, const char *what)
{
	pid_t pid[2] = { start(spin_as, &a), start(spin_as, &a) };
	uint64_t truth_ns[2];
	const struct usage *u;
	siginfo_t info;

	cr_assert_eq(waitid(P_PID, (id_t)pid[0], &info, WEXITED | WNOWAIT), 0);
	for (int i = 0; i < 2; i++)
		truth_ns[i] = end_ns(pid[i]);
	if (info.si_status == REFUSED)
		cr_skip_test("%s is not allowed here", what);
	u = window_conserved(1000);
	for (int i = 0; i < 2; i++) {
		cr_assert_geq(truth_ns[i], 20 * MS);
		assert_close(used_ns(u, pid[i], 0, 0, NULL), truth_ns[i], 1000, what);
	}
}

Test(classes, fifo)
{
	check_class((struct attributes){ .policy = SCHED_FIFO, .priority = 2 }, "SCHED_FIFO");
}

Test(classes, round_robin)
{
	check_class((struct attributes){ .policy = SCHED_RR, .priority = 2 }, "SCHED_RR");
}

Test(classes, deadline)
{
	check_class((struct attributes){ .policy = POLICY_DEADLINE,
					 .runtime_ns = 5 * MS,
					 .deadline_ns = 20 * MS,
					 .period_ns = 20 * MS },
		    "SCHED_DEADLINE");
}

Test(classes, batch)
{
	check_class((struct attributes){ .policy = SCHED_BATCH }, "SCHED_BATCH");
}

Test(classes, idle_policy_is_no_idle_time)
{
	check_class((struct attributes){ .policy = SCHED_IDLE }, "SCHED_IDLE");
}

Test(classes, nice)
{
	check_class((struct attributes){ .policy = SCHED_OTHER, .nice = 19 }, "nice 19");
}

Test(classes, not_nice)
{
	check_class((struct attributes){ .policy = SCHED_OTHER, .nice = -20 }, "nice -20");
}

/* Without a BPF scheduler loaded the kernel runs them as SCHED_OTHER: the policy is all we need. */
Test(classes, sched_ext)
{
	if (access("/sys/kernel/sched_ext", F_OK))
		cr_skip_test("this kernel has no sched_ext (CONFIG_SCHED_CLASS_EXT)");
	check_class((struct attributes){ .policy = POLICY_EXT }, "SCHED_EXT");
}
