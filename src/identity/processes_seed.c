/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * processes_seed.c - what processes execute that were there before: a link that a daemon which has
 * given root up may not read any more.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "identity/processes_parts.h"
#include "identity/procfs.h"

struct processes_seed {
	uint32_t tgid;
	uint64_t start_boottime_ns; /* to 10 ms, as /proc counts */
	char *exe;
};

static int compare(const void *pa, const void *pb)
{
	const struct processes_seed *a = pa, *b = pb;

	return a->tgid < b->tgid ? -1 : a->tgid > b->tgid;
}

/* Takes over exe. Returns whether there was room. */
static bool add(struct processes *p, uint32_t tgid, struct procfs_process *found)
{
	size_t capacity = p->n_seeds;

	/* Powers of two are full. */
	if (!(capacity & (capacity - 1))) {
		struct processes_seed *bigger =
			realloc(p->seed, (capacity ? 2 * capacity : 1) * sizeof(*bigger));

		if (!bigger)
			return false;
		p->seed = bigger;
	}
	p->seed[p->n_seeds++] =
		(struct processes_seed){ tgid, found->start_boottime_ns, found->exe };
	found->exe = NULL;
	return true;
}

void processes_seed(struct processes *p)
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	char path[FS_PATH_LEN];
	const struct dirent *e;
	bool room = true;

	if (p->n_seeds || fs_path(p->root, "proc", path, sizeof(path)))
		return;
	d = opendir(path);
	while (d && room && p->n_seeds < PROCESSES_MAX && (e = readdir(d))) {
		struct procfs_process found;
		uint64_t tgid;

		if (!isdigit((unsigned char)e->d_name[0]) || fs_parse_u64(e->d_name, &tgid) ||
		    tgid > UINT32_MAX || procfs_read(p->root, (uint32_t)tgid, false, &found))
			continue;
		/* Kernel threads have none. */
		if (found.exe)
			room = add(p, (uint32_t)tgid, &found);
		procfs_release(&found);
	}
	if (p->n_seeds)
		qsort(p->seed, p->n_seeds, sizeof(*p->seed), compare);
}

char *processes_take_seed(struct processes *p, uint32_t tgid, uint64_t start_boottime_ns)
{
	const struct processes_seed key = { .tgid = tgid };
	struct processes_seed *s =
		p->n_seeds ? bsearch(&key, p->seed, p->n_seeds, sizeof(key), compare) : NULL;

	return s && s->start_boottime_ns == start_boottime_ns ? TAKE_PTR(s->exe) : NULL;
}

void processes_free_seeds(struct processes *p)
{
	for (size_t i = 0; i < p->n_seeds; i++)
		free(p->seed[i].exe);
	free(p->seed);
}
