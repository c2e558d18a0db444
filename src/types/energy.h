/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* energy.h - how much energy each domain drew in one window: what power/ produces. */
#ifndef TYPES_ENERGY_H
#define TYPES_ENERGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quant/interval.h"

#define ENERGY_MAX_DOMAINS 64
#define ENERGY_MAX_GAPS	   32
#define ENERGY_MAX_USES	   128
#define ENERGY_NAME_LEN	   32
#define ENERGY_SOURCE_LEN  160

/* Ordered from worst to best, so that the quality of a sum is the least of its parts. */
enum energy_quality {
	ENERGY_MISSING = 0, /* no figure: never to be read as 0 J */
	ENERGY_MODELLED,    /* from a power model and the load */
	ENERGY_MEASURED,    /* from a meter */
};

enum energy_domain_kind {
	ENERGY_PACKAGE = 0,
	ENERGY_CORE,   /* inside a package: shown, never added */
	ENERGY_UNCORE, /* inside a package: shown, never added */
	ENERGY_DRAM,
	ENERGY_PSYS, /* contains the packages: shown, never added to them */
	ENERGY_GPU,
	ENERGY_OTHER,
};

/*
 * A domain: fixed from power_new() on. Domains form a tree by parent; `counted` marks the set that
 * is added to the host total (packages + dram + GPU), in which no domain contains another.
 */
struct energy_domain {
	char name[ENERGY_NAME_LEN]; /* "package-0", "dram-0", … unique */
	char source
		[ENERGY_SOURCE_LEN]; /* which meter or model, for people: "powercap intel-rapl:0" */
	enum energy_domain_kind kind;
	int package; /* CPU package whose tasks drew it; -1 = the whole machine */
	int parent;  /* index of the containing domain; -1 = none */
	bool counted;
	const char *why_not;	     /* static: why it is not counted; NULL where it is */
	enum energy_quality quality; /* at best; one window may fall to ENERGY_MISSING */
	/*
	 * Relative uncertainty common to all its readings (gain of the meter, parameters of the
	 * model), in ln space per side; and its factor id: domains with the same id err together.
	 */
	struct quant_sides systematic;
	char factor[ENERGY_NAME_LEN]; /* "rapl_gain", "cpu_model", … */
	uint64_t resolution_uj;	      /* step of the counter */
	uint64_t range_uj; /* where the counter goes round; 0 = it does not, or no counter */
	/* Static power, drawn with every CPU idle: known to the model, learnt by a meter. */
	uint64_t idle_power_uw;
};

/* One domain in one window, same index as its domain. */
struct energy_reading {
	uint64_t energy_uj; /* 0 and meaningless where quality is ENERGY_MISSING */
	uint64_t idle_uj;   /* of it, static power x time; <= energy_uj */
	enum energy_quality quality;
	double random_sd_uj; /* counter resolution and update jitter of this window */
};

/* Time for which a domain has no trustworthy energy. */
struct energy_gap {
	int domain;
	const char *reason; /* static string: "reset", "jump", "unreadable", "stale", … */
	int64_t from_us;    /* real time */
	int64_t to_us;
};

/*
 * Who drew a domain that CPU time says nothing of (ENERGY_GPU), by its meter's own word. What a
 * domain's shares lack of 10^6 is nobody's that is known.
 */
struct energy_use {
	int domain;
	uint32_t tgid; /* the process */
	uint32_t ppm;  /* of the domain's energy that is not idle; sums to 10^6 or less */
};

/* One window of all domains. Owned by the caller of power_read(); no pointers into a meter. */
struct energy {
	size_t n_domains;
	struct energy_domain domain[ENERGY_MAX_DOMAINS];
	struct energy_reading reading[ENERGY_MAX_DOMAINS];
	size_t n_gaps;
	uint64_t n_gaps_dropped; /* gaps beyond ENERGY_MAX_GAPS: counted, not listed */
	struct energy_gap gap[ENERGY_MAX_GAPS];
	size_t n_uses; /* what is beyond ENERGY_MAX_USES is nobody's */
	struct energy_use use[ENERGY_MAX_USES];
	uint64_t read_mono_ns; /* when the meters were read */
};

const char *energy_quality_name(enum energy_quality q);
const char *energy_domain_kind_name(enum energy_domain_kind k);

/* Sum of the counted domains' readings that are not missing, µJ. */
uint64_t energy_total_uj(const struct energy *e);

/* The worst quality among the counted domains; ENERGY_MISSING when there are none. */
enum energy_quality energy_total_quality(const struct energy *e);

#endif /* TYPES_ENERGY_H */
