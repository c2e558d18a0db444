/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sample.h - one consumer with its energy and carbon, and what consumers can be. */
#ifndef TYPES_SAMPLE_H
#define TYPES_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "jouletrail/shared.h"
#include "jouletrail/units.h"
#include "quant/interval.h"
#include "types/energy.h"
#include "types/share.h"

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
	/* What only the runtime knows, of the same container and pod. */
	const char *container_name;
	const char *image;
	const char *namespace; /* Kubernetes' */
	const char *pod_name;
	const char *tags; /* labels that are allowed: "app=web,team=blue" */
};

/*
 * One consumer over one tick. id, name, cgroup and labels are filled by identity/ and owned by it
 * (valid until its next tick); NULL = not known, never "". Names are bytes as Linux gives them: not
 * always UTF-8.
 */
struct sample {
	enum record_kind kind;
	uint32_t tgid;	      /* RECORD_PROCESS and RECORD_THREAD only, as is what follows */
	uint32_t pid;	      /* the thread; RECORD_THREAD only */
	uint32_t uid;	      /* of the last row seen */
	uint32_t parent_tgid; /* likewise */
	/* Worst of the energy behind it. ENERGY_MISSING: all figures are of the known part only. */
	enum energy_quality quality;
	uint64_t start_boottime_ns; /* of the process */
	uint64_t cgroup_id;	    /* of the last row seen; 0 in a group */
	uint64_t group;		    /* number of a group in this run; 0 elsewhere */
	uint32_t flags;		    /* JT_CELL_* and USAGE_ROW_*, over the rows: sample_flags() */
	/* The uid that all its tasks are of, where it is one's; else of the last row seen. */
	uint32_t owner_uid;
	bool has_owner;		/* some row had one */
	bool mixed_owners;	/* rows of several uids, or of none */
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

	/* What its uncertainty is made of: see struct shares_row; summed over windows. */
	uint64_t by_factor_uj[SHARES_MAX_FACTORS];
	double attribution_sd_uj;
	double spread_uj;
	int64_t model_uj[SHARES_N_MODELS];
	double static_sd_uj;
	double random_var_uj2;

	/* 95 % coverage; value equals energy_uj and co2e_ug. */
	struct quant_interval_u64 energy;
	struct quant_interval_u64 co2e;
};

extern const char *const record_kind_names[RECORD_N_KINDS];
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

/* One more row, or sample, of that uid; is_task false: of nobody. */
static inline void sample_add_owner(struct sample *to, uint32_t uid, bool is_task)
{
	to->mixed_owners |= !is_task || (to->has_owner && to->owner_uid != uid);
	to->owner_uid = uid;
	to->has_owner = true;
}

/*
 * Flags of a sample that one more row or sample is about to be added to: those of any, but for
 * JT_CELL_KTHREAD, which is of all; in the root's cgroup there may be both.
 */
static inline uint32_t sample_flags(const struct sample *to, uint32_t more)
{
	bool empty = to->cpu_ns == 0 && to->energy_uj == 0;
	uint32_t kthread = (empty ? more : to->flags & more) & JT_CELL_KTHREAD;

	return ((to->flags | more) & ~JT_CELL_KTHREAD) | kthread;
}

#endif /* TYPES_SAMPLE_H */
