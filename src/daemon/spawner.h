/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spawner.h - a process that starts the small programs for a daemon that has given up the right to:
 * forked before anything is opened, told what it may start, then sealed.
 *
 * What can be asked of it afterwards is to start, or to end, one of the programs that it was told
 * of, with the arguments and the user that it was told of.
 */
#ifndef DAEMON_SPAWNER_H
#define DAEMON_SPAWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "daemon/program.h"

struct spawner;

/* Programs that one can be told of, and how long their arguments are together. */
#define SPAWNER_MAX_PROGRAMS 8
#define SPAWNER_TEXT_LEN     16384

/* Returns 0 (*ret for spawner_free()) or -errno with why. */
int spawner_new(struct spawner **ret, struct why *why);

/* Tells it of a program; copied. Returns its number, or -errno (-E2BIG, -EPERM: it is sealed). */
int spawner_add(struct spawner *s, const struct program *p, char *const argv[]);

/*
 * No more programs; it gives up all but what starting them takes: CAP_SETUID, CAP_SETGID,
 * CAP_SETPCAP, CAP_KILL, and CAP_DAC_READ_SEARCH, which the resolver gets. Returns 0 or -errno.
 */
int spawner_seal(struct spawner *s);

/*
 * Starts one, with these as its standard input and output (stdout_fd -1 = /dev/null); one that
 * runs is ended first. Does not wait: what cannot be started has ended. Returns 0 or -errno.
 */
int spawner_start(struct spawner *s, int number, int stdin_fd, int stdout_fd);

void spawner_end(struct spawner *s, int number);

/* Whether what was started last has ended, and how (as of waitpid()). Waits for nothing. */
bool spawner_has_ended(struct spawner *s, int number, int *ret_status);

/* Ends it and all that it started; NULL is fine. */
void spawner_free(struct spawner *s);

#endif /* DAEMON_SPAWNER_H */
