/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-read.c - CPU time and memory of reading one window, by the number of tasks that live.
 *
 * 10,000 processes and 100,000 threads: asleep, awake once in each window (each is a row then), and
 * with the caches cold, as after a second of other work. In the same run /proc/PID/stat of the same
 * tasks, read the cheapest way: directories open, one read each, names and inodes cached.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "bench/crowd.h"
#include "bench/figure.h"

#define MAX_WINDOWS 101
#define N_PROC	    5
#define NAP_MS	    2
#define N_SECONDS   10
/* More than the caches of a CPU and its share of the last level. */
#define EVICT_BYTES (64u << 20)

#define MIB (1024.0 * 1024.0)

struct crowd_size {
	size_t n_processes, per_process, n_windows, n_awake;
	unsigned int max_tasks;
	double most_ms;
	double most_mib; /* 0 = for information */
};

static const struct crowd_size few = { 10000, 1, 101, 11, 0, 0.3, 16 };
static const struct crowd_size many = { 50, 2000, 41, 5, 131072, 3, 0 };

static long pid_max_was;

static void pid_max_restore(void)
{
	FILE *f = fopen(CROWD_PID_MAX, "w");

	if (f) {
		fprintf(f, "%ld\n", pid_max_was);
		fclose(f);
	}
}

static void figure_size(const char *what, size_t n_tasks, double value, const char *unit,
			double most)
{
	char name[64];

	snprintf(name, sizeof(name), "read.%zu%s", n_tasks, what);
	if (most > 0)
		figure_at_most(name, value, unit, most);
	else
		figure_info(name, value, unit);
}

/*
 * CPU time of one window, of this process with its flush threads; s NULL: of the nap alone, which
 * lets those threads come to rest, so that their clocks are up to date.
 */
static double window_ms(struct sched *s, const struct usage **ret)
{
	uint64_t before_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);

	if (s)
		sched_read(s, ret);
	load_sleep_ms(NAP_MS);
	return (double)(clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns) / 1e6;
}

static void evict_caches(volatile char *memory)
{
	for (size_t i = 0; i < EVICT_BYTES; i += 64)
		memory[i]++;
}

/* Median over n windows, less a nap; memory NULL: caches as they are, crowd NULL: all asleep. */
static double windows_ms(struct sched *s, size_t n, char *memory, struct crowd *crowd)
{
	const struct usage *u;
	double ms[MAX_WINDOWS], nap_ms[MAX_WINDOWS];

	for (size_t i = 0; i < n; i++) {
		load_sleep_ms(20);
		nap_ms[i] = window_ms(NULL, NULL);
		if (memory)
			evict_caches(memory);
		if (crowd)
			crowd_wake(crowd);
		ms[i] = window_ms(s, &u);
		if (crowd && u->n_rows < crowd->n_tasks)
			fprintf(stderr, "bench: %zu rows of %zu tasks\n", u->n_rows,
				crowd->n_tasks);
	}
	return figure_median(ms, n) - figure_median(nap_ms, n);
}

/*
 * Mean over windows of a second, as a daemon has them, less a nap: names that no tracepoint tells
 * of are brought up to date in some of them, which a median of short windows does not see.
 */
static double seconds_ms(struct sched *s)
{
	const struct usage *u;
	double ms = 0;

	for (int i = 0; i < N_SECONDS; i++) {
		load_sleep_ms(1000);
		ms -= window_ms(NULL, NULL);
		ms += window_ms(s, &u);
	}
	return ms / N_SECONDS;
}

/* Opens where the tasks of process i lie: their names there are "TID/stat". */
static int proc_open(const struct crowd *c, size_t i)
{
	char path[64] = "/proc";

	if (c->per_process > 1)
		snprintf(path, sizeof(path), "/proc/%d/task", c->pid[i]);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static double proc_ms(const struct crowd *c)
{
	uint64_t before_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	char path[32], text[1024];
	size_t n_read = 0;
	int dir = -1;

	for (size_t i = 0; i < c->n_tasks; i++) {
		int fd;

		if (dir < 0 || (c->per_process > 1 && i % c->per_process == 0)) {
			if (dir >= 0)
				close(dir);
			dir = proc_open(c, i / c->per_process);
		}
		snprintf(path, sizeof(path), "%d/stat", c->page->tid[i]);
		fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
		n_read += fd >= 0 && read(fd, text, sizeof(text)) > 0;
		if (fd >= 0)
			close(fd);
	}
	close(dir);
	load_check(n_read == c->n_tasks, "bench: /proc/PID/stat");
	return (double)(clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns) / 1e6;
}

static double proc_median_ms(const struct crowd *c)
{
	double ms[N_PROC];

	proc_ms(c);
	for (int i = 0; i < N_PROC; i++)
		ms[i] = proc_ms(c);
	return figure_median(ms, N_PROC);
}

/*
 * What this process keeps in memory: its own pages, and all of the BPF maps, whether mapped here
 * or not. The kernel's per-task storage is not in it.
 */
static double resident_bytes(void)
{
	CLEANUP(fclose_ptr) FILE *maps = fopen("/proc/self/smaps", "re");
	CLEANUP(closedir_ptr) DIR *dir = opendir("/proc/self/fdinfo");
	char line[512], text[1024];
	struct dirent *entry;
	bool bpf_map = false;
	double bytes = 0;

	load_check(maps && dir, "bench: own memory");
	while (fgets(line, sizeof(line), maps)) {
		/* A mapping begins with its addresses, in small letters; its fields do not. */
		if (strspn(line, "0123456789abcdef"))
			bpf_map = strstr(line, "bpf-map");
		if (!bpf_map && !strncmp(line, "Rss:", 4))
			bytes += strtod(line + 4, NULL) * 1024;
	}
	while ((entry = readdir(dir))) {
		const char *at;

		if (fs_read_text_at(dirfd(dir), entry->d_name, text, sizeof(text), NULL) ||
		    !strstr(text, "map_type:"))
			continue;
		at = strstr(text, "memlock:");
		bytes += at ? strtod(at + strlen("memlock:"), NULL) : 0;
	}
	return bytes;
}

/* One line of /proc/meminfo, bytes. */
static double meminfo_bytes(const char *name)
{
	char text[4096];
	const char *at;

	load_check(!fs_read_text(NULL, "proc/meminfo", text, sizeof(text), NULL) &&
			   (at = strstr(text, name)),
		   "bench: /proc/meminfo");
	return strtod(at + strlen(name), NULL) * 1024;
}

/* Returns the CPU time of a window, ms, with all asleep. */
static double measure(const struct crowd_size *size)
{
	double asleep_ms, awake_ms, second_ms, cold_ms, stat_ms, slab_bytes;
	struct crowd crowd;
	struct sched *s;
	char *memory;

	if (!crowd_start(&crowd, size->n_processes, size->per_process)) {
		fprintf(stderr, "bench: this machine does not let %zu tasks live\n", crowd.n_tasks);
		return NAN;
	}
	slab_bytes = meminfo_bytes("SUnreclaim:");
	s = bench_sched(size->max_tasks);
	slab_bytes = meminfo_bytes("SUnreclaim:") - slab_bytes;
	asleep_ms = windows_ms(s, size->n_windows, NULL, NULL);
	awake_ms = windows_ms(s, size->n_awake, NULL, &crowd);
	figure_size("", crowd.n_tasks, asleep_ms, "ms", size->most_ms);
	second_ms = seconds_ms(s);
	figure_size("_each_second", crowd.n_tasks, second_ms, "ms", 0);
	figure_size("_all_awake", crowd.n_tasks, awake_ms, "ms", size->most_ms);
	figure_size("_memory", crowd.n_tasks, resident_bytes() / MIB, "MiB", size->most_mib);
	figure_size("_task_storage", crowd.n_tasks, slab_bytes / MIB, "MiB", 0);

	memory = malloc(EVICT_BYTES);
	load_check(memory != NULL, "bench: memory");
	memset(memory, 1, EVICT_BYTES);
	cold_ms = windows_ms(s, size->n_awake, memory, NULL);
	free(memory);
	figure_size("_cold", crowd.n_tasks, cold_ms, "ms", size->most_ms);
	sched_free(s);

	stat_ms = proc_median_ms(&crowd);
	figure_size("_proc_stat", crowd.n_tasks, stat_ms, "ms", 0);
	char name[64];

	snprintf(name, sizeof(name), "read.%zu_proc_stat_ratio", crowd.n_tasks);
	figure_at_least(name, stat_ms / asleep_ms, "times", 50);
	crowd_stop(&crowd);
	return asleep_ms;
}

/* What every window costs, whoever lives. */
static void measure_none(void *arg)
{
	struct sched *s = bench_sched(0);

	(void)arg;
	figure_info("read.no_crowd", windows_ms(s, MAX_WINDOWS, NULL, NULL), "ms");
	sched_free(s);
}

int main(void)
{
	double few_ms, many_ms;

	/* Apart, as what it leaves to the allocator would be in the others' memory. */
	load_end_ns(load_fork(measure_none, NULL));
	pid_max_was = crowd_pid_max(400000);
	atexit(pid_max_restore);
	few_ms = measure(&few);
	many_ms = measure(&many);
	figure_at_most("read.linear", many_ms / few_ms, "times", 10);
	return 0;
}
