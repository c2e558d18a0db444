/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-names.c - does every container of a moment have its name and its time, and what does that
 * cost? 1,000 cgroups a minute with runtimes' names, each with a process of 50 ms born in it, made
 * and removed by another process; then 100,000 that only come and go, a tenth of them with a
 * process.
 *
 * What resolving costs is CPU time: of this process for names and groups, of the kernel side by BPF
 * run-time statistics of the programs that are there for names.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fs.h"
#include "bench/figure.h"
#include "bench/progstats.h"
#include "carbon/tally.h"
#include "identity/identity.h"

#define N_TIMED	 1000
#define N_PASSED 100000
/* One in so many of those has a process. */
#define PASSED_EACH 10
#define SPIN_NS	    50000000ULL
#define PITCH_MS    60 /* 1,000 a minute */
#define MIB	    (1024.0 * 1024.0)

/* One container, as the process that makes it knows it. */
struct life {
	uint64_t truth_ns; /* cpu.stat, when all of it had ended */
	uint64_t used_ns;  /* what the ticks say under its id */
};

/* Shared with the process that makes them. */
struct lives {
	char top[64];
	size_t n;
	uint64_t spin_ns; /* of each process; 0: it ends at once … */
	size_t each;	  /* … and there is one in one of so many */
	struct life one[];
};

/* What the measuring side adds up. */
struct watch {
	struct sched *sched;
	struct identity *identity;
	struct lives *lives;
	struct tick tick;
	struct tally containers, processes;
	uint64_t resolve_ns;
	uint64_t n_lost;
	uint64_t n_forgotten;
	uint64_t n_unlike; /* containers whose processes have another sum */
	double most_bytes;
};

/* ---- the other process ------------------------------------------------------------------- */

static void life_path(const struct lives *l, size_t i, char *ret, size_t size)
{
	static const char *const runtime[] = { "docker", "libpod", "crio", "cri-containerd" };

	snprintf(ret, size, "%s/%s-%08zx%056llx.scope", l->top, runtime[i % 4], i,
		 (unsigned long long)i * 0x9e3779b97f4a7c15ULL);
}

static pid_t life_begin(const char *path)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid;

	args.cgroup = (uint64_t)fd;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	load_check(fd >= 0 && pid >= 0, "bench: a process born in a cgroup");
	close(fd);
	return pid;
}

static void life_spend(struct lives *l, size_t i, const char *path)
{
	char text[4096];
	const char *at;
	pid_t pid = life_begin(path);

	if (pid == 0) {
		load_spin_cpu_ns(CLOCK_PROCESS_CPUTIME_ID, l->spin_ns);
		_exit(0);
	}
	load_end_ns(pid);
	load_check(!fs_read_text(path, "cpu.stat", text, sizeof(text), NULL) &&
			   (at = strstr(text, "usage_usec ")),
		   "bench: cpu.stat");
	l->one[i].truth_ns = strtoull(at + strlen("usage_usec "), NULL, 10) * 1000;
}

static void live(struct lives *l, size_t i)
{
	char path[FS_PATH_LEN];

	life_path(l, i, path, sizeof(path));
	load_check(!mkdir(path, 0755), "bench: a cgroup v2");
	if (i % l->each == 0)
		life_spend(l, i, path);
	/* A dead task leaves its cgroup a little after it was reaped. */
	while (rmdir(path))
		load_check(errno == EBUSY, "bench: removing a cgroup");
}

static void live_all(void *arg)
{
	struct lives *l = arg;
	uint64_t begin_ns = clock_mono_ns();

	for (size_t i = 0; i < l->n; i++) {
		uint64_t due_ns = begin_ns + i * PITCH_MS * 1000000ULL, now_ns = clock_mono_ns();

		if (l->spin_ns && now_ns < due_ns)
			load_sleep_ms((long)((due_ns - now_ns) / 1000000));
		live(l, i);
	}
}

/* ---- the measuring side ------------------------------------------------------------------ */

/* Samples of this window's rows: by container, and by process with the container's number. */
static void watch_rows(struct watch *w, const struct usage *u)
{
	load_check(!tally_reserve(&w->containers, u->n_rows) &&
			   !tally_reserve(&w->processes, u->n_rows),
		   "bench: memory");
	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *row = &u->rows[i];
		struct tally_key whose = tally_key_of_row(RECORD_CONTAINER, row);
		struct tally_key process = tally_key_of_row(RECORD_PROCESS, row);
		struct sample *s;

		if (!row->total_ns)
			continue;
		tally_get(&w->containers, RECORD_CONTAINER, &whose)->cpu_ns += row->total_ns;
		s = tally_get(&w->processes, RECORD_PROCESS, &process);
		s->cpu_ns += row->total_ns;
		s->group = row->group;
	}
}

static uint64_t watch_processes_ns(const struct watch *w, uint64_t group)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < w->processes.n; i++)
		if (w->processes.sample[i].group == group)
			sum += w->processes.sample[i].cpu_ns;
	return sum;
}

/* The tick's samples are named; those of our containers say in their id which they are. */
static void watch_tick(struct watch *w)
{
	double bytes;

	for (size_t i = 0; i < w->tick.n_samples; i++) {
		const struct sample *s = &w->tick.sample[i];
		char path[FS_PATH_LEN];
		size_t n;

		if (!s->id || sscanf(s->id, "%8zx", &n) != 1 || n >= w->lives->n || !s->cgroup)
			continue;
		life_path(w->lives, n, path, sizeof(path));
		if (strcmp(strrchr(path, '/'), strrchr(s->cgroup, '/')) != 0)
			continue;
		w->lives->one[n].used_ns += s->cpu_ns;
		w->n_unlike += watch_processes_ns(w, s->group) != s->cpu_ns;
	}
	tally_reset(&w->containers);
	tally_reset(&w->processes);
	w->n_forgotten += identity_take_forgotten(w->identity);
	bytes = (double)mallinfo2().uordblks;
	if (bytes > w->most_bytes)
		w->most_bytes = bytes;
}

static void watch_window(struct watch *w, bool ends_tick)
{
	const struct usage *u;
	uint64_t begin_ns;

	load_check(!sched_read(w->sched, &u), "bench: a window");
	w->n_lost += u->losses.n_cgroup_names;
	begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	sched_names(w->sched, identity_hear, w->identity);
	load_check(!identity_group(w->identity, u), "bench: memory");
	w->resolve_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	watch_rows(w, u);
	if (!ends_tick)
		return;
	w->tick.n_samples = w->containers.n;
	w->tick.sample = w->containers.sample;
	begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	load_check(!identity_run(w->identity, &w->tick), "bench: memory");
	w->resolve_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	watch_tick(w);
}

/* All lives from the first to the last, in windows of that length, ten to a tick. */
static void watch_lives(struct watch *w, long window_ms)
{
	int status;
	pid_t pid;

	memset(w->lives->one, 0, w->lives->n * sizeof(w->lives->one[0]));
	w->n_lost = w->n_unlike = w->n_forgotten = w->resolve_ns = 0;
	w->most_bytes = 0;
	pid = load_fork(live_all, w->lives);
	for (int i = 1; waitpid(pid, &status, WNOHANG) == 0; i++) {
		load_sleep_ms(window_ms);
		watch_window(w, i % 10 == 0);
	}
	load_check(!status, "bench: making containers");
	/* What has ended last, and its name. */
	watch_window(w, true);
}

static void figure_named(const struct watch *w, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < w->lives->n; i += w->lives->each)
		n += w->lives->one[i].used_ns == 0;
	figure_at_most(name, (double)n, "containers", 0);
}

static double worst_ppm(const struct lives *l)
{
	double worst = 0;

	for (size_t i = 0; i < l->n; i++) {
		double truth = (double)l->one[i].truth_ns;
		double off = fabs((double)l->one[i].used_ns - truth) / truth * 1e6;

		if (!(off <= worst))
			worst = off;
	}
	return worst;
}

/* Run time so far of the programs that tell names, and of the iterator that refreshes them. */
static uint64_t programs_ns(void)
{
	static const char *const names[] = { "on_cgroup_", "on_exec_name", "on_rename",
					     "refresh_tasks" };
	struct progstats_list list;
	uint64_t ns = 0;

	progstats_read(getpid(), &list);
	for (size_t i = 0; i < list.n; i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (!strncmp(list.program[i].name, names[k], strlen(names[k])))
				ns += list.program[i].stats.run_ns;
	return ns;
}

static void bench_timed(struct watch *w)
{
	uint64_t begin_ns = clock_mono_ns(), before_ns = programs_ns(), kernel_ns, wall_ns;

	w->lives->n = N_TIMED;
	w->lives->spin_ns = SPIN_NS;
	w->lives->each = 1;
	watch_lives(w, 1000);
	wall_ns = clock_mono_ns() - begin_ns;
	kernel_ns = programs_ns() - before_ns;
	figure_named(w, "names.unnamed_of_1000");
	figure_at_most("names.containers_unlike_processes", (double)w->n_unlike, "containers", 0);
	figure_at_most("names.worst_vs_cpu_stat", worst_ppm(w->lives), "ppm", 5000);
	figure_at_most("names.lost", (double)w->n_lost, "records", 0);
	figure_info("names.per_minute", N_TIMED * 60e9 / (double)wall_ns, "1/min");
	figure_info("names.resolving_user", 100 * (double)w->resolve_ns / (double)wall_ns, "%");
	figure_info("names.resolving_kernel", 100 * (double)kernel_ns / (double)wall_ns, "%");
	figure_at_most("names.resolving",
		       100 * (double)(w->resolve_ns + kernel_ns) / (double)wall_ns, "%", 1);
}

/* Windows so short that what comes between two of them finds room in the ring. */
static void bench_passed(struct watch *w)
{
	double before_bytes = (double)mallinfo2().uordblks;

	w->lives->n = N_PASSED;
	w->lives->spin_ns = 0;
	w->lives->each = PASSED_EACH;
	watch_lives(w, 20);
	figure_named(w, "names.unnamed_of_10000");
	figure_at_most("names.lost_of_100000", (double)w->n_lost, "records", 0);
	figure_at_most("names.forgotten_of_100000", (double)w->n_forgotten, "names", 0);
	figure_info("names.resolving_each", (double)w->resolve_ns / N_PASSED, "ns");
	figure_at_most("names.memory_of_100000", (w->most_bytes - before_bytes) / MIB, "MiB", 16);
	/* Nobody is there any more. */
	for (int i = 0; i < 4; i++)
		watch_window(w, true);
	figure_at_most("names.memory_after_100000",
		       ((double)mallinfo2().uordblks - before_bytes) / MIB, "MiB", 16);
}

int main(void)
{
	size_t size = sizeof(struct lives) + N_PASSED * sizeof(struct life);
	struct identity_options o = { .by = RECORD_CONTAINER };
	static struct watch w;
	int stats;

	w.lives = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	load_check(w.lives != MAP_FAILED, "bench: memory");
	snprintf(w.lives->top, sizeof(w.lives->top), "%s/jouletrail-bench-%d",
		 access("/sys/fs/cgroup/cgroup.procs", F_OK) ? "/sys/fs/cgroup/unified"
							     : "/sys/fs/cgroup",
		 getpid());
	load_check(!mkdir(w.lives->top, 0755), "bench: a cgroup v2");
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	load_check(stats >= 0, "bench: BPF statistics");
	load_check(!identity_new(&o, &w.identity), "bench: names");
	w.sched = bench_sched(131072);
	identity_seed(w.identity);
	bench_timed(&w);
	bench_passed(&w);
	sched_free(w.sched);
	identity_free(w.identity);
	tally_free(&w.containers);
	tally_free(&w.processes);
	rmdir(w.lives->top);
	close(stats);
	return 0;
}
