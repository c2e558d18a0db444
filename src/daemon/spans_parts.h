/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spans_parts.h - the inside of spans, for the files that keep them and add windows to them. */
#ifndef DAEMON_SPANS_PARTS_H
#define DAEMON_SPANS_PARTS_H

#include "daemon/spans.h"

/* Whom some spans are of: one for each process and cgroup, whatever the number of spans. */
struct target {
	uint32_t number; /* its index; 0 = free */
	enum spans_kind kind;
	uint32_t member; /* of the family */
	uint32_t tgid;
	bool v1;
	char *path;
	size_t n_spans;
	/* Of this window: */
	uint32_t outer;	    /* the target that it lies in; 0 = none */
	uint32_t inner;	    /* the first that lies in it */
	uint32_t beside;    /* the next in the same one */
	uint32_t row;	    /* index + 1 of its first row that is in no inner one; 0 = none */
	size_t n_processes; /* that ran, all inner ones' too */
	size_t n_new;	    /* of them, those that never ran before */
	size_t n_slept;	    /* and those that did, but not in the window before */
	struct sum sum;	    /* of its rows and all inner ones' */
	uint64_t clock_ns;  /* CPU clock of its process at the window's end; FAMILY_GONE = none */
};

struct span {
	struct spans *spans;
	struct span *next, *previous;
	uint32_t target;
	struct spans_moment begin, end;
	uint64_t begin_clock_ns; /* of the target's process; FAMILY_GONE = none */
	uint64_t end_clock_ns;
	bool begins; /* in this window */
	bool ends;
	bool done;
	bool lost;
	enum spans_end ended_by;
	uint64_t first; /* number of its first window */
	uint64_t n_processes;
	double below_uj; /* how much less, and more, than its energy the borders allow */
	double above_uj;
	double divided_uj; /* of its energy, by time */
	struct course course;
	struct sum sum;
};

/* What is known of a row beside itself. */
struct spans_row {
	uint32_t member;
	uint32_t next[3]; /* index + 1 of the next row of the same target, by enum spans_kind */
	bool is_first;	  /* of its process in this window */
};

struct spans {
	struct family *family;
	family_clock_fn *clock;
	uint64_t number;  /* of the window */
	uint64_t tick_ns; /* how old a CPU clock can be */
	struct span *span;
	size_t n;
	uint32_t n_targets; /* target[1 … n_targets] have been used */
	uint32_t target_capacity;
	struct target **target;
	bool has_lost; /* rows of this window, for want of room */
	size_t row_capacity;
	struct spans_row *row;
	size_t n_slots; /* cgroup targets by their paths; a power of two */
	uint32_t *slot; /* 0 = free */
};

/* Part of a window's row that is a span's, and how much it could have been. */
struct span_part {
	struct shares_row share;
	uint64_t cpu_ns;
	double low_uj, high_uj;
	bool by_time;
};

/* What dividing a window for a span rests on. */
struct span_cut {
	const struct usage *usage;
	uint64_t begin_boot_ns, end_boot_ns; /* of the window */
	uint64_t from_boot_ns, to_boot_ns;   /* of the span within it */
	/* The target's process: its time in the window, and what of it lies before each border. */
	bool has_clock;
	uint64_t process_ns, from_ns, to_ns;
	uint64_t stale_ns; /* by how much that can be wrong */
};

/* is_process: the row is of the target's process. Returns false where nothing of it is. */
bool span_part_of(const struct span_cut *c, const struct usage_row *row,
		  const struct shares_row *share, bool is_process, struct span_part *ret);

/* The cgroup targets of this window; without memory there are none, and it is lost. */
void spans_index_cgroups(struct spans *s);

/* The cgroup target that the row, or the target, is nearest below; 0 = none. */
struct spans_cgroup_memo {
	uint64_t id;
	bool v1;
	uint32_t target;
};
uint32_t spans_cgroup_of(const struct spans *s, const struct usage_row *row, struct identity *id,
			 struct spans_cgroup_memo *memo);
uint32_t spans_cgroup_around(const struct spans *s, uint32_t target);

/* Adds the window to the span. */
void span_add_window(struct span *span, const struct course_window *w);

/* Calls f with each row of the target and those in it. */
typedef void spans_each_fn(size_t row, void *arg);
void spans_each_row(const struct spans *s, uint32_t target, spans_each_fn *f, void *arg);

#endif /* DAEMON_SPANS_PARTS_H */
