/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cputime.c - see cputime.h. */
#include "raplsim/cputime.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "jouletrail/units.h"

#define STAT_TICK_NS (JT_NS_PER_S / 100) /* USER_HZ is 100 on every architecture we build for */

/* Idle, iowait and steal of each "cpuN" line; returns how many lines there were. */
static unsigned int read_idle(int fd, uint64_t *ret_ns, unsigned int size)
{
	static char text[65536];
	unsigned int n = 0;

	if (fs_pread_text(fd, text, sizeof(text), NULL))
		return 0;
	for (char *line = text; line; line = strchr(line, '\n')) {
		uint64_t idle, iowait, steal;

		line += *line == '\n';
		/* "cpu " is the sum of all. */
		if (strncmp(line, "cpu", 3) != 0 || !isdigit((unsigned char)line[3]) ||
		    sscanf(line, "cpu%*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %*u %*u %" SCNu64,
			   &idle, &iowait, &steal) != 3)
			continue;
		if (n < size)
			ret_ns[n] = (idle + iowait + steal) * STAT_TICK_NS;
		n++;
	}
	return n;
}

static int open_cgroup(const char *path, bool *ret_is_us)
{
	static const struct {
		const char *format;
		bool is_us;
	} places[] = {
		{ "/sys/fs/cgroup%s/cpu.stat", true },
		{ "/sys/fs/cgroup/unified%s/cpu.stat", true },
		{ "/sys/fs/cgroup/cpuacct%s/cpuacct.usage", false },
		{ "/sys/fs/cgroup/cpu,cpuacct%s/cpuacct.usage", false },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		char full[FS_PATH_LEN], below[CPUTIME_NAME_LEN];
		const char *mark = strstr(places[i].format, "%s");
		int fd;

		snprintf(below, sizeof(below), "%s", path);
		snprintf(full, sizeof(full), "%.*s%s%s", (int)(mark - places[i].format),
			 places[i].format, below, mark + 2);
		fd = open(full, O_RDONLY | O_CLOEXEC);
		*ret_is_us = places[i].is_us;
		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* CPU time of all that ever ran in the cgroup. */
static bool cgroup_ns(const struct cputime_consumer *c, uint64_t *ret_ns)
{
	char text[1024];
	const char *at = text;

	if (fs_pread_text(c->fd, text, sizeof(text), NULL))
		return false;
	if (c->is_microsecond) {
		at = strstr(text, "usage_usec ");
		if (!at)
			return false;
		at += strlen("usage_usec ");
	}
	*ret_ns = strtoull(at, NULL, 10) * (c->is_microsecond ? JT_NS_PER_US : 1);
	return true;
}

/* A cgroup made after the start begins at 0: all of its time is ours. */
static void read_cgroup(struct cputime_consumer *c, bool first)
{
	uint64_t ns;

	if (c->fd < 0)
		c->fd = open_cgroup(c->name + strlen("cgroup:"), &c->is_microsecond);
	if (c->fd < 0 || !cgroup_ns(c, &ns))
		return;
	if (first)
		c->first_ns = ns;
	if (ns - c->first_ns > c->cpu_ns)
		c->cpu_ns = ns - c->first_ns;
}

/* CPU time of a whole process, its ended threads too. */
static bool process_ns(int pid, uint64_t *ret_ns)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		return false;
	*ret_ns = (uint64_t)ts.tv_sec * JT_NS_PER_S + (uint64_t)ts.tv_nsec;
	return true;
}

static void see_process(struct cputime *c, int pid, size_t consumer, bool first)
{
	struct cputime_process *p = NULL;
	uint64_t ns;

	if (!process_ns(pid, &ns))
		return;
	for (size_t i = 0; i < c->n_processes; i++)
		/* Less time than it had: another process by the same number. */
		if (c->process[i].pid == pid && c->process[i].consumer == consumer &&
		    c->process[i].last_ns <= ns)
			p = &c->process[i];
	if (!p && c->n_processes == CPUTIME_MAX_PROCESSES) {
		c->n_unlisted++;
		return;
	}
	if (!p) {
		p = &c->process[c->n_processes++];
		*p = (struct cputime_process){ .pid = pid, .consumer = consumer };
		p->first_ns = p->last_ns = first ? ns : 0;
	}
	c->consumer[consumer].cpu_ns += ns - p->last_ns;
	p->last_ns = ns;
}

static void scan_processes(struct cputime *c, bool first)
{
	CLEANUP(closedir_ptr) DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		char path[300], comm[32];

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/comm", entry->d_name);
		if (fs_read_text_at(dirfd(proc), path, comm, sizeof(comm), NULL))
			continue;
		for (size_t i = 0; i < c->n_consumers; i++)
			if (!c->consumer[i].is_cgroup && !strcmp(c->consumer[i].name, comm))
				see_process(c, (int)strtol(entry->d_name, NULL, 10), i, first);
	}
}

bool cputime_wants_polls(const struct cputime *c)
{
	for (size_t i = 0; i < c->n_consumers; i++)
		if (!c->consumer[i].is_cgroup)
			return true;
	return false;
}

static void read_consumers(struct cputime *c, bool first)
{
	for (size_t i = 0; i < c->n_consumers; i++)
		if (c->consumer[i].is_cgroup)
			read_cgroup(&c->consumer[i], first);
	if (cputime_wants_polls(c))
		scan_processes(c, first);
}

int cputime_open(struct cputime *c, uint64_t now_mono_ns)
{
	c->began_ns = now_mono_ns;
	c->stat_fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	if (c->stat_fd < 0)
		return -errno;
	c->n_cpus = read_idle(c->stat_fd, NULL, 0);
	if (!c->n_cpus)
		return -EINVAL;
	c->idle_ns = calloc(2 * (size_t)c->n_cpus, sizeof(*c->idle_ns));
	if (!c->idle_ns)
		return -ENOMEM;
	read_idle(c->stat_fd, c->idle_ns, c->n_cpus);
	for (size_t i = 0; i < c->n_consumers; i++) {
		c->consumer[i].is_cgroup = !strncmp(c->consumer[i].name, "cgroup:/", 8);
		c->consumer[i].fd = -1;
	}
	read_consumers(c, true);
	return 0;
}

void cputime_close(struct cputime *c)
{
	if (c->stat_fd >= 0)
		close(c->stat_fd);
	for (size_t i = 0; i < c->n_consumers; i++)
		if (c->consumer[i].fd >= 0)
			close(c->consumer[i].fd);
	free(c->idle_ns);
}

void cputime_read(struct cputime *c, uint64_t now_mono_ns)
{
	uint64_t busy_ns[CPUTIME_MAX_PACKAGES] = { 0 };
	uint64_t *idle_ns = c->idle_ns + c->n_cpus;
	uint64_t wall_ns = now_mono_ns - c->began_ns;

	if (read_idle(c->stat_fd, idle_ns, c->n_cpus) == c->n_cpus)
		for (unsigned int i = 0; i < c->n_cpus; i++) {
			uint64_t idle = idle_ns[i] - c->idle_ns[i];
			unsigned int package = i * c->n_packages / c->n_cpus;

			busy_ns[package] += wall_ns > idle ? wall_ns - idle : 0;
		}
	for (unsigned int p = 0; p < c->n_packages; p++)
		if (busy_ns[p] > c->package_ns[p])
			c->package_ns[p] = busy_ns[p];
	read_consumers(c, false);
}
