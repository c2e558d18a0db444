/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rows.h - consumers from window to window: who they are, what they had now and since the start. */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/record.h"

#define ROWS_HISTORY	  60  /* windows of a consumer */
#define ROWS_HOST_HISTORY 240 /* windows of the host */
#define ROWS_MAX	  32768

/* Figures that add up over consumers. Of the last window, but for total_. */
struct rows_figures {
	uint64_t energy_uj;
	uint64_t low_uj; /* 95 %; of several consumers the ends' sum, which is the widest */
	uint64_t high_uj;
	uint64_t cpu_ns;
	uint64_t total_uj; /* since the start */
	uint64_t total_ug;
	uint64_t total_cpu_ns;
};

/* A consumer: the same one from window to window, as in the ledger. */
struct row {
	uint64_t id; /* hash of who it is: for selection and folding */
	enum record_kind kind;
	uint32_t tgid;
	uint32_t pid;
	uint32_t flags;	    /* of struct sample */
	uint32_t key_flags; /* what of them tells it from others */
	uint64_t key;	    /* start of a process, id of a cgroup, number of a group */
	uint64_t begun;	    /* number of the window that it was first seen in */
	uint64_t seen;	    /* and last; struct rows.n_windows says which one is now */
	enum energy_quality quality;
	char *name; /* bytes as Linux gives them; NULL = not known */
	char *cgroup;
	char *ancestors;		/* as in struct sample_labels */
	struct rows_figures figures;	/* of the window of `seen`: see rows_now() */
	float history_uw[ROWS_HISTORY]; /* [window % ROWS_HISTORY]: see rows_power_uw() */
};

/* The machine, and what all rows have in common. */
struct rows_host {
	enum record_kind by;
	unsigned int n_cpus;
	uint64_t window_ns;
	uint64_t uptime_ns; /* Σ windows */
	enum energy_quality quality;
	bool has_energy;  /* else figures of energy and carbon are not known */
	bool total_known; /* every window so far had some */
	struct intensity intensity;
	struct quant_interval_u64 energy; /* of the window */
	struct quant_interval_u64 co2e;
	struct quant_interval_u64 total_energy; /* since the start: ends added, the widest */
	struct quant_interval_u64 total_co2e;
	uint64_t busy_ns;		/* CPU time of all tasks in the window */
	struct rows_figures attributed; /* to consumers; low and high are not set */
	struct rows_figures idle;
	struct rows_figures unattributed;
	uint64_t n_breaches; /* windows whose sums did not close, since the start */
	uint64_t n_gaps;     /* times without a meter, since the start */
	uint64_t n_no_cell;  /* tasks counted with others, for want of room, since the start */
	float history_uw[ROWS_HOST_HISTORY];
};

/* tag: of the row's id, so that most others are told apart without a look at them. */
struct rows_slot {
	uint32_t row; /* index + 1; 0 = empty */
	uint32_t tag;
};

struct rows {
	size_t n;
	size_t max;
	struct row *row; /* [n] in order of arrival; an index holds until the next rows_add() */
	struct rows_slot *slot;
	size_t n_slots; /* a power of two, at least twice the room */
	size_t room;
	uint64_t n_windows; /* so far: the number of the last one */
	uint64_t n_refused; /* consumers of the last window that there was no row for */
	struct rows_host host;
};

/*
 * max: rows kept at most, 1 to ROWS_MAX. Beyond it those go that had nothing for longest; a
 * consumer that comes back begins at 0 then. Returns 0 or -ENOMEM.
 */
int rows_new(size_t max, struct rows **ret);
void rows_free(struct rows *r);

/* One window. Returns 0; -ENOMEM: some rows are of the window before. */
int rows_add(struct rows *r, const struct tick *t);

/* As it stands, to be looked at and not added to. Returns 0 or -ENOMEM. */
int rows_clone(const struct rows *r, struct rows **ret);

/* Whether s is of that row. */
bool rows_is(const struct row *row, const struct sample *s);

/* Figures of the last window; those of the window are 0 where it had none. */
struct rows_figures rows_now(const struct rows *r, const struct row *row);
void rows_figures_add(struct rows_figures *to, const struct rows_figures *from);

/* Mean power `ago` windows ago, µW; below 0 = it was not known then. */
float rows_power_uw(const struct rows *r, const struct row *row, uint64_t ago);
float rows_host_power_uw(const struct rows *r, uint64_t ago);

#endif /* VIEW_ROWS_H */
