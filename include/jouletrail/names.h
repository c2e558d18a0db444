/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * names.h - what the BPF programs tell user space of names: cgroups that come, are renamed and go,
 * and the files that processes execute. A ring buffer's record is a struct jt_name and its text.
 */
#ifndef JOULETRAIL_NAMES_H
#define JOULETRAIL_NAMES_H

#ifndef __bpf__
#include <assert.h>
#include <linux/types.h>
#endif

/* Of a cgroup's own name (NAME_MAX is 255) and of a path that is executed, with the NUL. */
#define JT_NAME_LEN 256
/* What is kept of a command line. */
#define JT_CMDLINE_LEN 4096

enum jt_name_kind {
	JT_NAME_CGROUP = 1,	    /* made; text is its own name, not the path */
	JT_NAME_CGROUP_RENAMED = 2, /* text is the new name */
	JT_NAME_CGROUP_REMOVED = 3, /* no text; tasks that die in it may still be charged */
	JT_NAME_EXEC = 4,	    /* text is the path as it was given to execve(2) */
	JT_NAME_CMDLINE = 5,	    /* text is the arguments, each ended by a NUL */
};

struct jt_name {
	__u64 id;	 /* of the cgroup; of a process its leader's start_boottime_ns */
	__u64 parent_id; /* of the cgroup's parent, 0 = none; of a process 0 */
	__u32 kind;	 /* enum jt_name_kind */
	__u32 tgid;	 /* of a process */
	__u32 flags;	 /* JT_CELL_V1_CGRP for a cgroup of the v1 cpu hierarchy */
	__u32 len;	 /* of the text, without a NUL at its end; more may have been cut off */
};

/* Records that found no room in their ring since the programs were loaded. */
struct jt_name_losses {
	__u64 n_cgroups;
	__u64 n_execs;
};

#ifndef __bpf__
static_assert(sizeof(struct jt_name) == 32, "names: no padding");
#endif

#endif /* JOULETRAIL_NAMES_H */
