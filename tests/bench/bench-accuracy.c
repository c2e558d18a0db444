/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-accuracy.c - CPU time of processes and cgroups against the kernel's own clocks of them.
 *
 * Loads of known shape run side by side, each in a cgroup of its own, over windows of a second. A
 * process is compared by its CPU clock when it is a zombie, as only then that clock is final; a
 * cgroup by usage_usec of its cpu.stat when all of it has ended. Then a storm of processes, after
 * which there may be as many cells in use as tasks live.
 */
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "bench/figure.h"
#include "bench/standing.h"

#define N_SHORT		40
#define PINGPONG_ROUNDS 300000
#define SPIN_NS		1000000000ULL
#define STORM_TASKS	50000
#define STORM_BURN_US	100
/* A process that used less may be off by more than the clocks' own steps. */
#define LEAST_NS    10000000ULL
#define MAX_MEMBERS 64
#define MOST_PPM    1000
#define N_LOOKS	    41
#define WINDOW_MS   1000

/* Processes in a cgroup of their own, and what the windows have given them so far. */
struct team {
	const char *name;
	char path[FS_PATH_LEN];
	uint64_t cgroup_id, cgroup_ns;
	size_t n;
	pid_t pid[MAX_MEMBERS];
	uint64_t ns[MAX_MEMBERS];
};

enum { SHORT, PINGPONG, THREADS, SPIN, STORM, N_TEAMS };

static struct team team[N_TEAMS] = {
	[SHORT] = { .name = "short" },	   [PINGPONG] = { .name = "pingpong" },
	[THREADS] = { .name = "threads" }, [SPIN] = { .name = "spin" },
	[STORM] = { .name = "storm" },
};

/* Of all windows so far. */
struct progress {
	uint64_t n_live; /* cells in use at the last */
	uint64_t n_lost; /* tasks, execs and moves whose detail was lost */
};

static void team_remove_all(void)
{
	for (int i = 0; i < N_TEAMS; i++)
		if (team[i].path[0])
			rmdir(team[i].path);
}

static void team_make(struct team *g)
{
	const char *top = access("/sys/fs/cgroup/cgroup.procs", F_OK) ? "/sys/fs/cgroup/unified"
								      : "/sys/fs/cgroup";
	struct stat st;

	snprintf(g->path, sizeof(g->path), "%s/jouletrail-bench-%s-%d", top, g->name, getpid());
	load_check(!mkdir(g->path, 0755) && !stat(g->path, &st), "bench: a cgroup v2");
	/* Of cgroup v2 on 64 bits the inode number is the id. */
	g->cgroup_id = st.st_ino;
}

/* Moves it there while it runs, as container runtimes do. */
static void team_add(struct team *g, pid_t pid)
{
	char path[FS_PATH_LEN + 16];
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.procs", g->path);
	f = fopen(path, "we");
	load_check(f && fprintf(f, "%d", pid) > 0 && !fclose(f), "bench: moving to a cgroup");
	g->pid[g->n++] = pid;
}

static uint64_t team_usage_ns(const struct team *g)
{
	char text[4096];
	const char *at;

	load_check(!fs_read_text(g->path, "cpu.stat", text, sizeof(text), NULL) &&
			   (at = strstr(text, "usage_usec ")),
		   "bench: cpu.stat");
	return strtoull(at + strlen("usage_usec "), NULL, 10) * 1000;
}

static void burn(void *arg)
{
	load_spin_cpu_ns(CLOCK_PROCESS_CPUTIME_ID, *(const uint64_t *)arg);
}

static void *burn_thread(void *arg)
{
	load_spin_cpu_ns(CLOCK_THREAD_CPUTIME_ID, *(const uint64_t *)arg);
	return NULL;
}

static void burn_threads(void *arg)
{
	long n = 2 * sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread[MAX_MEMBERS];

	if (n > MAX_MEMBERS)
		n = MAX_MEMBERS;
	for (long i = 0; i < n; i++)
		load_check(!pthread_create(&thread[i], NULL, burn_thread, arg), "bench: threads");
	for (long i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

static void start_loads(void)
{
	static uint64_t short_ns[N_SHORT], spin_ns = SPIN_NS, thread_ns = SPIN_NS / 4;
	static struct standing pingpong;

	for (int i = 0; i < N_SHORT; i++) {
		short_ns[i] = LEAST_NS + (uint64_t)i * 1000000;
		team_add(&team[SHORT], load_fork(burn, &short_ns[i]));
	}
	standing_pingpong(&pingpong, PINGPONG_ROUNDS);
	team_add(&team[PINGPONG], pingpong.pid[0]);
	team_add(&team[PINGPONG], pingpong.pid[1]);
	team_add(&team[THREADS], load_fork(burn_threads, &thread_ns));
	for (long i = 0; i <= sysconf(_SC_NPROCESSORS_ONLN) && i < MAX_MEMBERS; i++)
		team_add(&team[SPIN], load_fork(burn, &spin_ns));
}

/* Enters the cgroup by itself, and all that it forks is there from the first moment on. */
static void storm(void *arg)
{
	const struct team *g = arg;
	const char *b = getenv("B");
	char path[FS_PATH_LEN], n[16], burn_us[16];

	snprintf(path, sizeof(path), "%s/tests/bench/forkstorm", b ? b : "build");
	snprintf(n, sizeof(n), "%d", STORM_TASKS);
	snprintf(burn_us, sizeof(burn_us), "%d", STORM_BURN_US);
	execl(path, path, g->path, n, burn_us, (char *)NULL);
	_exit(127);
}

static void read_window(struct sched *s, struct progress *p)
{
	const struct usage *u;

	sched_read(s, &u);
	p->n_live = u->n_live;
	p->n_lost += u->losses.n_no_cell + u->losses.n_no_storage;
	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *row = &u->rows[i];

		for (int j = 0; j < N_TEAMS; j++) {
			struct team *g = &team[j];

			if (row->cgroup_id == g->cgroup_id && !(row->flags & JT_CELL_V1_CGRP))
				g->cgroup_ns += row->total_ns;
			for (size_t k = 0; k < g->n; k++)
				if (row->tgid == (uint32_t)g->pid[k])
					g->ns[k] += row->total_ns;
		}
	}
}

/* Windows of a second until these have ended, but are not reaped, and one more. */
static void read_until_ended(struct sched *s, struct team *g, int n_teams, struct progress *p)
{
	int at = 0;
	size_t i = 0;

	while (at < n_teams) {
		siginfo_t info = { 0 };

		if (i == g[at].n) {
			i = 0;
			at++;
			continue;
		}
		load_check(!waitid(P_PID, (id_t)g[at].pid[i], &info, WEXITED | WNOWAIT | WNOHANG),
			   "bench: waitid");
		if (info.si_pid) {
			i++;
			continue;
		}
		load_sleep_ms(WINDOW_MS);
		read_window(s, p);
	}
	/* The last switch of one that has just ended. */
	load_sleep_ms(WINDOW_MS / 10);
	read_window(s, p);
}

static double apart_ppm(uint64_t got, uint64_t want)
{
	return fabs((double)got - (double)want) * 1e6 / (double)want;
}

/* Compares its processes, reaps them, and compares it as a whole. */
static void team_report(struct team *g)
{
	double worst_ppm = 0;
	char name[64];

	for (size_t i = 0; i < g->n; i++) {
		uint64_t want_ns = load_cpu_ns(g->pid[i]);

		if (want_ns >= LEAST_NS)
			worst_ppm = fmax(worst_ppm, apart_ppm(g->ns[i], want_ns));
		load_end_ns(g->pid[i]);
	}
	if (g != &team[STORM]) {
		snprintf(name, sizeof(name), "accuracy.%s_processes", g->name);
		figure_at_most(name, worst_ppm, "ppm", MOST_PPM);
	}
	snprintf(name, sizeof(name), "accuracy.%s_cgroup", g->name);
	figure_at_most(name, apart_ppm(g->cgroup_ns, team_usage_ns(g)), "ppm", MOST_PPM);
}

/* Whether a name in /proc or in a task folder is a number. */
static bool is_id(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

/* Tasks of one process that are not dead: a zombie has had its last switch. */
static size_t process_tasks(const char *pid)
{
	CLEANUP(closedir_ptr) DIR *dir = NULL;
	struct dirent *entry;
	char path[300], text[1024];
	size_t n = 0;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		const char *state;

		snprintf(path, sizeof(path), "%s/stat", entry->d_name);
		if (!is_id(entry->d_name) ||
		    fs_read_text_at(dirfd(dir), path, text, sizeof(text), NULL))
			continue;
		/* After the command, which may hold anything: ") S 1 …". */
		state = strrchr(text, ')');
		n += state && !strchr("ZX", state[2]);
	}
	return n;
}

/*
 * Cells in use beyond the tasks that live; the median of some looks, as tasks come and go between
 * the two readings. Some kernels keep a few tasks from BPF: only a change of it tells.
 */
static double cells_beyond_tasks(struct sched *s, struct progress *p)
{
	double beyond[N_LOOKS];

	for (int i = 0; i < N_LOOKS; i++) {
		CLEANUP(closedir_ptr) DIR *dir = opendir("/proc");
		struct dirent *entry;

		load_sleep_ms(20);
		/* The cell of a task that has ended is held for another window. */
		for (int j = 0; j < 3; j++)
			read_window(s, p);
		beyond[i] = (double)p->n_live;
		while (dir && (entry = readdir(dir)))
			if (is_id(entry->d_name))
				beyond[i] -= (double)process_tasks(entry->d_name);
	}
	return figure_median(beyond, N_LOOKS);
}

static void report_storm(struct sched *s, struct progress *p)
{
	struct team *g = &team[STORM];
	double before = cells_beyond_tasks(s, p);

	p->n_lost = 0;
	g->pid[g->n++] = load_fork(storm, g);
	read_until_ended(s, g, 1, p);
	team_report(g);
	/* Had it ended early, there would be little to compare. */
	figure_at_least("accuracy.storm_cpu", (double)g->cgroup_ns / 1e9, "s",
			(double)STORM_TASKS * STORM_BURN_US / 1e6);
	figure_info("accuracy.storm_lost_detail", (double)p->n_lost, "tasks");
	figure_at_most("accuracy.storm_leaked", cells_beyond_tasks(s, p) - before, "cells", 0);
}

int main(void)
{
	struct progress p = { 0 };
	struct sched *s;

	atexit(team_remove_all);
	for (int i = 0; i < N_TEAMS; i++)
		team_make(&team[i]);
	s = bench_sched(0);
	start_loads();
	read_until_ended(s, team, STORM, &p);
	for (int i = 0; i < STORM; i++)
		team_report(&team[i]);
	report_storm(s, &p);
	sched_free(s);
	return 0;
}
