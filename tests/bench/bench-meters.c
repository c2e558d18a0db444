/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-meters.c - CPU time that a reading of all meters costs: 2 packages with 5 domains each,
 * opened once and read by pread, from files in memory that stand for sysfs.
 *
 * The kernel's own work to answer a real counter (a few µs for the call to the other CPU) is not
 * in it; ours is.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "figure.h"
#include "power/power.h"

#define N_ROUNDS   21
#define N_READINGS 2000
#define MOST_NS	   50000

static const char *const parts[] = { "core", "uncore", "dram", "psys" };

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fprintf(f, "%s\n", text) < 0 || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void make_zone(const char *class_dir, const char *id, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", class_dir, id);
	if (mkdir(path, 0755)) {
		perror(path);
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/%s/name", class_dir, id);
	put(path, name);
	snprintf(path, sizeof(path), "%s/%s/energy_uj", class_dir, id);
	put(path, "184212345678");
	snprintf(path, sizeof(path), "%s/%s/max_energy_range_uj", class_dir, id);
	put(path, "262143328850");
}

static void make_machine(const char *root)
{
	char class_dir[128], path[128], id[32], name[32];

	snprintf(class_dir, sizeof(class_dir), "%s/sys/class/powercap", root);
	for (const char *dir = "sys\0sys/class\0sys/class/powercap\0"; *dir;
	     dir += strlen(dir) + 1) {
		snprintf(path, sizeof(path), "%s/%s", root, dir);
		if (mkdir(path, 0755)) {
			perror(path);
			exit(1);
		}
	}
	for (int p = 0; p < 2; p++) {
		snprintf(id, sizeof(id), "intel-rapl:%d", p);
		snprintf(name, sizeof(name), "package-%d", p);
		make_zone(class_dir, id, name);
		for (int k = 0; k < 4; k++) {
			snprintf(id, sizeof(id), "intel-rapl:%d:%d", p, k);
			make_zone(class_dir, id, parts[k]);
		}
	}
}

/* ns of this thread's CPU time per reading. */
static double measure(struct power *p, struct usage *u, struct energy *e)
{
	uint64_t before = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);

	for (int i = 0; i < N_READINGS; i++)
		power_read(p, u, e);
	return (double)(clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - before) / N_READINGS;
}

int main(void)
{
	char root[] = "/dev/shm/jouletrail-bench-XXXXXX", cmd[64];
	struct power_options o = { .meter = "powercap", .root = root };
	struct energy *e = calloc(1, sizeof(*e));
	struct usage *u = calloc(1, sizeof(*u));
	struct why why = { "" };
	struct power *p = NULL;
	double ns[N_ROUNDS];
	int err;

	if (!e || !u || !mkdtemp(root)) {
		perror(root);
		return 1;
	}
	make_machine(root);
	err = power_new(&o, &p, &why);
	if (!err && power_domains(p)->n_domains != 10)
		err = -1;
	for (int i = 0; i < N_ROUNDS && !err; i++)
		ns[i] = measure(p, u, e);
	if (err)
		fprintf(stderr, "bench: %s\n", why.text);
	else
		figure_at_most("meters.reading_10_domains", figure_median(ns, N_ROUNDS), "ns",
			       MOST_NS);
	power_free(p);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", root);
	if (system(cmd) || err)
		return 1;
	free(e);
	free(u);
	return 0;
}
