/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * own.h - gives root's files to the user that the daemon becomes: what an earlier version, or
 * root's own `run`, has written into its ledger, its keys' directory and its guests' folders.
 *
 * Only what is root's and has no other name changes hands; no link is followed. What is somebody
 * else's, or a directory that holds other things than it should, is an error, and nothing changes.
 */
#ifndef DAEMON_OWN_H
#define DAEMON_OWN_H

#include "base/account.h"
#include "base/why.h"

enum own_what {
	OWN_LEDGER, /* has been opened as one: its names are known to be a ledger's */
	OWN_KEYS,
	OWN_GUESTS, /* a folder per guest, of which other people's stay as they are */
};

/* Returns 0; -EPERM or -errno with why. */
int own_tree(const char *path, enum own_what what, const struct account *to, struct why *why);

#endif /* DAEMON_OWN_H */
