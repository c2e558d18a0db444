/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record.h - what a tick publishes: consumers with energy and carbon, and their host total. */
#ifndef TYPES_RECORD_H
#define TYPES_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jouletrail/units.h"
#include "types/energy.h"
#include "types/intensity.h"
#include "types/share.h"
#include "types/usage.h"

/* By what the samples of a tick are grouped; the word is the --by option's and the ledger's. */
enum record_kind {
	RECORD_PROCESS = 0, /* thread-group id and start time of its leader */
	RECORD_CGROUP,	    /* its own time, without its children's */
	RECORD_THREAD,
	RECORD_COMM,	  /* from here on groups: see struct usage_row */
	RECORD_CONTAINER, /* with all cgroups below it */
	RECORD_POD,
	RECORD_UNIT,
	RECORD_SLICE,
	RECORD_USER,
	RECORD_SESSION,
	RECORD_VM,
	RECORD_N_KINDS,
};

/*
 * What else is known of a consumer, filled and owned as name and cgroup are; NULL = not known, or
 * not of this kind.
 */
struct sample_labels {
	const char *user; /* name of the uid; of a process, a thread, a user */
	const char *exe;  /* the file it executes; of a process or a thread, as is what follows */
	const char *cmdline;   /* its arguments, joined by blanks; on request only */
	const char *ancestors; /* "make(812) bash(790) sshd(655)", from its parent up */
	const char *ns_pid;    /* its id in its own PID namespace, where it has one */
	const char
		*container; /* whose it is, by its cgroup: ids, as in the consumers of that kind */
	const char *pod;
	const char *qos; /* the pod's class: "burstable" */
	const char *unit;
	const char *runtime; /* of the container or virtual machine: "podman" */
	const char *vm;
};

/*
 * One consumer over one tick. id, name, cgroup and labels are filled by identity/ and owned by it
 * (valid until its next tick); NULL = not known, never "". Names are bytes as Linux gives them: not
 * always UTF-8.
 */
struct sample {
	enum record_kind kind;
	uint32_t tgid;		    /* RECORD_PROCESS and RECORD_THREAD only, as is what follows */
	uint32_t pid;		    /* the thread; RECORD_THREAD only */
	uint32_t uid;		    /* of the last row seen */
	uint32_t parent_tgid;	    /* likewise */
	uint64_t start_boottime_ns; /* of the process */
	uint64_t cgroup_id;	    /* of the last row seen; 0 in a group */
	uint64_t group;		    /* number of a group in this run; 0 elsewhere */
	uint32_t flags;		    /* JT_CELL_*, or-ed over the rows */
	char comm[JT_COMM_LEN]; /* the leader's latest, a thread's till then; the thread's own */
	bool comm_is_leader;
	const char *id; /* of a group: what its owner knows it by; NULL = "(none)" and its like */
	const char *name;
	const char *cgroup; /* path below the hierarchy's root, "/" for the root itself */
	struct sample_labels labels;

	uint64_t cpu_ns;
	uint64_t energy_uj;
	uint64_t co2e_ug;   /* rounded so that samples + idle + unattributed = host exactly */
	jt_product product; /* exact energy x intensity */
	/*
	 * Worst of the energy behind it. ENERGY_MISSING: some of its time has no energy, so that
	 * energy and co2e (their intervals too) are of the known part only - or of nothing.
	 */
	enum energy_quality quality;

	/* What its uncertainty is made of: see struct shares_row; summed over windows. */
	uint64_t by_factor_uj[SHARES_MAX_FACTORS];
	double attribution_sd_uj;
	double spread_uj;
	double random_var_uj2;

	/* 95 % coverage; value equals energy_uj and co2e_ug. */
	struct quant_interval_u64 energy;
	struct quant_interval_u64 co2e;
};

/*
 * A cgroup and all below it, whose samples are apart: what is its own is told from what is its
 * children's. Only where there are some below.
 */
struct record_branch {
	const char *path; /* [len], of the samples' own: no NUL at its end */
	size_t len;
	size_t n_cgroups; /* with a sample, itself counted */
	uint64_t cpu_ns;
	uint64_t own_cpu_ns;
	uint64_t own_energy_uj;
	struct quant_interval_u64 energy;
	struct quant_interval_u64 co2e;
};

/* One source in the uncertainty budget of the host's (or the command's) co2e. */
struct record_budget {
	const char *source; /* factor name: static, or owned by the tick's factor[] */
	const char *kind;   /* "systematic" | "temporal" | "random" */
	uint64_t sd_ppm;    /* mean of both sides, relative */
};

#define RECORD_MAX_BUDGET 16

/* The invariants of docs/method.md as measured over the tick; the worst window of it. */
struct record_conservation {
	uint64_t time_ppm;   /* |task + idle + gap + excluded + carried - wall| / wall */
	uint64_t cells_ppm;  /* usage_cells_residue_ns() / wall: detail against books */
	int64_t energy_uj;   /* samples + idle + unattributed - host: 0 or a bug */
	uint64_t n_breaches; /* windows with time or cells beyond 1000 ppm, or energy != 0 */
	bool breached;
};

/* What the self-audit found: daemon/audit.h. */
struct record_audit {
	uint64_t n_audits;    /* cgroups whose time was compared with the kernel's */
	uint64_t n_breaches;  /* of them, those beyond 0.1 % and a tick */
	uint64_t n_abandoned; /* cgroups that went, got children or lost detail meanwhile */
	uint64_t cells_ns;    /* their time by the accounting cells */
	uint64_t residue_ns;  /* of it, not explained by the kernel's figures */
	uint64_t slack_ns;    /* width of what the kernel's figures allow */
};

/*
 * A tick: one or more consecutive windows, summed. Everything it points to is owned by the carbon
 * stage that made it and valid until that stage closes its next tick.
 */
struct tick {
	struct window window; /* begin of the first, end of the last; index of the tick */
	uint64_t n_windows;
	unsigned int n_cpus;
	unsigned int n_packages;
	enum record_kind by;

	struct usage_books books; /* summed over the windows */
	struct usage_losses losses;
	uint64_t self_cpu_ns;
	uint64_t n_lineage_tasks; /* tasks of the command's lineage so far; 0 in the daemon */

	size_t n_domains;
	struct energy_domain domain[ENERGY_MAX_DOMAINS];
	struct shares_domain domain_sum[ENERGY_MAX_DOMAINS];	/* shown domains: energy_uj only */
	enum energy_quality domain_quality[ENERGY_MAX_DOMAINS]; /* worst window */
	struct shares_domain host;				/* counted domains */
	enum energy_quality quality;
	size_t n_gaps;
	uint64_t n_gaps_dropped;
	struct energy_gap gap[ENERGY_MAX_GAPS];

	struct intensity intensity; /* of the last window */
	const char *idle_policy;    /* "separate" */
	const char *weight;	    /* usage_weight_name() */
	const char *uncertainty;    /* "analytical" */

	uint64_t idle_co2e_ug;
	uint64_t unattributed_co2e_ug;
	struct quant_interval_u64 host_energy;
	struct quant_interval_u64 host_co2e;
	struct quant_interval_u64 idle_energy;
	struct quant_interval_u64 idle_co2e;

	/* What the intervals are made of, as in struct sample; the last two are common to all. */
	size_t n_factors;
	struct shares_factor factor[SHARES_MAX_FACTORS];
	jt_product host_product;
	jt_product idle_product;
	jt_product unattributed_product;
	uint64_t host_by_factor_uj[SHARES_MAX_FACTORS];
	uint64_t idle_by_factor_uj[SHARES_MAX_FACTORS];
	double host_random_var_uj2;
	struct quant_sides intensity_sides;
	double temporal_sd; /* ln space: an annual mean stands for the tick's own moment */
	size_t n_budget;
	struct record_budget budget[RECORD_MAX_BUDGET];
	struct record_conservation conservation;
	struct record_audit audit;

	uint64_t n_forgotten; /* names and groups that had to be given up for want of room */
	size_t n_samples;     /* consumers with CPU time or energy, largest energy first */
	struct sample *sample;
	size_t n_branches; /* in the order of their paths; 0 where nobody asked for them */
	struct record_branch *branch;
};

void record_audit_add(struct record_audit *to, const struct record_audit *from);
const char *record_kind_name(enum record_kind k);
/* Returns 0 or -EINVAL. */
int record_kind_parse(const char *word, enum record_kind *ret);
/* Whether its consumers are of a process each: RECORD_PROCESS, RECORD_THREAD. */
static inline bool record_kind_is_task(enum record_kind k)
{
	return k == RECORD_PROCESS || k == RECORD_THREAD;
}
/* Whether its consumers are told apart by a number that identity/ gives. */
static inline bool record_kind_is_group(enum record_kind k)
{
	return k >= RECORD_COMM;
}

#endif /* TYPES_RECORD_H */
