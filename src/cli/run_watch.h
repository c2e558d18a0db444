/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_watch.h - what is told of a run while it goes on: a line on a terminal, a row per window. */
#ifndef CLI_RUN_WATCH_H
#define CLI_RUN_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"
#include "types/record.h"

struct run_watch {
	FILE *timeline; /* NULL = none */
	const char *timeline_path;
	bool progress;
	bool shown;	    /* the line stands */
	const char *cgroup; /* of what; NULL = the lineage */
	uint64_t energy_uj; /* so far */
	bool energy_missing;
	uint64_t begin_mono_ns; /* of the first tick */
	uint64_t run, n_runs;	/* of repeats, from 1; 0 = none */
	int err;		/* of the timeline */
};

/* Opens the file, where there is to be one. Returns 0 or -errno with why. */
int run_watch_open(struct run_watch *w, const char *timeline, bool progress, struct why *why);

/* A tick, which is a window's: a pipeline_publish_fn. */
void run_watch_tick(const struct tick *t, void *arg);

/* Takes the line away. */
void run_watch_clear(struct run_watch *w);

/* Clears, closes. Returns the timeline's error, said. */
int run_watch_close(struct run_watch *w);

#endif /* CLI_RUN_WATCH_H */
