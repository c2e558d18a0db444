/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* topology.c - see topology.h. */
#include "sched/topology.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/shared.h"

#define CPU_DIR "sys/devices/system/cpu"

static void topology_count(unsigned int cpu, void *arg)
{
	unsigned int *n = arg;

	if (cpu + 1 > *n)
		*n = cpu + 1;
}

static void topology_mark_online(unsigned int cpu, void *arg)
{
	struct topology *t = arg;

	if (cpu >= t->n_possible)
		return;
	t->cpu[cpu].online = true;
	t->n_online++;
}

/* The dense number of the kernel's package id; -E2BIG when there are too many. */
static int topology_package(struct topology *t, long id)
{
	for (unsigned int i = 0; i < t->n_packages; i++)
		if (t->package_id[i] == id)
			return (int)i;
	if (t->n_packages == JT_MAX_PACKAGES)
		return -E2BIG;
	t->package_id[t->n_packages] = id;
	return (int)t->n_packages++;
}

static int topology_read_package(const char *root, struct topology *t, unsigned int cpu)
{
	char path[128], text[32];
	long id = 0;
	int package;

	snprintf(path, sizeof(path), CPU_DIR "/cpu%u/topology/physical_package_id", cpu);
	/* Some guests and containers have no topology folder, or say -1: one package then. */
	if (fs_read_text(root, path, text, sizeof(text), NULL) == 0)
		id = strtol(text, NULL, 10);
	package = topology_package(t, id < 0 ? 0 : id);
	if (package < 0)
		return package;
	t->cpu[cpu].package = (unsigned int)package;
	return 0;
}

struct topology_siblings {
	unsigned int cpu;   /* whose they are */
	unsigned int other; /* one of them */
	unsigned int n;	    /* with itself */
};

static void topology_sibling(unsigned int cpu, void *arg)
{
	struct topology_siblings *s = arg;

	s->n++;
	if (cpu != s->cpu)
		s->other = cpu;
}

static void topology_read_siblings(const char *root, struct topology *t, unsigned int cpu)
{
	struct topology_siblings s = { .cpu = cpu, .other = cpu };
	char path[128], text[TOPOLOGY_LIST_LEN];

	snprintf(path, sizeof(path), CPU_DIR "/cpu%u/topology/thread_siblings_list", cpu);
	if (fs_read_text(root, path, text, sizeof(text), NULL) == 0)
		fs_parse_cpulist(text, topology_sibling, &s);
	/* While its sibling is offline the kernel does not list it. */
	if (s.other != cpu && s.other < t->n_possible) {
		t->cpu[cpu].sibling = s.other;
		t->cpu[s.other].sibling = cpu;
	}
	if (s.n > t->threads_per_core)
		t->threads_per_core = s.n;
}

int topology_refresh(const char *root, struct topology *t)
{
	char online[TOPOLOGY_LIST_LEN];
	int err = fs_pread_text(t->online_fd, online, sizeof(online), NULL);

	if (err)
		return err;
	/* One small file per window while nothing changes. */
	if (strcmp(online, t->online_list) == 0)
		return 0;
	for (unsigned int i = 0; i < t->n_possible; i++)
		t->cpu[i].online = false;
	t->n_online = 0;
	err = fs_parse_cpulist(online, topology_mark_online, t);
	for (unsigned int i = 0; i < t->n_possible && !err; i++)
		if (t->cpu[i].online) {
			err = topology_read_package(root, t, i);
			topology_read_siblings(root, t, i);
		}
	/* Last, so that what failed is tried again. */
	if (!err)
		snprintf(t->online_list, sizeof(t->online_list), "%s", online);
	return err;
}

static int topology_open_online(const char *root, struct topology *t)
{
	char path[FS_PATH_LEN];
	int err = fs_path(root, CPU_DIR "/online", path, sizeof(path));

	if (err)
		return err;
	t->online_fd = open(path, O_RDONLY | O_CLOEXEC);
	return t->online_fd < 0 ? -errno : 0;
}

int topology_read(const char *root, struct topology *ret, struct why *why)
{
	struct topology t = { .online_fd = -1 };
	char text[TOPOLOGY_LIST_LEN];
	int err = fs_read_text(root, CPU_DIR "/possible", text, sizeof(text), NULL);

	if (!err)
		err = fs_parse_cpulist(text, topology_count, &t.n_possible);
	if (!err && t.n_possible == 0)
		err = -EINVAL;
	if (err)
		return why_set(why, err,
			       "cannot read " CPU_DIR "/possible below %s: %s; mount sysfs",
			       root ? root : "/", strerror(-err));
	t.cpu = calloc(t.n_possible, sizeof(*t.cpu));
	t.package_id = calloc(JT_MAX_PACKAGES, sizeof(*t.package_id));
	if (!t.cpu || !t.package_id) {
		topology_release(&t);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < t.n_possible; i++)
		t.cpu[i].sibling = i;
	t.threads_per_core = 1;
	err = topology_open_online(root, &t);
	if (!err)
		err = topology_refresh(root, &t);
	if (err) {
		topology_release(&t);
		return why_set(why, err, "cannot use the CPU topology: %s%s", strerror(-err),
			       err == -E2BIG ? "; this build knows at most 8 packages" : "");
	}
	*ret = t;
	return 0;
}

void topology_release(struct topology *t)
{
	free(t->cpu);
	free(t->package_id);
	cleanup_close(&t->online_fd);
	*t = (struct topology){ .online_fd = -1 };
}
