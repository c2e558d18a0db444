/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sched.c - loads the BPF programs and turns their maps into one window's usage. */
#include "sched/sched.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jouletrail/units.h"
#include "sched/books.h"
#include "sched/cells.h"
#include "sched/flush.h"
#include "sched/topology.h"
#include "sched.skel.h"

/* A CPU that has not switched by then is stolen or stopped: its slice is carried. */
#define FLUSH_TIMEOUT_NS (250 * JT_NS_PER_MS)

struct sched {
	char *root;
	struct sched_bpf *skel;
	struct topology topology;
	struct cells_maps maps;
	struct jt_cpu_books *books_map;
	size_t cells_bytes, books_bytes, free_bytes;
	struct cells *cells;
	struct books *books;
	struct flush *flush;
	struct jt_counters counters_seen;
	uint32_t self_tgid;
	uint64_t n_windows;
	struct usage usage;
};

DEFINE_CLEANUP(struct sched *, sched_free)

static size_t round_to_page(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

/* Maps an array whole, read and write; *ret_bytes is for munmap(). */
static int sched_map(const struct bpf_map *map, size_t bytes, void **ret, size_t *ret_bytes)
{
	void *at;

	bytes = round_to_page(bytes);
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (at == MAP_FAILED)
		return -errno;
	*ret = at;
	*ret_bytes = bytes;
	return 0;
}

static uint32_t power_of_two_above(uint32_t n)
{
	uint32_t size = 1;

	while (size < n)
		size *= 2;
	return size;
}

static int sched_refused(struct why *why, int err)
{
	switch (err) {
	case -EPERM:
		return why_set(why, err,
			       "the kernel refuses to load BPF programs: run as root (or "
			       "with CAP_BPF and CAP_PERFMON), and see `jouletrail doctor`");
	case -ESRCH:
	case -ENOENT:
		return why_set(why, err,
			       "this kernel lacks a tracepoint or its BTF "
			       "(/sys/kernel/btf/vmlinux): needs Linux 5.15 or later with "
			       "CONFIG_DEBUG_INFO_BTF");
	case -ENOMEM:
		return why_set(why, err,
			       "no memory for the BPF maps: lower --max-tasks or raise "
			       "the memory limit of this cgroup");
	default:
		return why_set(why, err,
			       "cannot load the BPF programs: %s; `jouletrail doctor` "
			       "says what this kernel has",
			       strerror(-err));
	}
}

static int sched_load(struct sched *s, const struct sched_options *o, struct why *why)
{
	uint32_t max_tasks = o->max_tasks ? o->max_tasks : SCHED_DEFAULT_MAX_TASKS;
	uint32_t n_cells = 1 + JT_SHARED_CELLS + max_tasks, n_free = power_of_two_above(n_cells);
	int err;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(NULL);
	s->skel = sched_bpf__open();
	if (!s->skel)
		return sched_refused(why, -errno);
	bpf_map__set_max_entries(s->skel->maps.cells, n_cells);
	bpf_map__set_max_entries(s->skel->maps.books, s->topology.n_possible);
	bpf_map__set_max_entries(s->skel->maps.free_slots, n_free);
	s->skel->rodata->free_mask = n_free - 1;
	s->skel->rodata->lineage_tgid = (__u32)o->lineage_tgid;
	err = sched_bpf__load(s->skel);
	if (err)
		return sched_refused(why, err);

	s->maps.n_cells = n_cells;
	s->maps.free_mask = n_free - 1;
	s->maps.ring = &s->skel->bss->free_ring;
	err = sched_map(s->skel->maps.cells, (size_t)n_cells * sizeof(struct jt_cell),
			(void **)&s->maps.cell, &s->cells_bytes);
	if (!err)
		err = sched_map(s->skel->maps.books,
				s->topology.n_possible * sizeof(struct jt_cpu_books),
				(void **)&s->books_map, &s->books_bytes);
	if (!err)
		err = sched_map(s->skel->maps.free_slots, (size_t)n_free * sizeof(uint64_t),
				(void **)&s->maps.free_slot, &s->free_bytes);
	return err ? why_set(why, err, "cannot map the BPF arrays: %s", strerror(-err)) : 0;
}

static void sched_set_packages(struct sched *s)
{
	for (unsigned int i = 0; i < s->topology.n_possible; i++)
		s->books_map[i].package = s->topology.cpu[i].package;
}

/* Gives the tasks that were there first their storage and cells. */
static int sched_seed(struct sched *s)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct bpf_link *link = bpf_program__attach_iter(s->skel->progs.seed_tasks, NULL);
	char sink[64];
	ssize_t n;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd < 0) {
		bpf_link__destroy(link);
		return fd;
	}
	do
		n = read(fd, sink, sizeof(sink));
	while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
	bpf_link__destroy(link);
	return n < 0 ? -errno : 0;
}

static int sched_attach(struct sched *s, struct why *why)
{
	struct bpf_program *programs[] = {
		s->skel->progs.on_newtask,
		s->skel->progs.on_exec,
		s->skel->progs.on_move,
		s->skel->progs.on_switch,
	};
	struct bpf_link **links[] = {
		&s->skel->links.on_newtask,
		&s->skel->links.on_exec,
		&s->skel->links.on_move,
		&s->skel->links.on_switch,
	};
	int err;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		*links[i] = bpf_program__attach(programs[i]);
		if (!*links[i])
			return sched_refused(why, -errno);
	}
	err = sched_seed(s);
	return err ? sched_refused(why, err) : 0;
}

/* Flushes, closes the books at one moment and reads the cells right after. */
static void sched_close_window(struct sched *s, bool wake_idle)
{
	struct usage *u = &s->usage;
	uint64_t clock_ns, mono_ns;

	topology_refresh(s->root, &s->topology);
	sched_set_packages(s);
	u->losses = (struct usage_losses){ 0 };
	for (unsigned int i = 0; i < s->topology.n_possible; i++)
		if (s->topology.cpu[i].online && (wake_idle || books_cpu_is_busy(s->books, i)) &&
		    flush_request(s->flush, i))
			u->losses.n_unflushed++;
	u->losses.n_unflushed += flush_run(s->flush, FLUSH_TIMEOUT_NS);
	for (unsigned int i = 0; i < s->topology.n_possible; i++)
		if (flush_clocks(s->flush, i, &clock_ns, &mono_ns))
			books_sample_clocks(s->books, clock_ns, mono_ns);

	u->window.end_mono_ns = clock_mono_ns();
	u->window.end_real_us = clock_real_us();
	books_close(s->books, &s->topology, u->window.end_mono_ns, u);
	cells_scan(s->cells, u);
	u->n_cpus = s->topology.n_online;
	u->n_packages = s->topology.n_packages;
	memcpy(u->package_id, s->topology.package_id, sizeof(u->package_id));
	u->threads_per_core = s->topology.threads_per_core;
}

static void sched_count(struct sched *s)
{
	struct usage *u = &s->usage;
	struct jt_counters now = s->skel->bss->counters;

	u->losses.n_no_cell = now.n_no_cell - s->counters_seen.n_no_cell;
	u->losses.n_no_storage = now.n_no_storage - s->counters_seen.n_no_storage;
	u->losses.n_global = now.n_global - s->counters_seen.n_global;
	s->counters_seen = now;
	u->self_cpu_ns = 0;
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == s->self_tgid)
			u->self_cpu_ns += u->rows[i].total_ns;
}

static int sched_start(struct sched *s, struct why *why)
{
	int err = cells_new(&s->maps, JT_MAX_PACKAGES, &s->cells);

	if (!err)
		err = books_new(s->books_map, s->topology.n_possible, &s->books);
	if (!err)
		err = flush_new(s->books_map, s->topology.n_possible, &s->flush);
	s->usage.capacity = s->maps.n_cells;
	s->usage.rows = calloc(s->maps.n_cells, sizeof(*s->usage.rows));
	if (err || !s->usage.rows)
		return why_set(why, -ENOMEM, "no memory for %u accounting cells: lower --max-tasks",
			       s->maps.n_cells);
	sched_set_packages(s);
	err = sched_attach(s, why);
	if (err)
		return err;
	/* Idle CPUs too, this once: their books begin with their first switch. */
	sched_close_window(s, true);
	sched_count(s);
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
	s->self_tgid = (uint32_t)getpid();
	s->root = o->root ? strdup(o->root) : NULL;
	err = sched_check_namespace(why);
	if (!err)
		err = topology_read(o->root, &s->topology, why);
	if (!err)
		err = sched_load(s, o, why);
	if (!err)
		err = sched_start(s, why);
	if (err)
		return err;
	*ret = TAKE_PTR(s);
	return 0;
}

int sched_read(struct sched *s, const struct usage **ret)
{
	struct usage *u = &s->usage;

	u->window.begin_mono_ns = u->window.end_mono_ns;
	u->window.begin_real_us = u->window.end_real_us;
	sched_close_window(s, false);
	sched_count(s);
	u->window.index = s->n_windows++;
	*ret = u;
	return 0;
}

size_t sched_capacity(const struct sched *s)
{
	return s->usage.capacity;
}

uint64_t sched_n_lineage_tasks(const struct sched *s)
{
	return s->skel->bss->counters.n_lineage;
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
	if (s->maps.cell)
		munmap((void *)s->maps.cell, s->cells_bytes);
	if (s->books_map)
		munmap(s->books_map, s->books_bytes);
	if (s->maps.free_slot)
		munmap(s->maps.free_slot, s->free_bytes);
	sched_bpf__destroy(s->skel);
	topology_release(&s->topology);
	free(s->usage.rows);
	free(s->root);
	free(s);
}
