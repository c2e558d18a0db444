/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - which system calls are left (seccomp, by libseccomp), for this process and all that it
 * starts. What is not left fails with EPERM; clone3 with ENOSYS, so that the C library asks by
 * clone. The list and its reasons: docs/security.md. Under a sanitizer, which needs more, nothing
 * is filtered.
 */
#ifndef DAEMON_FILTER_H
#define DAEMON_FILTER_H

/*
 * What measuring goes on with: no program and no process is started (threads are), no socket made,
 * nothing mounted, traced or loaded; of bpf() only what is done with a descriptor that is held.
 * For all threads. Returns 0 or -errno.
 */
int filter_daemon(void);

/* All but sockets, for who reads files that others wrote. Returns 0 or -errno. */
int filter_no_sockets(void);

#endif /* DAEMON_FILTER_H */
