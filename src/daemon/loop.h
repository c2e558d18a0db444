/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.h - waits for what moves the program: the next window, a signal, the end of a child. */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <stdint.h>

struct loop;

enum loop_event {
	LOOP_WINDOW,   /* the window is over */
	LOOP_POLL,     /* the meters want to be read between two windows */
	LOOP_STOP,     /* SIGTERM, SIGINT or SIGHUP, see loop_stop_signal() */
	LOOP_CHILD,    /* SIGCHLD */
	LOOP_KEYS,     /* somebody pressed a key; given to loop_watch(), as are those that follow */
	LOOP_TERMINAL, /* the terminal has another size, or wants to have us stopped */
	LOOP_CONTROL,  /* somebody asks at the control socket */
};

/*
 * Blocks the signals above, which then wait for loop_wait(), and ignores SIGPIPE; for good. Call it
 * before anything that must not be interrupted, and fork what should not inherit it before.
 */
void loop_block_signals(void);

/*
 * Windows end every interval_ns by CLOCK_MONOTONIC, from now, polls come every poll_ns, on a timer
 * of their own (none where windows are as short: those read the meters too). What was missed is
 * not made up for: the next window is longer. Needs loop_block_signals().
 * Returns 0 (*ret for loop_free()) or -errno.
 */
int loop_new(uint64_t interval_ns, uint64_t poll_ns, struct loop **ret);
void loop_free(struct loop *l);

/*
 * From now on loop_wait() returns event while fd is readable, or at its end: the caller reads it.
 * fd stays the caller's, open as long as the loop. Returns 0, or -ENOSPC.
 */
int loop_watch(struct loop *l, int fd, enum loop_event event);

/* What is watched and has that event has more to do, readable or not: it comes when its turn is. */
void loop_is_not_done(struct loop *l, enum loop_event event);

/*
 * Waits for the next event. A child's end comes before a window's, that before a poll; what is
 * watched and the timers take turns. Returns 0 or -errno.
 */
int loop_wait(struct loop *l, enum loop_event *ret);

int loop_stop_signal(const struct loop *l);

#endif /* DAEMON_LOOP_H */
