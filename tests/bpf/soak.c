/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * soak.c - three minutes (LONG=1: an hour) of forks, execs, threads, switches and cgroup moves:
 * every window closes, nothing drifts, nothing grows, nothing leaks.
 */
#include "bpf/cells.h"
#include "bpf/group.h"

#define SOAK_S	    180
#define SOAK_LONG_S 3600

/* Against a hang; tests/run.sh has the same guard for the whole suite. */
TestSuite(soak, .init = setup_large, .fini = teardown, .timeout = 2 * SOAK_LONG_S);

static struct group g[2];

/* What is to stay as it is. */
struct footprint {
	uint64_t virtual_kb, resident_kb;
	unsigned int n_fds;
};

static struct footprint footprint_now(void)
{
	struct footprint f = { 0 };
	FILE *file = fopen("/proc/self/statm", "re");
	uint64_t page_kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;

	cr_assert_not_null(file);
	cr_assert_eq(fscanf(file, "%" SCNu64 " %" SCNu64, &f.virtual_kb, &f.resident_kb), 2);
	fclose(file);
	f.virtual_kb *= page_kb;
	f.resident_kb *= page_kb;
	for (int fd = 0; fd < 1024; fd++)
		f.n_fds += fcntl(fd, F_GETFD) >= 0;
	return f;
}

static void stress(void *arg)
{
	char limit[16];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	snprintf(limit, sizeof(limit), "%d", *(int *)arg * 2);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execlp("stress-ng", "stress-ng", "--fork", "1", "--exec", "1", "--pthread", "1", "--switch",
	       "1", "--cpu", "1", "--vfork", "1", "--timeout", limit, (char *)NULL);
	_exit(127);
}

/* All processes of one group to the other, and back again, for ever. */
static void move(void *arg)
{
	(void)arg;
	for (int i = 0;; i = !i) {
		char path[224], pid[16];
		FILE *f;

		snprintf(path, sizeof(path), "%.159s/cgroup.procs", g[i].path);
		f = fopen(path, "re");
		while (f && fgets(pid, sizeof(pid), f))
			group_write(&g[!i], "cgroup.procs", pid);
		if (f)
			fclose(f);
		usleep(50000);
	}
}

static bool program_exists(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/usr/bin/%s", name);
	return access(path, X_OK) == 0;
}

/* What the kernel takes out of the tasks' clock, and what it may: by /proc/stat, of all CPUs. */
struct taken {
	uint64_t steal_ns;
	uint64_t irq_ns; /* where it has the time of interrupts and not the ticks in them */
};

static struct taken taken_now(void)
{
	uint64_t irq = 0, softirq = 0, steal = 0;
	uint64_t tick_ns = JT_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	FILE *f = fopen("/proc/stat", "re");

	cr_assert_not_null(f);
	cr_assert_eq(fscanf(f, "cpu %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64, &irq,
			    &softirq, &steal),
		     3);
	fclose(f);
	return (struct taken){ .steal_ns = steal * tick_ns, .irq_ns = (irq + softirq) * tick_ns };
}

struct soak {
	uint64_t cells_ns, books_ns, group_ns, excluded_ns, n_moved;
	uint64_t late_before_ns, late_ns; /* of the first and of the last window */
	unsigned int n_windows;
	struct usage_losses lost;
};

static void soak_window(struct soak *s)
{
	const struct usage *u = window_conserved(1000);

	if (s->n_windows++ == 0)
		s->late_before_ns = u->late_before_ns;
	s->late_ns = u->late_ns;
	s->cells_ns += all_ns(u);
	s->books_ns += u->books.task_ns;
	s->excluded_ns += u->books.excluded_ns;
	s->group_ns += group_used_ns(u, &g[0]) + group_used_ns(u, &g[1]);
	s->lost.n_no_cell += u->losses.n_no_cell;
	s->lost.n_no_storage += u->losses.n_no_storage;
	s->lost.untracked_ns += u->losses.untracked_ns;
	s->lost.n_backwards += u->losses.n_backwards;
	s->lost.unsplit_ns += u->losses.unsplit_ns;
	s->lost.n_unflushed += u->losses.n_unflushed;
	for (size_t i = 0; i < u->n_rows; i++)
		s->n_moved += u->rows[i].cgroup_id == g[1].id;
}

/* Steal comes in bursts; over minutes it is what the kernel says it is. */
static void check_excluded(const struct soak *s, const struct taken *before)
{
	struct taken now = taken_now();
	uint64_t steal_ns = now.steal_ns - before->steal_ns;
	uint64_t irq_ns = now.irq_ns - before->irq_ns;
	/* Cut to clock ticks; a CPU's part comes with its next tick. */
	uint64_t off_ns = 2 * JT_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK) +
			  2 * tick_ns() * (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);

	fprintf(stderr,
		"excluded %" PRIu64 " ns, steal %" PRIu64 " ns, interrupts %" PRIu64 " ns\n",
		s->excluded_ns, steal_ns, irq_ns);
	assert_within(s->excluded_ns + off_ns, steal_ns, steal_ns + irq_ns + 2 * off_ns,
		      "excluded against steal");
}

static void soak_run(struct soak *s, int seconds, struct footprint *ret_half)
{
	for (int i = 0; i < seconds; i++) {
		sleep(1);
		soak_window(s);
		/* All that is allocated is touched by then: cells go round. */
		if (i == seconds / 2)
			*ret_half = footprint_now();
	}
}

/* Ends the load, and takes in what is still on its way out. */
static void soak_end(struct soak *s, pid_t load, pid_t mover)
{
	kill(mover, SIGKILL);
	end_ns(mover);
	kill(load, SIGTERM);
	end_ns(load);
	for (int i = 0; i < 2; i++)
		group_write(&g[i], "cgroup.kill", "1");
	for (int i = 0; i < 3; i++) {
		usleep(300000);
		soak_window(s);
	}
}

Test(soak, every_window_closes_and_nothing_leaks)
{
	int seconds = getenv("LONG") ? SOAK_LONG_S : SOAK_S;
	struct footprint half = { 0 }, end;
	struct soak s = { 0 };
	struct taken taken;
	uint64_t truth_ns = 0;
	pid_t load, mover;

	if (!program_exists("stress-ng"))
		cr_skip_test("stress-ng is not installed");
	group_make(&g[0], cgroup2_mount(), "soak-a");
	group_make(&g[1], cgroup2_mount(), "soak-b");
	load = start_in(&g[0], stress, &seconds);
	mover = start(move, NULL);
	window();
	taken = taken_now();
	soak_run(&s, seconds, &half);
	cr_assert_eq(waitpid(load, NULL, WNOHANG), 0, "stress-ng ended early");
	soak_end(&s, load, mover);
	check_excluded(&s, &taken);
	end = footprint_now();
	for (int i = 0; i < 2; i++) {
		truth_ns += group_cpu_stat_ns(&g[i]);
		group_remove(&g[i]);
	}
	fprintf(stderr,
		"%d s: cells %" PRIu64 " ns, books %+" PRId64 ", groups %" PRIu64 " ns, %+" PRId64
		"\n",
		seconds, s.cells_ns, (int64_t)(s.books_ns - s.cells_ns), truth_ns,
		(int64_t)(s.group_ns - truth_ns));
	fprintf(stderr,
		"no cell %" PRIu64 ", no storage %" PRIu64 ", untracked %" PRIu64
		" ns, backwards %" PRIu64 ", unsplit %" PRIu64 " ns, unflushed %" PRIu64
		"; resident %" PRIu64 " KiB %+" PRId64 "\n",
		(uint64_t)s.lost.n_no_cell, (uint64_t)s.lost.n_no_storage,
		(uint64_t)s.lost.untracked_ns, (uint64_t)s.lost.n_backwards,
		(uint64_t)s.lost.unsplit_ns, (uint64_t)s.lost.n_unflushed, end.resident_kb,
		(int64_t)(end.resident_kb - half.resident_kb));
	/* What was booked between books and cells at both ends, for all windows between. */
	assert_within(s.cells_ns + s.late_before_ns + SWITCHES_NS, s.books_ns,
		      s.books_ns + s.late_before_ns + s.late_ns + 2 * SWITCHES_NS,
		      "cells against books over all windows");
	assert_close(s.group_ns, truth_ns, 1000, "the groups against cpu.stat");
	cr_assert_gt(s.n_moved, 0);
	cr_assert_eq(s.lost.n_no_cell + s.lost.n_backwards, 0);
	cr_assert_eq(cells_leaked(), 0);
	cr_assert_eq(end.n_fds, half.n_fds);
	cr_assert_eq(end.virtual_kb, half.virtual_kb);
	/* Rows of a larger window than any before are touched for the first time. */
	cr_assert_leq(end.resident_kb, half.resident_kb + half.resident_kb / 20);
}
