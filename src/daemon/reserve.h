/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* reserve.h - what cgroups reserve of the CPUs, as rows of each window: idle policy `reserved`. */
#ifndef DAEMON_RESERVE_H
#define DAEMON_RESERVE_H

#include "identity/identity.h"
#include "types/usage.h"

/* Cgroups that are looked after; what comes beyond them reserves nothing and is counted. */
#define RESERVE_MAX_CGROUPS 1024
/* Their files are read when they are first seen, and every so many windows. */
#define RESERVE_EVERY 10

struct reserve;

/* id is used until reserve_free(). Returns 0 or -ENOMEM. */
int reserve_new(struct identity *id, struct reserve **ret);
void reserve_free(struct reserve *r);

/*
 * Looks at the cgroups that ran in u's window and remembers them for as long as they are there.
 * Fills ret with a USAGE_ROW_RESERVED for each that reserves something, at most room of them.
 * Returns how many.
 */
size_t reserve_rows(struct reserve *r, const struct usage *u, struct usage_row *ret, size_t room);

/* Cgroups beyond RESERVE_MAX_CGROUPS, or room. */
uint64_t reserve_n_dropped(const struct reserve *r);

#endif /* DAEMON_RESERVE_H */
