/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * notify.h - tells the service manager how things stand: sd_notify(3)'s protocol, datagrams of
 * lines to $NOTIFY_SOCKET. Five of them are used; libsystemd would bring six libraries more into
 * the tracer for them.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

struct notify;

/*
 * Connects, while that is allowed; without a service manager everything below does nothing. Takes
 * NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment. interval_ns: of windows,
 * to which the watchdog is widened where it would bite between two of them.
 * Returns 0 (*ret for notify_free(); NULL = nobody is told) or -errno.
 */
int notify_new(uint64_t interval_ns, struct notify **ret);

/* Measuring begins, or goes on after notify_reloading(); status: a line for `systemctl status`. */
void notify_ready(struct notify *n, const char *status);
void notify_reloading(struct notify *n, uint64_t now_mono_ns);
void notify_stopping(struct notify *n);

/* A window was made: the watchdog is fed, every half of its time at the most. */
void notify_window(struct notify *n, uint64_t now_mono_ns);

/* NULL is fine, here and above. */
void notify_free(struct notify *n);

#endif /* DAEMON_NOTIFY_H */
