/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cells.h - a look at the instance's own maps from outside: which cells have leaked. */
#ifndef TESTS_BPF_CELLS_H
#define TESTS_BPF_CELLS_H

#include <bpf/bpf.h>

#include "bpf/kernel.h"

/* The map of that name among our own descriptors: other instances may be about. */
static inline int map_own_fd(const char *name, struct bpf_map_info *info)
{
	for (int fd = 0; fd < 1024; fd++) {
		uint32_t size = sizeof(*info);

		memset(info, 0, sizeof(*info));
		if (bpf_obj_get_info_by_fd(fd, info, &size) == 0 &&
		    !strncmp(info->name, name, sizeof(info->name)))
			return fd;
	}
	cr_assert_fail("no map called %s", name);
	return -1;
}

/* An array, read-only; *ret_n is how many elements it has. */
static inline const void *map_own(const char *name, uint32_t *ret_n)
{
	struct bpf_map_info info;
	int fd = map_own_fd(name, &info);
	void *at = mmap(NULL, (size_t)info.max_entries * info.value_size, PROT_READ, MAP_SHARED, fd,
			0);

	cr_assert_neq(at, MAP_FAILED);
	*ret_n = info.max_entries;
	return at;
}

static inline bool thread_exists(uint32_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", pid);
	return access(path, F_OK) == 0;
}

/* Open for a task that is no more, or closed and not given back: for good, if seen twice. */
static inline bool cell_is_stray(const struct jt_cell *c)
{
	uint32_t state = __atomic_load_n(&c->state, __ATOMIC_ACQUIRE);

	return state == JT_CELL_CLOSED || (state == JT_CELL_OPEN && !thread_exists(c->pid));
}

/*
 * How many cells have leaked: stray now and, the same life of the cell, some windows later. What
 * others start and end meanwhile does not matter.
 */
static inline unsigned int cells_leaked(void)
{
	uint32_t n_cells = 0;
	const struct jt_cell *cell = map_own("cells", &n_cells);
	uint32_t *stray = calloc(n_cells, sizeof(*stray)); /* generation, 0 = not stray */
	unsigned int n = 0;

	for (uint32_t i = JT_SHARED_CELLS + 1; i < n_cells; i++)
		if (cell_is_stray(&cell[i]))
			stray[i] = cell[i].generation;
	for (int i = 0; i < 3; i++) {
		usleep(50000);
		window();
	}
	for (uint32_t i = JT_SHARED_CELLS + 1; i < n_cells; i++)
		n += stray[i] && cell_is_stray(&cell[i]) && cell[i].generation == stray[i];
	free(stray);
	munmap((void *)cell, (size_t)n_cells * sizeof(*cell));
	return n;
}

#endif /* TESTS_BPF_CELLS_H */
