/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pairs.h - a /sys in which this machine's CPUs are threads of shared cores and tell a frequency.
 *
 * So that the cost of a weighting can be measured where the machine has nothing to weigh by: the
 * programs do the same work, on the books of CPUs that are in truth no siblings.
 */
#ifndef TESTS_BENCH_PAIRS_H
#define TESTS_BENCH_PAIRS_H

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "bench/load.h"

#define PAIRS_ROOT_LEN 64

static inline void pairs_write(const char *root, const char *path, const char *text)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *slash = full + strlen(root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	f = fopen(full, "we");
	load_check(f && fputs(text, f) >= 0 && !fclose(f), "bench: a scratch /sys");
}

static inline int pairs_remove_one(const char *path, const struct stat *st, int type,
				   struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void pairs_remove(const char *root)
{
	nftw(root, pairs_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* False where a core cannot have two: a single CPU, or an odd one. */
static inline bool pairs_make(char root[PAIRS_ROOT_LEN])
{
	static const char *const list[] = { "possible", "online" };
	long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char path[128], text[4096];

	if (n_cpus % 2)
		return false;
	snprintf(root, PAIRS_ROOT_LEN, "/tmp/jouletrail-bench-XXXXXX");
	load_check(mkdtemp(root) != NULL, "bench: mkdtemp");
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		snprintf(path, sizeof(path), "sys/devices/system/cpu/%s", list[i]);
		load_check(!fs_read_text(NULL, path, text, sizeof(text), NULL),
			   "bench: the list of CPUs");
		pairs_write(root, path, text);
	}
	for (long i = 0; i < n_cpus; i++) {
		snprintf(path, sizeof(path),
			 "sys/devices/system/cpu/cpu%ld/topology/thread_siblings_list", i);
		snprintf(text, sizeof(text), "%ld-%ld\n", i / 2 * 2, i / 2 * 2 + 1);
		pairs_write(root, path, text);
		snprintf(path, sizeof(path),
			 "sys/devices/system/cpu/cpu%ld/cpufreq/scaling_cur_freq", i);
		pairs_write(root, path, "3000000\n");
	}
	return true;
}

#endif /* TESTS_BENCH_PAIRS_H */
