/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * load.h - a load of several tasks, in a group of its own: what all of them run, to the last
 * instruction of each, by the group's account and by ours.
 */
#ifndef TESTS_BPF_LOAD_H
#define TESTS_BPF_LOAD_H

#include "bpf/group.h"

struct load {
	struct group group;
	pid_t pid;
	int go;
	uint64_t begin_ns; /* the group's account when it was told to go */
	uint64_t used_ns;  /* ours, of the windows since */
};

/* A child that waits in the group until load_go(). */
static inline void load_start(struct load *l, const char *name, void (*f)(void *), void *arg)
{
	int go[2];
	char c;

	group_make(&l->group, cgroup_mount(), name);
	cr_assert_eq(pipe(go), 0);
	l->go = go[1];
	l->pid = fork();
	if (l->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(go[1]);
		if (group_try_enter(&l->group, "cgroup.procs", 0) || read(go[0], &c, 1) != 1)
			_exit(1);
		f(arg);
		_exit(0);
	}
	close(go[0]);
	while (task_state(l->pid) != 'S')
		usleep(1000);
}

/* Ends a window, of which no part is the load's, and lets it run. */
static inline void load_go(struct load *l)
{
	rest_ns(l->pid);
	window();
	l->begin_ns = group_cpu_stat_ns(&l->group);
	l->used_ns = 0;
	cr_assert_eq(write(l->go, "", 1), 1);
	close(l->go);
}

/* Ends a window; u->rows are its. */
static inline const struct usage *load_window(struct load *l)
{
	const struct usage *u = window();

	l->used_ns += group_used_ns(u, &l->group);
	return u;
}

/*
 * Reaps it, and compares the accounts: at a moment at which none of it has run on, as some may
 * still be on their way out.
 */
static inline void load_end(struct load *l, uint64_t ppm)
{
	uint64_t before_ns, now_ns = 0;

	end_ns(l->pid);
	do {
		before_ns = now_ns;
		load_window(l);
		now_ns = group_cpu_stat_ns(&l->group);
	} while (now_ns != before_ns);
	cr_assert_gt(now_ns, l->begin_ns, "%s has no account", l->group.path);
	assert_close(l->used_ns, now_ns - l->begin_ns, ppm, l->group.path);
	group_remove(&l->group);
}

#endif /* TESTS_BPF_LOAD_H */
