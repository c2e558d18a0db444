/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture_lines.h - the lines of a capture: which structs they hold. Format: docs/capture.md. */
#ifndef DAEMON_CAPTURE_LINES_H
#define DAEMON_CAPTURE_LINES_H

#include <stdbool.h>

#include "daemon/line.h"
#include "types/record.h"

#define CAPTURE_VERSION 5

/* The first line: who captured, and what a ledger draws its name from. */
struct capture_head {
	unsigned int version;
	char program[32]; /* JT_VERSION */
	char host[65];
	char boot_id[37];
	const char *bpf_tags; /* as the ledger's open record has them; NULL = none */
	const char *config_sha256;
	const char *power_choice;
	bool has_ledger;
	char ledger_dir[4096]; /* as it was given; "" without a ledger */
	uint64_t mono_ns;      /* when the ledger was opened */
	int64_t real_us;
	enum record_kind by;
	uint64_t tick_ns;  /* as it was asked for */
	uint64_t capacity; /* the most rows of one window */
	bool has_names;	   /* false: comms and cgroups were left out */
	enum method_idle_policy idle_policy;
	enum method_static_power static_power;
	enum jt_weight weight;
	unsigned int corun_percent;
};

/* A package's books with its number. */
struct capture_package {
	int64_t id;
	struct usage_books books;
};

/* What identity/ made of one sample, in the order of the tick's samples. */
struct capture_name {
	enum record_kind kind;
	unsigned int tgid;
	unsigned int pid;
	uint64_t start_boottime_ns;
	uint64_t cgroup_id;
	uint64_t group;
	unsigned int flags;
	const char *id;
	const char *name;
	const char *cgroup;
	struct sample_labels labels;
};

/* The windows so far are one tick, which was written then. */
struct capture_tick {
	uint64_t mono_ns;
	int64_t real_us;
	uint64_t n_lineage_tasks;
	uint64_t n_forgotten;
	struct record_audit audit;
	uint64_t n_names; /* name lines that follow */
};

/* The last line: when the ledger was closed, and the command's processes that lived on. */
struct capture_end {
	uint64_t mono_ns;
	int64_t real_us;
	uint64_t n_lineage_tasks;
	uint64_t n_lineage_alive;
	uint64_t n_names; /* of the total, which follow this line */
};

extern const struct line_kind capture_line_head;
extern const struct line_kind capture_line_intensity; /* struct intensity: holds from here on */
extern const struct line_kind capture_line_layout;    /* struct energy: n_domains; they follow */
extern const struct line_kind capture_line_domain;    /* struct energy_domain */
extern const struct line_kind capture_line_window;  /* struct usage; n_packages and n_rows follow */
extern const struct line_kind capture_line_books;   /* struct usage_books, of the machine */
extern const struct line_kind capture_line_package; /* struct capture_package */
extern const struct line_kind capture_line_row;	    /* struct usage_row */
extern const struct line_kind capture_line_energy;  /* struct energy; readings and gaps follow */
extern const struct line_kind capture_line_reading; /* struct energy_reading, one per domain */
extern const struct line_kind capture_line_gap;	    /* struct energy_gap */
extern const struct line_kind capture_line_use;	    /* struct energy_use */
extern const struct line_kind capture_line_tick;    /* struct capture_tick */
extern const struct line_kind capture_line_name;    /* struct capture_name */
extern const struct line_kind capture_line_end;	    /* struct capture_end */

#endif /* DAEMON_CAPTURE_LINES_H */
