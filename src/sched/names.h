/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* names.h - reads what the BPF programs say of names out of their ring buffers. */
#ifndef SCHED_NAMES_H
#define SCHED_NAMES_H

#include "sched/sched.h"

struct names;

/* Maps the rings of these map descriptors, which are not owned. Returns 0 or -errno. */
int names_new(int cgroups_fd, int processes_fd, struct names **ret);
void names_free(struct names *n);

/* Cgroups first, then processes; each ring in order. No system call. */
void names_read(struct names *n, sched_name_fn *f, void *arg);

/*
 * What one record of a ring says: f is called unless it is too short for what it claims to be.
 * Apart, so that tests can drive it on plain memory.
 */
void names_take(const void *record, size_t size, sched_name_fn *f, void *arg);

#endif /* SCHED_NAMES_H */
