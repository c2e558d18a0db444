/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* urgent.h - a moment in which the calling thread runs ahead of all ordinary ones. */
#ifndef BASE_URGENT_H
#define BASE_URGENT_H

#include <stdbool.h>

/*
 * Real-time priority until urgent_end(), for what has to be read at one moment on a machine with
 * many runnable tasks: else a time slice of others may lie between two readings. May be nested.
 * Without the right to it (CAP_SYS_NICE, RLIMIT_RTPRIO) nothing happens.
 *
 * Returns what urgent_end() wants: whether this call raised the priority.
 */
bool urgent_begin(void);
void urgent_end(bool raised);

#endif /* BASE_URGENT_H */
