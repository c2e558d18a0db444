/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* names.c - see names.h. */
#include "sched/names.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

struct names {
	struct ring_buffer *rings;
	sched_name_fn *f; /* during names_read() */
	void *arg;
};

void names_take(const void *record, size_t size, sched_name_fn *f, void *arg)
{
	const struct jt_name *n = record;

	if (size >= sizeof(*n) && n->len <= size - sizeof(*n))
		f(n, (const char *)(n + 1), arg);
}

static int names_record(void *ctx, void *record, size_t size)
{
	const struct names *n = ctx;

	names_take(record, size, n->f, n->arg);
	return 0;
}

int names_new(int cgroups_fd, int processes_fd, struct names **ret)
{
	struct names *n = calloc(1, sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	n->rings = ring_buffer__new(cgroups_fd, names_record, n, NULL);
	err = n->rings ? ring_buffer__add(n->rings, processes_fd, names_record, n) : -errno;
	if (err) {
		names_free(n);
		return err;
	}
	*ret = n;
	return 0;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	ring_buffer__free(n->rings);
	free(n);
}

void names_read(struct names *n, sched_name_fn *f, void *arg)
{
	n->f = f;
	n->arg = arg;
	ring_buffer__consume(n->rings);
}
