/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* programs.c - see programs.h. */
#include "sched/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sched/names.h"

#include "sched.skel.h"

/* A ring with room for 2000 command lines between two windows. */
#define CMDLINES_BYTES (8U << 20)

static size_t round_to_page(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

/* Maps an array whole, read and write. */
static int programs_map(struct programs *p, const struct bpf_map *map, void **ret)
{
	size_t bytes = round_to_page((size_t)bpf_map__max_entries(map) * bpf_map__value_size(map));
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (at == MAP_FAILED)
		return -errno;
	p->array[p->n_arrays].at = at;
	p->array[p->n_arrays].bytes = bytes;
	p->n_arrays++;
	*ret = at;
	return 0;
}

static int programs_map_all(struct programs *p, const struct sched_options *o)
{
	void *cell, *books, *slot, *weight = NULL, *weight_cpus = NULL;
	int err = programs_map(p, p->skel->maps.cells, &cell);

	if (!err)
		err = programs_map(p, p->skel->maps.books, &books);
	if (!err)
		err = programs_map(p, p->skel->maps.free_slots, &slot);
	if (!err && o->weight != JT_WEIGHT_TIME)
		err = programs_map(p, p->skel->maps.weights, &weight);
	if (!err && o->weight != JT_WEIGHT_TIME)
		err = programs_map(p, p->skel->maps.weight_cpus, &weight_cpus);
	if (err)
		return err;
	p->maps = (struct cells_maps){
		.cell = cell,
		.n_cells = bpf_map__max_entries(p->skel->maps.cells),
		.free_slot = slot,
		.free_mask = bpf_map__max_entries(p->skel->maps.free_slots) - 1,
		.ring = &p->skel->bss->free_ring,
		.weight = weight,
	};
	p->books = books;
	p->weight_cpus = weight_cpus;
	p->counters = &p->skel->bss->counters;
	p->pmu_fd = bpf_map__fd(p->skel->maps.pmu);
	return 0;
}

static uint32_t power_of_two_above(uint32_t n)
{
	uint32_t size = 1;

	while (size < n)
		size *= 2;
	return size;
}

static int programs_refused(struct why *why, int err)
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

static void programs_size(struct programs *p, const struct sched_options *o, unsigned int n_cpus)
{
	uint32_t max_tasks = o->max_tasks ? o->max_tasks : SCHED_DEFAULT_MAX_TASKS;
	uint32_t n_cells = 1 + JT_SHARED_CELLS + max_tasks, n_free = power_of_two_above(n_cells);
	bool weighted = o->weight != JT_WEIGHT_TIME;

	bpf_map__set_max_entries(p->skel->maps.cells, n_cells);
	bpf_map__set_max_entries(p->skel->maps.owners, n_cells);
	bpf_map__set_max_entries(p->skel->maps.task_cells, n_free);
	bpf_map__set_max_entries(p->skel->maps.books, n_cpus);
	bpf_map__set_max_entries(p->skel->maps.free_slots, n_free);
	bpf_map__set_max_entries(p->skel->maps.weights, weighted ? n_cells : 1);
	bpf_map__set_max_entries(p->skel->maps.weight_cpus, weighted ? n_cpus : 1);
	bpf_map__set_max_entries(p->skel->maps.pmu, o->weight == JT_WEIGHT_CYCLES ? n_cpus : 1);
	bpf_program__set_autoload(p->skel->progs.on_frequency, o->weight == JT_WEIGHT_FREQ);
	bpf_program__set_autoload(p->skel->progs.on_exec_name, o->execs || o->cmdlines);
	if (o->cmdlines)
		bpf_map__set_max_entries(p->skel->maps.process_names, CMDLINES_BYTES);
	p->skel->rodata->want_cmdline = o->cmdlines;
	p->skel->rodata->free_mask = n_free - 1;
	p->skel->rodata->lineage_tgid = (__u32)o->lineage_tgid;
	p->skel->rodata->weight = o->weight;
}

int programs_load(struct programs *p, const struct sched_options *o, unsigned int n_cpus,
		  struct why *why)
{
	int err;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(NULL);
	p->skel = sched_bpf__open();
	if (!p->skel)
		return programs_refused(why, -errno);
	programs_size(p, o, n_cpus);
	err = sched_bpf__load(p->skel);
	if (err)
		return programs_refused(why, err);
	err = programs_map_all(p, o);
	if (!err)
		err = names_new(bpf_map__fd(p->skel->maps.cgroup_names),
				bpf_map__fd(p->skel->maps.process_names), &p->names);
	return err ? why_set(why, err, "cannot map the BPF arrays: %s", strerror(-err)) : 0;
}

/* Runs an iterator over all tasks once. */
static int programs_iterate(const struct bpf_link *link)
{
	CLEANUP(cleanup_close) int fd = bpf_iter_create(bpf_link__fd(link));
	char sink[64];
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = read(fd, sink, sizeof(sink));
	while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
	return n < 0 ? -errno : 0;
}

int programs_seed(struct programs *p)
{
	struct bpf_link *link = bpf_program__attach_iter(p->skel->progs.seed_tasks, NULL);
	int err = link ? programs_iterate(link) : -errno;

	bpf_link__destroy(link);
	return err;
}

int programs_refresh(struct programs *p)
{
	return programs_iterate(p->skel->links.refresh_tasks);
}

int programs_attach(struct programs *p, struct why *why)
{
	/* The switch first: a task that gets a cell must not die where nobody would close it. */
	struct bpf_program *program[] = {
		p->skel->progs.on_switch,	 p->skel->progs.on_free,
		p->skel->progs.on_newtask,	 p->skel->progs.on_exec,
		p->skel->progs.on_move,		 p->skel->progs.on_rename,
		p->skel->progs.on_frequency,	 p->skel->progs.on_cgroup_mkdir,
		p->skel->progs.on_cgroup_rename, p->skel->progs.on_cgroup_rmdir,
		p->skel->progs.on_exec_name,	 p->skel->progs.refresh_tasks,
	};
	struct bpf_link **link[] = {
		&p->skel->links.on_switch,	  &p->skel->links.on_free,
		&p->skel->links.on_newtask,	  &p->skel->links.on_exec,
		&p->skel->links.on_move,	  &p->skel->links.on_rename,
		&p->skel->links.on_frequency,	  &p->skel->links.on_cgroup_mkdir,
		&p->skel->links.on_cgroup_rename, &p->skel->links.on_cgroup_rmdir,
		&p->skel->links.on_exec_name,	  &p->skel->links.refresh_tasks,
	};
	int err;

	for (size_t i = 0; i < sizeof(program) / sizeof(program[0]); i++) {
		if (!bpf_program__autoload(program[i]))
			continue;
		*link[i] = bpf_program__attach(program[i]);
		if (!*link[i])
			return programs_refused(why, -errno);
	}
	err = programs_seed(p);
	return err ? programs_refused(why, err) : 0;
}

bool programs_may_be_asked(const struct programs *p)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(p->skel->progs.on_exec), &info, &size) == 0;
}

static uint64_t program_n_missed(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = bpf_program__fd(program);

	return fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? info.recursion_misses : 0;
}

/* Switches are told apart in the books, which also know of those that the kernel does not count. */
uint64_t programs_n_missed(const struct programs *p)
{
	const struct bpf_program *program[] = {
		p->skel->progs.on_newtask, p->skel->progs.on_exec,   p->skel->progs.on_free,
		p->skel->progs.on_move,	   p->skel->progs.on_rename, p->skel->progs.on_frequency
	};
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(program) / sizeof(program[0]); i++)
		n += program_n_missed(program[i]);
	return n;
}

struct jt_name_losses programs_name_losses(const struct programs *p)
{
	struct jt_name_losses l = p->skel->bss->name_losses;

	l.n_cgroups += program_n_missed(p->skel->progs.on_cgroup_mkdir) +
		       program_n_missed(p->skel->progs.on_cgroup_rename) +
		       program_n_missed(p->skel->progs.on_cgroup_rmdir);
	l.n_execs += program_n_missed(p->skel->progs.on_exec_name);
	return l;
}

void programs_release(struct programs *p)
{
	for (size_t i = 0; i < p->n_arrays; i++)
		munmap(p->array[i].at, p->array[i].bytes);
	names_free(p->names);
	sched_bpf__destroy(p->skel);
	*p = (struct programs){ 0 };
}
