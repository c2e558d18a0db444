/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * replay.h - reads a capture back: the sources of another machine and another day.
 *
 * The file is not trusted. Every line is in its one form and where it belongs, every index and
 * every enum in its range, or replay_next() refuses it; what the figures add up to is the maths'
 * business.
 */
#ifndef DAEMON_REPLAY_H
#define DAEMON_REPLAY_H

#include "base/why.h"
#include "daemon/capture_lines.h"

struct replay;

enum replay_event {
	REPLAY_WINDOW, /* replay_usage() and replay_energy() are the next one's */
	REPLAY_TICK,   /* replay_tick(): they are one tick */
	REPLAY_END,    /* replay_end(): there is no more */
	REPLAY_CUT,    /* the file has no end: whoever wrote it was stopped */
};

/* Returns 0 (*ret is the caller's, for replay_free()), -EBADMSG or -errno, with why. */
int replay_new(const char *path, struct replay **ret, struct why *why);
void replay_free(struct replay *r);

const struct capture_head *replay_head(const struct replay *r);

/*
 * Reads on to the next event. Returns 0; -EBADMSG with why: which line, and what is wrong with it;
 * -errno. After an error there is nothing more to be had.
 */
int replay_next(struct replay *r, enum replay_event *ret, struct why *why);

/* Valid until the next replay_next(). */
const struct usage *replay_usage(const struct replay *r);
const struct energy *replay_energy(const struct replay *r);
const struct intensity *replay_intensity(const struct replay *r);
const struct capture_tick *replay_tick(const struct replay *r);
const struct capture_end *replay_end(const struct replay *r);

/*
 * Names the samples of t as the capture's last tick (after REPLAY_END: its total) was named; what
 * it did not name is called by its comm where it is of tasks, else NULL. The strings are r's and
 * t's, until the next replay_next().
 */
void replay_name(const struct replay *r, struct tick *t);

#endif /* DAEMON_REPLAY_H */
