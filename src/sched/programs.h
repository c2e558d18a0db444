/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* programs.h - the BPF programs: sized, loaded, their arrays mapped, attached, seeded. */
#ifndef SCHED_PROGRAMS_H
#define SCHED_PROGRAMS_H

#include <stddef.h>

#include "base/why.h"
#include "jouletrail/names.h"
#include "sched/cells.h"
#include "sched/sched.h"

struct sched_bpf;
struct names;

#define PROGRAMS_N_ARRAYS 5

/* Zero-initialise; all pointers are into mappings that programs_release() undoes. */
struct programs {
	struct sched_bpf *skel;
	struct cells_maps maps;
	struct jt_cpu_books *books;	   /* [n_cpus] */
	struct jt_weight_cpu *weight_cpus; /* [n_cpus]; NULL = plain time */
	const struct jt_counters *counters;
	struct names *names;
	int pmu_fd; /* map of perf events */
	struct {
		void *at;
		size_t bytes;
	} array[PROGRAMS_N_ARRAYS];
	size_t n_arrays;
};

/*
 * Loads the programs that o asks for, for CPUs 0 … n_cpus - 1; none runs yet. Returns 0 or -errno
 * with reason and mend in why; *p is then to be released all the same.
 */
int programs_load(struct programs *p, const struct sched_options *o, unsigned int n_cpus,
		  struct why *why);

/* Attaches them and gives the tasks that are there their cells. As programs_load(). */
int programs_attach(struct programs *p, struct why *why);

/* Gives the tasks that have no storage theirs: 0.65 us for each task. Returns 0 or -errno. */
int programs_seed(struct programs *p);

/*
 * Forks, execs, ends, moves and changes of frequency so far that the kernel did not run the
 * programs for, as one of them was running on that CPU: where it may be preempted, as on 7.x.
 */
uint64_t programs_n_missed(const struct programs *p);

/* Whether the kernel answers that, by the capabilities that are effective now. */
bool programs_may_be_asked(const struct programs *p);

/* Names so far that were not told: no room in the ring, or the programs were not run, as above. */
struct jt_name_losses programs_name_losses(const struct programs *p);

/* Brings comm and uid of every task's cell up to date. Returns 0 or -errno. */
int programs_refresh(struct programs *p);

/* Detaches and unmaps; a zeroed *p is fine. */
void programs_release(struct programs *p);

#endif /* SCHED_PROGRAMS_H */
