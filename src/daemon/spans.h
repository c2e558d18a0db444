/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spans.h - what a part of a program took: windows' rows of a process tree or a cgroup, from a
 * moment to a moment. How the windows at its borders are divided: docs/method.md, "Spans".
 */
#ifndef DAEMON_SPANS_H
#define DAEMON_SPANS_H

#include <stdbool.h>
#include <stdint.h>

#include "carbon/course.h"
#include "daemon/family.h"
#include "identity/identity.h"

/* Open at a time: some 3 KiB each. */
#define SPANS_MAX      4096
#define SPANS_MAX_PATH 1024

struct spans;
struct span;

struct spans_moment {
	uint64_t mono_ns;
	uint64_t boot_ns;
	int64_t real_us;
};

enum spans_kind {
	SPANS_TREE = 0, /* a process and those that descend from it */
	SPANS_ALONE,	/* a process */
	SPANS_CGROUP,	/* all in it and below */
};

struct spans_target {
	enum spans_kind kind;
	uint32_t tgid;	  /* of a process */
	const char *path; /* of a cgroup, within its hierarchy: "/a/b"; copied */
	bool v1;	  /* in the hierarchy of the v1 cpu controller, not of v2 */
};

enum spans_end { SPANS_BY_CLIENT = 0, SPANS_BY_PARENT, SPANS_BY_TARGET, SPANS_BY_STOPPING };

/* "client", "parent", "target", "stopping" */
const char *spans_end_name(enum spans_end e);

/* What it took, up to now or its end. Intervals are of 95 %, the borders' bounds in them. */
struct span_result {
	struct spans_moment begin, end; /* end: of the last window where it goes on */
	uint64_t cpu_ns;
	uint64_t n_windows;
	uint64_t n_processes;
	struct quant_interval_u64 energy;
	struct quant_interval_u64 co2e;
	struct quant_interval_u64 host_energy; /* of all windows that it touches */
	struct quant_interval_u64 host_co2e;
	uint64_t host_wall_ns;
	struct intensity intensity;
	enum energy_quality quality; /* of the target's energy */
	uint64_t border_ppm;	     /* of it, what was divided by time */
	enum spans_end ended_by;
	bool lost;
};

/* root: proc/ below it, NULL = "/". clock: family_clock(). Returns 0 or -ENOMEM. */
int spans_new(const char *root, family_clock_fn *clock, struct spans **ret);
void spans_free(struct spans *s);

/*
 * Begins one. Returns 0 (*ret is the caller's, for span_close()); -ESRCH: no such process; -ENOSPC
 * beyond SPANS_MAX; -ENOMEM.
 */
int spans_begin(struct spans *s, const struct spans_target *t, const struct spans_moment *now,
		struct span **ret);

/* It ends now; its result is whole when span_is_done(), after the next window. */
void span_end(struct span *span, const struct spans_moment *now, enum spans_end by);
bool span_is_ending(const struct span *span);
bool span_is_done(const struct span *span);

/* Before the next window nothing is known: n_windows 0. */
void span_result(const struct span *span, struct span_result *ret);

void span_close(struct span *span);

/* Time has just been read: the CPU clocks of targets that a border needs are. */
void spans_read(struct spans *s);

/*
 * A window. Where that cannot be accounted, it is lost for the spans that touch it, which then say
 * so. id: of its cgroups.
 */
void spans_window(struct spans *s, const struct course_window *w, struct identity *id);

/*
 * Right after spans_window() of the same window: which of its rows the span has a part of.
 * ret: [w->usage->n_rows]
 */
void span_rows(struct span *span, const struct course_window *w, bool *ret);

/* Processes of the span's target that are there now, as far as they are known. */
uint64_t span_n_alive(const struct span *span);

size_t spans_n(const struct spans *s);

#endif /* DAEMON_SPANS_H */
