/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * processes.h - what is known of processes beside their time: comm, parent, executable, command
 * line. From the kernel side as far as it goes, so that one that is gone is known too; /proc fills
 * in the rest of those that live.
 */
#ifndef IDENTITY_PROCESSES_H
#define IDENTITY_PROCESSES_H

#include <stdbool.h>

#include "base/buf.h"
#include "identity/vm.h"
#include "jouletrail/names.h"
#include "types/usage.h"

/* Kept before those are forgotten that two ticks did not ask for; and where all are to be kept. */
#define PROCESSES_KEPT 16384
#define PROCESSES_MAX  65536

/* Owned by the table; strings NULL = not known. */
struct process {
	uint32_t tgid;
	uint32_t parent_tgid;
	uint64_t start_boottime_ns;
	char comm[JT_COMM_LEN];
	char *exe;
	char *cmdline;	 /* arguments joined by blanks */
	uint32_t ns_pid; /* in its own PID namespace; 0 = in the initial one, or not known */
	bool asked;	 /* /proc was */
	bool executed;	 /* exe is what the kernel side told */
	uint64_t used;
	/* The process that is the virtual machine: itself, or whom it works for; 0 = of none. */
	uint32_t vm_tgid;
	uint64_t vm_start_ns;
	bool vm_known;	    /* whether that was looked for */
	struct vm_name *vm; /* of a process that is one; NULL = it is none */
};

struct processes;

/*
 * root: proc/ below it; NULL = "/". keep: see PROCESSES_MAX. cmdlines: /proc is asked for command
 * lines too. Returns 0 or -ENOMEM.
 */
int processes_new(const char *root, bool keep, bool cmdlines, struct processes **ret);
void processes_free(struct processes *p);

/* Notes what all processes execute, while that may be read: once, PROCESSES_MAX of them at most. */
void processes_seed(struct processes *p);

/* A tick begins: forgets what is over. */
void processes_begin(struct processes *p);

/* A row of a window: the latest comm of the leader, else of any thread, and the parent. */
void processes_see(struct processes *p, const struct usage_row *row);

/* JT_NAME_EXEC and JT_NAME_CMDLINE. */
void processes_hear(struct processes *p, const struct jt_name *n, const char *text);

/* Filled from its parent and /proc where need be; NULL = no memory. Valid until the next call. */
const struct process *processes_get(struct processes *p, uint32_t tgid, uint64_t start_boottime_ns);

/*
 * The virtual machine that the process is or works for, vm in it filled; NULL = none. flags:
 * JT_CELL_* of its rows. The first time /proc is asked for what was not told. Valid until the next
 * call.
 */
const struct process *processes_vm(struct processes *p, uint32_t tgid, uint64_t start_boottime_ns,
				   uint32_t flags);

/* Whether that process still runs, by /proc. */
bool processes_is_alive(const struct processes *p, uint32_t tgid, uint64_t start_boottime_ns);

/* The group that it runs as now, by /proc. Returns 0 or -errno. */
int processes_gid(const struct processes *p, uint32_t tgid, uint32_t *ret);

/* "make(812) bash(790)": of up to eight ancestors of that process, from its parent up. */
void processes_put_ancestors(struct processes *p, const struct process *of, struct buf *out);

uint64_t processes_n_forgotten(const struct processes *p);
size_t processes_n(const struct processes *p);

#endif /* IDENTITY_PROCESSES_H */
