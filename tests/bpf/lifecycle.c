/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lifecycle.c - attaching and leaving: what already runs is seen from then on, two instances do not
 * disturb each other, and nothing stays behind.
 */
#include <linux/bpf.h>

#include "bpf/board.h"
#include "bpf/cells.h"
#include "bpf/group.h"

TestSuite(lifecycle, .fini = teardown, .timeout = 240);

/* ---- what runs already --------------------------------------------------------------------- */

Test(lifecycle, tasks_that_run_at_attach_are_seen_from_then_on)
{
	struct board *b = board_new();
	unsigned int n = board_crowd();
	pid_t pid[BOARD_SPINNERS];
	const struct usage *u;

	board_start(b, n, pid);
	board_wait(b, n);
	board_mark(b);
	setup();
	board_mark(b);
	board_wait(b, n);
	usleep(200000);
	board_end(b, n, pid);
	u = window_conserved(1000);
	for (unsigned int i = 0; i < n; i++) {
		const uint64_t total_ns = b->spinner[i].total_ns;

		/* The baseline lies between the marks. */
		assert_within(used_ns(u, pid[i], 0, 0, NULL) + SWITCHES_NS,
			      total_ns - b->spinner[i].at_ns[1],
			      total_ns - b->spinner[i].at_ns[0] + 2 * SWITCHES_NS, "since attach");
	}
}

static void nap(void *arg)
{
	char c;

	if (read(*(int *)arg, &c, 1) == 1)
		spin_cpu_ns(50 * MS);
}

Test(lifecycle, task_that_sleeps_at_attach_is_seen_from_its_first_switch)
{
	int go[2];
	pid_t pid;
	uint64_t truth_ns;

	cr_assert_eq(pipe(go), 0);
	pid = start(nap, &go[0]);
	usleep(20000);
	setup();
	cr_assert_eq(write(go[1], "", 1), 1);
	truth_ns = end_ns(pid);
	/* It had forked before: within a millisecond. */
	assert_within(used_ns(window(), pid, 0, 0, NULL), 50 * MS, truth_ns + SWITCHES_NS,
		      "napper");
}

/* ---- attaching during a storm -------------------------------------------------------------- */

static void storm(void *arg)
{
	const struct board *b = arg;

	while (!b->stop) {
		for (int i = 0; i < 20; i++)
			if (fork() == 0)
				_exit(0);
		while (wait(NULL) > 0)
			;
	}
}

/*
 * What the group's account had when an instance attached and read lies between two readings each;
 * a reading lacks up to a tick of each CPU that runs the group just then.
 */
static void check_attach(const struct group *g, uint64_t *lost)
{
	uint64_t late_ns = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN) * tick_ns();
	uint64_t begin[2], end[2], used;
	const struct usage *u;

	begin[0] = group_cpu_stat_ns(g);
	setup();
	begin[1] = group_cpu_stat_ns(g);
	while (group_cpu_stat_ns(g) < begin[1] + 30 * MS)
		usleep(5000);
	end[0] = group_cpu_stat_ns(g);
	u = window_conserved(1000);
	end[1] = group_cpu_stat_ns(g);
	used = group_used_ns(u, g) + u->losses.untracked_ns;
	assert_within(used + late_ns, end[0] - begin[1], end[1] - begin[0] + 2 * late_ns, "storm");
	*lost += u->losses.untracked_ns;
}

Test(lifecycle, twenty_attaches_during_a_storm)
{
	struct board *b = board_new();
	uint64_t lost = 0;
	int n = scaled(20);
	struct group g;
	pid_t pid;

	group_make(&g, cgroup_mount(), "attach");
	pid = start_in(&g, storm, b);
	for (int i = 0; i < n; i++) {
		check_attach(&g, &lost);
		cr_assert_eq(cells_leaked(), 0);
		teardown();
	}
	b->stop = true;
	end_ns(pid);
	group_remove(&g);
	/* Detail, not time: a fork that got no storage as its CPU was busy with another's. */
	cr_assert_leq(lost, (uint64_t)n * 30 * MS / 100);
}

/* ---- beside another ------------------------------------------------------------------------ */

Test(lifecycle, two_instances_see_the_same)
{
	struct sched *first;
	pid_t pid;
	uint64_t truth_ns;

	setup();
	first = sched;
	setup();
	pid = start(spin_50ms, NULL);
	truth_ns = end_ns(pid);
	assert_close(used_ns(window(), pid, 0, 0, NULL), truth_ns, 1000, "second");
	teardown();
	sched = first;
	assert_close(used_ns(window(), pid, 0, 0, NULL), truth_ns, 1000, "first");
	window_conserved(1000);
}

Test(lifecycle, bpf_statistics_change_nothing)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	pid_t pid;
	uint64_t truth_ns;

	if (fd < 0)
		cr_skip_test("BPF run-time statistics cannot be switched on here");
	setup();
	for (int i = 0; i < 3; i++) {
		const struct usage *u;

		/* On from before the attach; off in the midst; off all along. */
		pid = start(spin_50ms, NULL);
		if (i == 1)
			close(fd);
		truth_ns = end_ns(pid);
		u = window_conserved(1000);
		assert_close(used_ns(u, pid, 0, 0, NULL), truth_ns, 1000, "child");
	}
}

/* ---- nothing stays behind ------------------------------------------------------------------ */

enum kind { PROGRAM, MAP, LINK, N_KINDS };

static int fd_by_id(enum kind k, uint32_t id)
{
	return k == PROGRAM ? bpf_prog_get_fd_by_id(id)
	       : k == MAP   ? bpf_map_get_fd_by_id(id)
			    : bpf_link_get_fd_by_id(id);
}

#define MAX_OBJECTS 64

struct ids {
	uint32_t id[MAX_OBJECTS];
	size_t n;
};

static void ids_take(struct ids ids[N_KINDS], const char *line)
{
	static const char *const key[] = { "prog_id:", "map_id:", "link_id:" };

	for (int k = 0; k < N_KINDS; k++)
		if (ids[k].n < MAX_OBJECTS && !strncmp(line, key[k], strlen(key[k])))
			ids[k].id[ids[k].n++] = (uint32_t)strtoul(line + strlen(key[k]), NULL, 10);
}

/* What a process holds, by its descriptors: other tracers may be about. */
static void ids_of(pid_t pid, struct ids ids[N_KINDS])
{
	char path[64], line[128];
	FILE *f;

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f))
			ids_take(ids, line);
		if (f)
			fclose(f);
	}
}

/* The kernel frees when the last reader has left: later, so look again, at most 60 s. */
static bool is_gone(enum kind k, uint32_t id)
{
	for (int i = 0; i < 600; i++) {
		int fd = fd_by_id(k, id);

		if (fd < 0)
			return true;
		close(fd);
		usleep(100000);
	}
	return false;
}

/* A process that holds an instance until it is killed; byte to told when it is attached. */
static pid_t start_holder(int told)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setup();
		window();
		if (write(told, "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	return pid;
}

static void check_nothing_left(int signal)
{
	static struct ids ids[N_KINDS];
	int told[2];
	pid_t pid;
	char c;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(pipe(told), 0);
	pid = start_holder(told[1]);
	cr_assert_eq(read(told[0], &c, 1), 1);
	ids_of(pid, ids);
	/* The switch, free, fork, exec and move programs at least, each with its link. */
	cr_assert_geq(ids[PROGRAM].n, 5);
	cr_assert_geq(ids[MAP].n, 5);
	cr_assert_geq(ids[LINK].n, 5);
	kill(pid, signal);
	end_ns(pid);
	for (int k = 0; k < N_KINDS; k++)
		for (size_t i = 0; i < ids[k].n; i++)
			cr_assert(is_gone((enum kind)k, ids[k].id[i]), "kind %d, id %u is left", k,
				  ids[k].id[i]);
}

Test(lifecycle, nothing_is_left_after_sigkill)
{
	check_nothing_left(SIGKILL);
}

static unsigned int n_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

Test(lifecycle, no_descriptor_is_left_after_free)
{
	unsigned int before;

	setup();
	teardown();
	before = n_fds();
	for (int i = 0; i < 5; i++) {
		setup();
		window();
		teardown();
	}
	cr_assert_eq(n_fds(), before);
}
