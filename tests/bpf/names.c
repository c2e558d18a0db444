/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * names.c - whoever had time has a name, by the kernel side's word: cgroups that lived between two
 * windows, processes of a millisecond, renames, changes of user.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "bpf/containers.h"

static void open_names(void)
{
	kernel_open(&(struct sched_options){ .execs = true, .cmdlines = true });
	names_open(RECORD_PROCESS, true);
}

static void close_names(void)
{
	names_close();
	teardown();
}

TestSuite(names, .init = open_names, .fini = close_names, .timeout = 240);

/* ---- cgroups ------------------------------------------------------------------------------- */

static void check_gone(const char *mount, uint32_t v1)
{
	struct group g;
	pid_t pid;

	group_make(&g, mount, "gone");
	pid = start_in(&g, spin_50ms, NULL);
	end_ns(pid);
	group_remove(&g);
	names_window();
	cr_assert_str_eq(names_cgroup(g.id, v1), g.path + strlen(mount));
}

Test(names, cgroup_that_lived_between_two_windows)
{
	const char *mount = cgroup2_mount();

	check_gone(mount, 0);
}

Test(names, v1_cgroup_that_lived_between_two_windows)
{
	const char *mount = cgroup1_cpu_mount();

	check_gone(mount, JT_CELL_V1_CGRP);
}

/* Bytes that hurt a terminal, JSON or CSV, up to the longest name there is. */
Test(names, hostile_cgroup)
{
	static const char name[] = "{\"k\":\"tick\"},\033[2J\xff\\n'\"";
	const char *mount = cgroup2_mount();
	struct group g, below;

	group_make(&g, mount, "hostile");
	for (int longest = 0; longest <= 1; longest++) {
		char path[512], wanted[512];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", g.path, name);
		while (longest && strlen(path) < strlen(g.path) + 1 + 255)
			strcat(path, "x");
		cr_assert_eq(mkdir(path, 0755), 0, "%s", strerror(errno));
		cr_assert_eq(stat(path, &st), 0);
		below.id = st.st_ino;
		rmdir(path);
		names_window();
		snprintf(wanted, sizeof(wanted), "%s", path + strlen(mount));
		cr_assert_str_eq(names_cgroup(below.id, 0), wanted);
	}
	group_remove(&g);
}

Test(names, renamed_cgroup)
{
	const char *mount = cgroup1_cpu_mount();
	struct group g;
	char path[192];

	group_make(&g, mount, "before");
	names_window();
	snprintf(path, sizeof(path), "%s-after", g.path);
	if (rename(g.path, path))
		cr_skip_test("this hierarchy has no rename: %s", strerror(errno));
	names_window();
	cr_assert_str_eq(names_cgroup(g.id, JT_CELL_V1_CGRP), path + strlen(mount));
	rmdir(path);
}

/* ---- many containers ----------------------------------------------------------------------- */

/*
 * Containers that live 50 ms, or 5 where there is no time for more, most of them between two
 * windows. Each is named, has what its cpu.stat says, and all together have the time of their rows.
 */
Test(names, containers_that_come_and_go, .init = setup, .timeout = 1200)
{
	bool all = getenv("LONG") != NULL;
	struct containers c = { .n = all ? 1000 : (size_t)scaled(60),
				.spin_ns = all ? 50 * MS : 5 * MS };
	const char *mount = cgroup2_mount();
	struct group top;

	names_open(RECORD_CONTAINER, false);
	group_make(&top, mount, "churn");
	containers_run(&c, &top, 7);
	group_remove(&top);
	cr_assert_eq(c.n_unnamed, 0);
	cr_assert_eq(c.n_others, 0);
	cr_assert_eq(c.rows_ns, c.groups_ns);
	for (size_t i = 0; i < c.n; i++)
		assert_close(c.one[i].used_ns, c.one[i].truth_ns, 5000, c.one[i].id);
	cr_assert_eq(c.n_lost, 0);
	/* At 1,000 a minute 1 % of a core is 600 us each, for names and all; of CPU time. */
	fprintf(stderr, "names: %zu containers, %" PRIu64 " us for all\n", c.n,
		c.resolve_ns / 1000);
	cr_assert_leq(c.resolve_ns, c.n * 600000 + guest_slack_ns() * c.n);
	containers_free(&c);
}

/* ---- processes ----------------------------------------------------------------------------- */

Test(names, process_of_a_moment_has_its_executable_and_arguments)
{
	static const char hostile[] = "a \"b\"\n\033[2J\xff {\"k\":1}";
	const struct usage *u;
	struct sample s = { .kind = RECORD_PROCESS };
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/true", "true", hostile, (char *)NULL);
		_exit(1);
	}
	end_ns(pid);
	u = names_window();
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == (uint32_t)pid) {
			s.tgid = u->rows[i].tgid;
			s.start_boottime_ns = u->rows[i].start_boottime_ns;
			memcpy(s.comm, u->rows[i].comm, sizeof(s.comm));
		}
	cr_assert_eq(s.tgid, (uint32_t)pid, "it has no row");
	names_sample(&s);
	cr_assert_str_eq(s.labels.exe, "/bin/true");
	cr_assert_not_null(s.labels.cmdline);
	cr_assert_str_eq(s.labels.cmdline, "true a \"b\"\n\033[2J\xff {\"k\":1}");
	cr_assert_not_null(s.labels.ancestors);
	cr_assert_eq(strncmp(s.labels.ancestors, "names(", 6), 0, "%s", s.labels.ancestors);
}

static void spin_and_rename(void *arg)
{
	(void)arg;
	prctl(PR_SET_NAME, "before");
	/* Of two renames between two switches only the latter is seen. */
	usleep(1000);
	spin_cpu_ns(20 * MS);
	prctl(PR_SET_NAME, "after");
	spin_cpu_ns(40 * MS);
}

/* Each name has its own time, to where the rename was. */
Test(names, rename_without_an_exec)
{
	pid_t pid = start(spin_and_rename, NULL);
	uint64_t truth_ns = end_ns(pid);
	const struct usage *u = window_conserved(1000);

	assert_within(used_ns(u, pid, 0, 0, "before"), 20 * MS - SWITCHES_NS, 20 * MS + 5 * MS,
		      "before");
	assert_within(used_ns(u, pid, 0, 0, "after"), 40 * MS - SWITCHES_NS, truth_ns - 20 * MS,
		      "after");
	assert_close(used_ns(u, pid, 0, 0, NULL), truth_ns, 1000, "both");
}

/* A child that stays until it is told to go. */
static int hold[2], told[2];

static void stay(void)
{
	char c;

	spin_cpu_ns(5 * MS);
	if (write(told[1], "", 1) != 1 || read(hold[0], &c, 1) != 1)
		_exit(1);
	spin_cpu_ns(5 * MS);
}

static void wait_told(void)
{
	char c;

	cr_assert_eq(read(told[0], &c, 1), 1);
}

static pid_t start_held(void (*f)(void *))
{
	pid_t pid;

	cr_assert_eq(pipe(hold) | pipe(told), 0);
	pid = start(f, NULL);
	wait_told();
	return pid;
}

/* Lets it run until a window has it by that comm (NULL: any) and user: names follow in a while. */
static void expect_becomes(pid_t pid, const char *comm, uint32_t uid)
{
	for (int tries = 0; tries < 1000; tries++) {
		const struct usage *u;

		cr_assert_eq(write(hold[1], "", 1), 1);
		wait_told();
		u = window();
		for (size_t i = 0; i < u->n_rows; i++)
			if (u->rows[i].tgid == (uint32_t)pid && u->rows[i].uid == uid &&
			    (!comm || !strcmp(u->rows[i].comm, comm)))
				return;
		usleep(5000);
	}
	cr_assert_fail("it is never seen as %s of user %u", comm ? comm : "itself", uid);
}

static void become_nobody(void *arg)
{
	(void)arg;
	stay();
	if (setuid(65534))
		_exit(1);
	for (;;)
		stay();
}

Test(names, setuid_without_an_exec)
{
	pid_t pid = start_held(become_nobody);

	expect_becomes(pid, NULL, 65534);
	kill(pid, SIGKILL);
	end_ns(pid);
}

static void *rename_leader(void *arg)
{
	int fd = open("/proc/self/comm", O_WRONLY | O_CLOEXEC);

	(void)arg;
	if (fd < 0 || write(fd, "given", 5) != 5)
		_exit(1);
	return NULL;
}

static void be_renamed(void *arg)
{
	pthread_t thread;

	(void)arg;
	stay();
	if (pthread_create(&thread, NULL, rename_leader, NULL) || pthread_join(thread, NULL))
		_exit(1);
	for (;;)
		stay();
}

Test(names, renamed_by_another_thread)
{
	pid_t pid = start_held(be_renamed);

	expect_becomes(pid, "given", getuid());
	kill(pid, SIGKILL);
	end_ns(pid);
}

/* What is lost for want of room in the ring is counted: 3 MiB of records, and 2 of room. */
Test(names, losses_are_counted)
{
	const char *mount = cgroup2_mount();
	struct group g;
	const struct usage *u;

	group_make(&g, mount, "lost");
	for (int i = 0; i < 8000; i++) {
		char path[200];

		snprintf(path, sizeof(path), "%s/%d", g.path, i);
		cr_assert_eq(mkdir(path, 0755) | rmdir(path), 0);
	}
	group_remove(&g);
	u = names_window();
	cr_assert_gt(u->losses.n_cgroup_names, 0);
	cr_assert_lt(u->losses.n_cgroup_names, 16000);
	u = names_window();
	cr_assert_eq(u->losses.n_cgroup_names, 0);
}
