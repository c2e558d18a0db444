/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* urgent.h - moments in which a thread runs ahead of all ordinary ones. */
#ifndef BASE_URGENT_H
#define BASE_URGENT_H

#include <stdbool.h>

/*
 * Real-time priority until urgent_end(), for what has to be read at one moment on a machine with
 * many runnable tasks: else a time slice of others may lie between two readings. May be nested;
 * threads that are started meanwhile have it too, for good. Without the right to it (CAP_SYS_NICE,
 * RLIMIT_RTPRIO) nothing happens.
 *
 * Returns what urgent_end() wants: whether this call raised the priority.
 */
bool urgent_begin(void);
void urgent_end(bool raised);

/*
 * A thread that has the priority for good, and waits: for who has the right to it now, and not when
 * it is needed.
 */
struct urgent;

/*
 * Starts it. The caller may have the priority already, by an urgent_begin() of when it had the
 * right: it is an ordinary thread again afterwards. Where nobody has the right, there is no thread.
 * Returns 0 (*ret for urgent_free()) or -errno.
 */
int urgent_new(struct urgent **ret);

/* f(arg) in that thread, waited for; here where there is none. */
void urgent_run(struct urgent *u, void (*f)(void *), void *arg);

/* NULL is fine. */
void urgent_free(struct urgent *u);

#endif /* BASE_URGENT_H */
