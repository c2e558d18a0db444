/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* progstats.h - BPF run-time statistics of the programs that a process holds. */
#ifndef TESTS_BENCH_PROGSTATS_H
#define TESTS_BENCH_PROGSTATS_H

#include <bpf/bpf.h>
#include <dirent.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "bench/load.h"

#define PROGSTATS_MAX 32

struct progstats {
	uint64_t run_ns; /* each run holds a clock reading too, as that of an empty program does */
	uint64_t n_runs;
};

/* Every program of a process, each once. */
struct progstats_list {
	size_t n;
	struct {
		uint32_t id;
		char name[BPF_OBJ_NAME_LEN];
		struct progstats stats;
	} program[PROGSTATS_MAX];
};

static inline uint64_t progstats_field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static inline struct progstats progstats_of_fd(int fd, struct bpf_prog_info *ret_info)
{
	__u32 size = sizeof(*ret_info);

	memset(ret_info, 0, size);
	load_check(!bpf_obj_get_info_by_fd(fd, ret_info, &size), "bench: bpf_prog_info");
	return (struct progstats){ ret_info->run_time_ns, ret_info->run_cnt };
}

/* What /proc/PID/fdinfo says: no name in it, but any process may be asked. */
static inline void progstats_read(pid_t pid, struct progstats_list *ret)
{
	CLEANUP(closedir_ptr) DIR *dir = NULL;
	struct dirent *entry;
	char path[64], text[2048];

	ret->n = 0;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) && ret->n < PROGSTATS_MAX) {
		struct bpf_prog_info info = { 0 };
		uint32_t id;
		size_t i = 0;

		if (fs_read_text_at(dirfd(dir), entry->d_name, text, sizeof(text), NULL) ||
		    !strstr(text, "prog_type:"))
			continue;
		id = (uint32_t)progstats_field(text, "prog_id:");
		while (i < ret->n && ret->program[i].id != id)
			i++;
		if (i < ret->n)
			continue;
		ret->program[i].id = id;
		ret->program[i].stats = (struct progstats){ progstats_field(text, "run_time_ns:"),
							    progstats_field(text, "run_cnt:") };
		ret->program[i].name[0] = '\0';
		/* Its name, where the descriptor is our own. */
		if (pid == getpid()) {
			progstats_of_fd((int)strtol(entry->d_name, NULL, 10), &info);
			memcpy(ret->program[i].name, info.name, sizeof(info.name));
		}
		ret->n++;
	}
}

/* Sums over the programs that a process holds; not the one of id `except` (0 = all). */
static inline struct progstats progstats_sum(pid_t pid, uint32_t except)
{
	struct progstats sum = { 0 };
	struct progstats_list list;

	progstats_read(pid, &list);
	for (size_t i = 0; i < list.n; i++) {
		if (list.program[i].id == except)
			continue;
		sum.run_ns += list.program[i].stats.run_ns;
		sum.n_runs += list.program[i].stats.n_runs;
	}
	return sum;
}

#endif /* TESTS_BENCH_PROGSTATS_H */
