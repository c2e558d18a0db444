/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cputime.h - the CPU time that drives the model: of the CPUs, and of those named. */
#ifndef RAPLSIM_CPUTIME_H
#define RAPLSIM_CPUTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPUTIME_MAX_PACKAGES  8
#define CPUTIME_MAX_CONSUMERS 16
#define CPUTIME_MAX_PROCESSES 1024
#define CPUTIME_NAME_LEN      256

/*
 * Somebody whose CPU second draws other than the default: every process of one comm, or everything
 * that ever ran in one cgroup (v2's cpu.stat or v1's cpuacct.usage, which lose no short process).
 * Consumers must not overlap.
 */
struct cputime_consumer {
	char name[CPUTIME_NAME_LEN]; /* "stress-ng", "cgroup:/path" */
	uint64_t mw;		     /* per CPU second */
	uint64_t cpu_ns;	     /* since the start */
	bool is_cgroup;
	int fd;		     /* of a cgroup's file; -1 = not there (yet) */
	uint64_t first_ns;   /* what stood in it at the start */
	bool is_microsecond; /* the unit of the file */
};

/* A process seen under a consumer's comm. */
struct cputime_process {
	int pid;
	size_t consumer;
	uint64_t first_ns; /* before the start of the simulation */
	uint64_t last_ns;  /* as its clock said last */
};

struct cputime {
	unsigned int n_packages; /* the online CPUs, in order, in equal parts */
	unsigned int n_cpus;
	int stat_fd; /* /proc/stat */
	uint64_t began_ns;
	uint64_t *idle_ns;			   /* [n_cpus] at the start */
	uint64_t package_ns[CPUTIME_MAX_PACKAGES]; /* busy since the start; never decreases */
	size_t n_consumers;
	struct cputime_consumer consumer[CPUTIME_MAX_CONSUMERS];
	size_t n_processes;
	struct cputime_process process[CPUTIME_MAX_PROCESSES];
	uint64_t n_unlisted; /* processes beyond the table: they draw the default */
};

/* Fill n_packages and the consumers' names and mw first. Returns 0 or -errno. */
int cputime_open(struct cputime *c, uint64_t now_mono_ns);
void cputime_close(struct cputime *c);

/*
 * Busy is wall time less idle, from /proc/stat: it counts every process, in steps of 10 ms that do
 * not add up to an error.
 */
void cputime_read(struct cputime *c, uint64_t now_mono_ns);

/* Whether processes are looked for by comm, so that a poll between two readings finds the short. */
bool cputime_wants_polls(const struct cputime *c);

#endif /* RAPLSIM_CPUTIME_H */
