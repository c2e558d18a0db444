/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sched.h - CPU time of every task from the kernel's maps, one window at a time. */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/why.h"
#include "jouletrail/names.h"
#include "types/usage.h"

struct sched;
struct perf_event_attr;

struct sched_options {
	unsigned int max_tasks; /* live cells; 0 = SCHED_DEFAULT_MAX_TASKS */
	pid_t lineage_tgid;	/* mark this process and all its descendants; 0 = nobody */
	const char *root;	/* topology is read below it; NULL = "/" */
	enum jt_weight weight;	/* what rows carry beside time; JT_WEIGHT_TIME costs nothing */
	bool execs;		/* sched_names() tells of executed files too … */
	bool cmdlines;		/* … and of command lines, which may hold secrets */
	const struct perf_event_attr *cycles; /* JT_WEIGHT_CYCLES: NULL = the PMU's CPU cycles */
};

/* 180 bytes each in the kernel, 6 MiB; with a weighting 244. */
#define SCHED_DEFAULT_MAX_TASKS 32768

/*
 * Loads and attaches the BPF programs, seeds the tasks that already run, flushes, and takes the
 * baseline: window 0 begins here. Needs CAP_BPF and CAP_PERFMON (or root).
 *
 * Returns 0 (*ret is the caller's, for sched_free()), or -errno with reason and mend in why.
 */
int sched_new(const struct sched_options *o, struct sched **ret, struct why *why);

/*
 * Ends the window that the last call began: flushes the busy CPUs, reads the maps and gives the
 * differences. *ret points to memory of s, valid until the next call.
 */
int sched_read(struct sched *s, const struct usage **ret);

/*
 * Tells f, in order, what names the kernel side has given since the last call: to be called after
 * sched_read(), so that every cgroup of its rows that is new was told of. text has n->len bytes;
 * both are valid during the call. What was lost is in the window's losses.
 */
typedef void sched_name_fn(const struct jt_name *n, const char *text, void *arg);
void sched_names(struct sched *s, sched_name_fn *f, void *arg);

/* The most rows that one window can have, those of sched_spare_rows() among them. */
size_t sched_capacity(const struct sched *s);

/*
 * Rows that are no tasks' may be put after those of the window that was just read: room for at
 * least SCHED_SPARE_ROWS, of which the first n are then part of it.
 */
#define SCHED_SPARE_ROWS 1032
struct usage_row *sched_spare_rows(struct sched *s, size_t *ret_room);
void sched_use_spare_rows(struct sched *s, size_t n);

/* Tasks of the lineage so far: the marked process and every thread or process it gave rise to. */
uint64_t sched_n_lineage_tasks(const struct sched *s);

/* Processes of the lineage that live on. */
uint64_t sched_n_lineage_alive(const struct sched *s);

/* Whether reading works with the capabilities that are effective now. */
bool sched_may_be_asked(const struct sched *s);

/*
 * What `doctor` asks: calls f with each thing this stage needs, whether it is there, and what was
 * found or how to mend it.
 */
typedef void sched_probe_fn(const char *what, bool ok, const char *text, void *arg);
void sched_probe(sched_probe_fn *f, void *arg);

/* Detaches and releases; NULL is fine. */
void sched_free(struct sched *s);

#endif /* SCHED_SCHED_H */
