/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * log.h - one line per event on standard error; for daemon/, cli/ and main only, from one thread.
 *
 * The same line comes LOG_BURST times a minute at most; what was held back is counted in the next
 * one that is not. Where the journal reads, lines begin with its priority (sd-daemon(3)).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#define LOG_BURST 5

/* "jouletrail: error: …" */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "jouletrail: warning: …" */
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "jouletrail: …" */
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* BASE_LOG_H */
