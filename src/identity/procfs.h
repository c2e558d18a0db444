/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* procfs.h - what /proc says of one process that lives. */
#ifndef IDENTITY_PROCFS_H
#define IDENTITY_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jouletrail/shared.h"

/* exe and cmdline are owned: procfs_release(). NULL = not to be had. */
struct procfs_process {
	char comm[JT_COMM_LEN];
	uint32_t parent_tgid;
	uint32_t ns_pid; /* in its own PID namespace; 0 = in the outermost that is seen here */
	uint64_t start_boottime_ns; /* cut to ticks of 10 ms */
	char *exe;
	char *cmdline; /* arguments, each ended by a NUL; at most JT_CMDLINE_LEN bytes */
	size_t cmdline_len;
};

/* root: proc/ below it; NULL = "/". Returns 0 or -errno, with nothing to release. */
int procfs_read(const char *root, uint32_t tgid, bool cmdline, struct procfs_process *ret);
void procfs_release(struct procfs_process *p);

/*
 * The process of a thread, and the group that a process runs as (its effective GID), by their
 * status files. Return 0 or -errno.
 */
int procfs_read_tgid(const char *root, uint32_t tid, uint32_t *ret);
int procfs_read_gid(const char *root, uint32_t tgid, uint32_t *ret);

/* Whether it is the process that was started then, as far as ticks can tell. */
bool procfs_is_started_at(const struct procfs_process *p, uint64_t start_boottime_ns);

/* The text of proc/PID/stat into comm, parent and start. Returns 0 or -EBADMSG. */
int procfs_parse_stat(const char *text, struct procfs_process *ret);

#endif /* IDENTITY_PROCFS_H */
