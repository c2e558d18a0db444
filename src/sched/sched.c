/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sched.c - turns the maps of the BPF programs into one window's usage. */
#include "sched/sched.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/urgent.h"
#include "jouletrail/units.h"
#include "sched/books.h"
#include "sched/cells.h"
#include "sched/flush.h"
#include "sched/names.h"
#include "sched/programs.h"
#include "sched/topology.h"
#include "sched/weight.h"

/* A CPU that has not switched by then is stolen or stopped: its slice is carried. */
#define FLUSH_TIMEOUT_NS (250 * JT_NS_PER_MS)

/* Bringing names up to date may take 1/10,000 of the time: with many tasks it comes less often. */
#define REFRESH_SHARE 10000

/* A flush ties the clocks, unless all CPUs switch again as it looks. */
#define FIRST_FLUSHES 8

struct sched {
	char *root;
	struct programs programs;
	struct topology topology;
	struct cells *cells;
	struct books *books;
	struct flush *flush;
	struct weight *weight;
	struct jt_counters counters_seen;
	uint64_t n_missed_seen;
	struct jt_name_losses name_losses_seen;
	uint64_t refresh_due_mono_ns;
	uint32_t self_tgid;
	uint64_t n_windows;
	struct usage usage;
};

DEFINE_CLEANUP(struct sched *, sched_free)

/* Which CPUs there are now, and where they sit. */
static void sched_follow_cpus(struct sched *s)
{
	topology_refresh(s->root, &s->topology);
	for (unsigned int i = 0; i < s->topology.n_possible; i++)
		s->programs.books[i].package = s->topology.cpu[i].package;
	weight_follow(s->weight, &s->topology);
}

/* Makes CPUs switch, all or the busy ones, and ties the clocks; returns how many were late. */
static unsigned int sched_flush(struct sched *s, bool wake_idle)
{
	unsigned int n_late = 0;
	uint64_t clock_ns, mono_ns;

	for (unsigned int i = 0; i < s->topology.n_possible; i++)
		if (s->topology.cpu[i].online && (wake_idle || books_cpu_is_busy(s->books, i)) &&
		    flush_request(s->flush, i))
			n_late++;
	n_late += flush_run(s->flush, FLUSH_TIMEOUT_NS);
	for (unsigned int i = 0; i < s->topology.n_possible; i++)
		if (flush_clocks(s->flush, i, &clock_ns, &mono_ns))
			books_sample_clocks(s->books, clock_ns, mono_ns);
	return n_late;
}

/*
 * Flushes, closes the books at one moment and reads the cells right after: urgently, else on a
 * crowded machine others run in between, and the cells have what the books do not.
 */
static void sched_close_window(struct sched *s, bool wake_idle)
{
	bool urgent = urgent_begin();
	struct usage *u = &s->usage;

	sched_follow_cpus(s);
	u->losses = (struct usage_losses){ .n_unflushed = sched_flush(s, wake_idle) };
	u->window.end_mono_ns = clock_mono_ns();
	u->window.end_real_us = clock_real_us();
	books_close(s->books, &s->topology, u->window.end_mono_ns, u);
	cells_scan(s->cells, u);
	u->late_before_ns = u->late_ns;
	u->late_ns = books_late_ns(s->books);
	urgent_end(urgent);
	u->n_cpus = s->topology.n_online;
	u->n_packages = s->topology.n_packages;
	memcpy(u->package_id, s->topology.package_id, sizeof(u->package_id));
	u->threads_per_core = s->topology.threads_per_core;
	u->losses.n_unread = weight_n_unread(s->weight);
}

static void sched_count(struct sched *s)
{
	struct usage *u = &s->usage;
	struct jt_counters now = *s->programs.counters;
	uint64_t n_missed = programs_n_missed(&s->programs);
	struct jt_name_losses names = programs_name_losses(&s->programs);

	u->losses.n_no_cell = now.n_no_cell - s->counters_seen.n_no_cell;
	u->losses.n_no_storage = now.n_no_storage - s->counters_seen.n_no_storage;
	u->losses.n_global = now.n_global - s->counters_seen.n_global;
	u->books.n_missed += n_missed - s->n_missed_seen;
	s->n_missed_seen = n_missed;
	s->counters_seen = now;
	u->losses.n_cgroup_names = names.n_cgroups - s->name_losses_seen.n_cgroups;
	u->losses.n_exec_names = names.n_execs - s->name_losses_seen.n_execs;
	s->name_losses_seen = names;
	u->self_cpu_ns = 0;
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == s->self_tgid) {
			u->self_cpu_ns += u->rows[i].total_ns;
			u->rows[i].flags |= USAGE_ROW_SELF;
		}
}

static int sched_start(struct sched *s, const struct sched_options *o, struct why *why)
{
	struct weight_options wo = {
		.weight = o->weight,
		.cpu = s->programs.weight_cpus,
		.n_cpus = s->topology.n_possible,
		.pmu_fd = s->programs.pmu_fd,
		.event = o->cycles,
		.root = o->root,
	};
	int err = weight_check(&wo, &s->topology, why);

	if (err)
		return err;
	err = cells_new(&s->programs.maps, JT_MAX_PACKAGES, &s->cells);
	if (!err)
		err = books_new(s->programs.books, s->topology.n_possible, &s->books);
	if (!err)
		err = flush_new(s->programs.books, s->topology.n_possible, &s->flush);
	if (!err)
		err = weight_new(&wo, &s->weight);
	s->usage.capacity = s->programs.maps.n_cells + SCHED_SPARE_ROWS;
	s->usage.weight = o->weight;
	s->usage.rows = calloc(s->usage.capacity, sizeof(*s->usage.rows));
	if (err || !s->usage.rows)
		return why_set(why, -ENOMEM,
			       "no memory for %zu accounting cells: lower --max-tasks",
			       s->usage.capacity);
	sched_follow_cpus(s);
	err = programs_attach(&s->programs, why);
	if (err)
		return err;
	for (int i = 0; i < FIRST_FLUSHES && !books_clocks_known(s->books); i++)
		sched_flush(s, true);
	/* Idle CPUs too, this once: their books begin with their first switch. */
	sched_close_window(s, true);
	/* Its counts stay for the first window: who got no cell or storage has none later. */
	return 0;
}

/*
 * The kernel side knows processes by their ids in the initial PID namespace, whose inode number is
 * fixed (PROC_PID_INIT_INO, include/linux/proc_ns.h).
 */
static int sched_check_namespace(struct why *why)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != 0xEFFFFFFCU)
		return why_set(why, -EXDEV,
			       "this is a PID namespace of its own: run jouletrail on the "
			       "host, or in a container with the host's PID namespace");
	return 0;
}

int sched_new(const struct sched_options *o, struct sched **ret, struct why *why)
{
	CLEANUP(sched_free_ptr) struct sched *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->topology.online_fd = -1;
	s->self_tgid = (uint32_t)getpid();
	s->root = o->root ? strdup(o->root) : NULL;
	err = sched_check_namespace(why);
	if (!err)
		err = topology_read(o->root, &s->topology, why);
	if (!err)
		err = programs_load(&s->programs, o, s->topology.n_possible, why);
	if (!err)
		err = sched_start(s, o, why);
	if (err)
		return err;
	*ret = TAKE_PTR(s);
	return 0;
}

/* Renames and changes of user that no tracepoint told of; if it fails, names stay as they were. */
static void sched_refresh(struct sched *s)
{
	uint64_t now_ns = clock_mono_ns(), begin_ns;

	if (now_ns < s->refresh_due_mono_ns)
		return;
	begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	programs_refresh(&s->programs);
	s->refresh_due_mono_ns =
		now_ns + REFRESH_SHARE * (clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns);
}

void sched_names(struct sched *s, sched_name_fn *f, void *arg)
{
	names_read(s->programs.names, f, arg);
}

int sched_read(struct sched *s, const struct usage **ret)
{
	struct usage *u = &s->usage;

	sched_refresh(s);
	u->window.begin_mono_ns = u->window.end_mono_ns;
	u->window.begin_real_us = u->window.end_real_us;
	sched_close_window(s, false);
	sched_count(s);
	/* Some task has no cell: its fork was missed, or found no memory. Now it gets one. */
	if (u->losses.untracked_ns)
		programs_seed(&s->programs);
	u->window.index = s->n_windows++;
	*ret = u;
	return 0;
}

size_t sched_capacity(const struct sched *s)
{
	return s->usage.capacity;
}

struct usage_row *sched_spare_rows(struct sched *s, size_t *ret_room)
{
	*ret_room = s->usage.capacity - s->usage.n_rows;
	return &s->usage.rows[s->usage.n_rows];
}

void sched_use_spare_rows(struct sched *s, size_t n)
{
	s->usage.n_rows += n;
}

uint64_t sched_n_lineage_tasks(const struct sched *s)
{
	return s->programs.counters->n_lineage;
}

bool sched_may_be_asked(const struct sched *s)
{
	return programs_may_be_asked(&s->programs);
}

uint64_t sched_n_lineage_alive(const struct sched *s)
{
	return cells_n_lineage_alive(s->cells);
}

void sched_free(struct sched *s)
{
	if (!s)
		return;
	flush_free(s->flush);
	books_free(s->books);
	cells_free(s->cells);
	weight_free(s->weight);
	programs_release(&s->programs);
	topology_release(&s->topology);
	free(s->usage.rows);
	free(s->root);
	free(s);
}
