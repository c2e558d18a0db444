/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record.h - what a tick publishes: consumers with energy and carbon, and their host total. */
#ifndef TYPES_RECORD_H
#define TYPES_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jouletrail/units.h"
#include "types/budget.h"
#include "types/energy.h"
#include "types/intensity.h"
#include "types/sample.h"
#include "types/share.h"
#include "types/usage.h"

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
struct montecarlo;
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

	struct intensity
		intensity;	 /* mean of the windows, by energy; "mixed": of several signals */
	struct method method;	 /* of the last window; a run has one */
	const char *uncertainty; /* quant_method_name() */
	struct montecarlo *montecarlo; /* by which intervals are made; NULL = in closed form */

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
	double idle_static_sd_uj; /* as in struct shares */
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

#endif /* TYPES_RECORD_H */
