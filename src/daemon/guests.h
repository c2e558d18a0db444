/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guests.h - tells each virtual machine its own energy: sums its rows of every window into the
 * files of export/guest.h. Logs what it begins and what it cannot do, each once.
 */
#ifndef DAEMON_GUESTS_H
#define DAEMON_GUESTS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"
#include "identity/identity.h"
#include "types/share.h"
#include "types/usage.h"

/* Running machines at a time; what comes beyond them is not told its energy. */
#define GUESTS_MAX 256

struct guests;

/* Strings are used during the call only. */
struct guests_options {
	const char *dir;	   /* the folder of all guests */
	struct identity *identity; /* with options.vms; used until guests_free() */
	uint64_t interval_ns;	   /* length of a window */
	uid_t owner;		   /* besides root's, whose dir may be */
};

/*
 * Folders are told every window of 900 ms or more, else about once a second, and at the end.
 * Returns 0 (*ret is the caller's, for guests_free()) or -errno with why.
 */
int guests_new(const struct guests_options *o, struct guests **ret, struct why *why);
void guests_free(struct guests *g);

/*
 * A window, after identity_group(). What a folder cannot be told is kept and told later, for as
 * long as the machine runs.
 *
 * A user's machine is told only where its folder is there; for the system's own, and root's, it is
 * made. Of two machines that run at a time and have one name the folder is the system's before a
 * user's, else the first one's; the other has it when that one has ended.
 */
void guests_window(struct guests *g, const struct usage *u, const struct shares *s);

#endif /* DAEMON_GUESTS_H */
