/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.c - see weight.h. */
#include "sched/weight.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

#define KHZ_PER_MHZ 1000

/* The event that is counted when none is named. */
static const struct perf_event_attr cpu_cycles = {
	.type = PERF_TYPE_HARDWARE,
	.size = sizeof(struct perf_event_attr),
	.config = PERF_COUNT_HW_CPU_CYCLES,
	.pinned = 1,
};

struct weight {
	struct weight_options o;
	char *root;
	uint64_t n_unread_seen;
	struct weight_cpu {
		bool online;
		int event_fd;
	} cpu[];
};

static int event_open(const struct weight_options *o, unsigned int cpu)
{
	struct perf_event_attr attr = o->event ? *o->event : cpu_cycles;
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, (int)cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Frequency that the CPU runs at now, MHz; 0 = not told. */
static uint32_t read_mhz(const char *root, unsigned int cpu)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", cpu);
	if (fs_read_text(root, path, text, sizeof(text), NULL))
		return 0;
	return (uint32_t)(strtoul(text, NULL, 10) / KHZ_PER_MHZ);
}

static unsigned int first_online(const struct topology *t)
{
	unsigned int cpu = 0;

	while (cpu + 1 < t->n_possible && !t->cpu[cpu].online)
		cpu++;
	return cpu;
}

static int check_pmu(const struct weight_options *o, const struct topology *t, struct why *why)
{
	int fd = event_open(o, first_online(t));

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	return why_set(why, fd,
		       "no counter of CPU cycles: %s (usual in a virtual machine); use --weight "
		       "time, or give the guest a PMU",
		       strerror(-fd));
}

int weight_check(const struct weight_options *o, const struct topology *t, struct why *why)
{
	switch (o->weight) {
	case JT_WEIGHT_SMT:
		if (t->threads_per_core == 2)
			return 0;
		return why_set(why, -ENOTSUP,
			       "--weight smt is for cores with two threads, and this machine's "
			       "have %u: use --weight time",
			       t->threads_per_core);
	case JT_WEIGHT_FREQ:
		if (read_mhz(o->root, first_online(t)))
			return 0;
		return why_set(why, -ENOTSUP,
			       "--weight freq needs cpufreq, and there is no "
			       "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq (usual in "
			       "a virtual machine): use --weight time",
			       first_online(t));
	case JT_WEIGHT_CYCLES:
		return check_pmu(o, t, why);
	case JT_WEIGHT_TIME:
		break;
	}
	return 0;
}

int weight_new(const struct weight_options *o, struct weight **ret)
{
	struct weight *w = calloc(1, sizeof(*w) + o->n_cpus * sizeof(w->cpu[0]));

	if (!w)
		return -ENOMEM;
	w->o = *o;
	for (unsigned int i = 0; i < o->n_cpus; i++)
		w->cpu[i].event_fd = -1;
	if (o->root && !(w->root = strdup(o->root))) {
		free(w);
		return -ENOMEM;
	}
	w->o.root = w->root;
	*ret = w;
	return 0;
}

void weight_free(struct weight *w)
{
	if (!w)
		return;
	for (unsigned int i = 0; i < w->o.n_cpus; i++)
		if (w->cpu[i].event_fd >= 0)
			close(w->cpu[i].event_fd);
	free(w->root);
	free(w);
}

/* A CPU that came: its counter is a new one. */
static int weight_follow_event(struct weight *w, unsigned int cpu)
{
	int fd = event_open(&w->o, cpu);

	if (fd < 0)
		return fd;
	w->cpu[cpu].event_fd = fd;
	/* It counts from 0; the CPU leaves base alone until it can read a counter. */
	w->o.cpu[cpu].base = 0;
	return bpf_map_update_elem(w->o.pmu_fd, &cpu, &fd, BPF_ANY) ? -errno : 0;
}

static int weight_come(struct weight *w, unsigned int cpu)
{
	struct jt_weight_cpu *to = &w->o.cpu[cpu];

	switch (w->o.weight) {
	case JT_WEIGHT_FREQ:
		to->seen_mhz = to->mhz = read_mhz(w->root, cpu);
		to->seen_since_ns = to->since_ns = clock_mono_ns();
		return 0;
	case JT_WEIGHT_CYCLES:
		return weight_follow_event(w, cpu);
	case JT_WEIGHT_SMT:
	case JT_WEIGHT_TIME:
		break;
	}
	return 0;
}

static void weight_go(struct weight *w, unsigned int cpu)
{
	if (w->cpu[cpu].event_fd < 0)
		return;
	bpf_map_delete_elem(w->o.pmu_fd, &cpu);
	close(w->cpu[cpu].event_fd);
	w->cpu[cpu].event_fd = -1;
}

int weight_follow(struct weight *w, const struct topology *t)
{
	int err = 0;

	if (w->o.weight == JT_WEIGHT_TIME)
		return 0;
	for (unsigned int i = 0; i < w->o.n_cpus; i++) {
		/* Of one that was there before too: the sibling may be what has come. */
		if (w->o.weight == JT_WEIGHT_SMT && t->cpu[i].online)
			w->o.cpu[i].sibling = t->cpu[i].sibling;
		if (t->cpu[i].online == w->cpu[i].online)
			continue;
		w->cpu[i].online = t->cpu[i].online;
		if (!t->cpu[i].online) {
			weight_go(w, i);
		} else {
			int failed = weight_come(w, i);

			err = err ? err : failed;
		}
	}
	return err;
}

uint64_t weight_n_unread(struct weight *w)
{
	uint64_t n = 0, before = w->n_unread_seen;

	if (w->o.weight != JT_WEIGHT_CYCLES)
		return 0;
	for (unsigned int i = 0; i < w->o.n_cpus; i++)
		n += __atomic_load_n(&w->o.cpu[i].n_unread, __ATOMIC_RELAXED);
	w->n_unread_seen = n;
	return n - before;
}
