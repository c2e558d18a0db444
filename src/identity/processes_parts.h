/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* processes_parts.h - the inside of the table of processes, for the files of processes.h. */
#ifndef IDENTITY_PROCESSES_PARTS_H
#define IDENTITY_PROCESSES_PARTS_H

#include "identity/processes.h"

struct processes_seed;

struct processes {
	struct processes_seed *seed; /* by tgid */
	size_t n_seeds;
	char *root;
	bool keep;
	bool cmdlines;
	uint64_t tick;
	uint64_t n_forgotten;
	struct process
		*entry;	 /* open addressing by tgid alone, so that all of one id are in reach */
	size_t capacity; /* a power of two; tgid 0 = free slot */
	size_t n;
};

static inline size_t processes_hash(uint32_t tgid)
{
	return tgid * UINT32_C(2654435761) >> 4;
}

/* The entry of that process, or the free slot where it would go. */
struct process *processes_slot(const struct processes *p, uint32_t tgid, uint64_t start_ns);

/* The entry, made where it is new and marked as used; NULL = no memory, or no process. */
struct process *processes_take(struct processes *p, uint32_t tgid, uint64_t start_ns);

/* Whoever had that id last when the child was started; NULL = not known. */
struct process *processes_parent_of(const struct processes *p, const struct process *child);

/* Fills from /proc what is not known yet. */
void processes_ask(struct processes *p, struct process *e);

/*
 * The executable of a process that processes_seed() found, the caller's to free, once; NULL = none.
 * start: as /proc counts.
 */
char *processes_take_seed(struct processes *p, uint32_t tgid, uint64_t start_boottime_ns);
void processes_free_seeds(struct processes *p);

/* args: of the program that it executes. forget: for another program. */
void processes_take_vm(struct process *e, const char *args, size_t len);
void processes_forget_vm(struct process *e);

#endif /* IDENTITY_PROCESSES_PARTS_H */
