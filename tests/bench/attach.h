/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach.h - what an arm attaches: one BPF program, or jouletrail's kernel side as a whole. */
#ifndef TESTS_BENCH_ATTACH_H
#define TESTS_BENCH_ATTACH_H

#include <bpf/libbpf.h>

#include "bench/figure.h"
#include "bench/load.h"

/* arg: a loaded struct bpf_program. */
static inline void *attach_program(void *arg)
{
	struct bpf_link *link = bpf_program__attach(arg);

	load_check(link != NULL, "bench: attaching a program");
	return link;
}

static inline void detach_program(void *attached)
{
	bpf_link__destroy(attached);
}

/* arg: NULL. */
static inline void *attach_ours(void *arg)
{
	(void)arg;
	return bench_sched(0);
}

static inline void detach_ours(void *attached)
{
	sched_free(attached);
}

#endif /* TESTS_BENCH_ATTACH_H */
