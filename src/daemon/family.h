/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * family.h - who descends from whom, by the parent at each one's birth: which of some processes
 * (roots) is the nearest ancestor of a usage row's.
 *
 * Who ran is known by its row; an ancestor that sleeps is looked up in /proc once. Where a process
 * ends, its children become its parent's, so that descent outlives it.
 */
#ifndef DAEMON_FAMILY_H
#define DAEMON_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

#include "types/usage.h"

/* Processes that are remembered at most, some 80 bytes each; and looked up in /proc per window. */
#define FAMILY_MAX	  65536
#define FAMILY_MAX_LOOKUP 512

struct family;

/* CPU time of a process, ns, waited for or not; FAMILY_GONE = there is none of that id. */
#define FAMILY_GONE UINT64_MAX
typedef uint64_t family_clock_fn(uint32_t tgid);
uint64_t family_clock(uint32_t tgid);

/* root: proc/ below it; NULL = "/". clock: family_clock(), or a test's. Returns 0 or -ENOMEM. */
int family_new(const char *root, family_clock_fn *clock, struct family **ret);
void family_free(struct family *f);

/* Forgets everybody. */
void family_clear(struct family *f);

/* A window with that number, from 1 on, in order. */
void family_begin(struct family *f, uint64_t number);

/* The member that the row's process is; 0 = none: an overflow row, or there is no room. */
uint32_t family_row(struct family *f, const struct usage_row *row);

/* Whether it is the first time in this window that this is asked of the member. */
bool family_mark(struct family *f, uint32_t member);

/* The living process of that id, looked up where it is not known; 0 = there is none. */
uint32_t family_process(struct family *f, uint32_t tgid);

/* What the caller keeps with a member: its number as a root, of either kind; 0 = none. */
enum family_root { FAMILY_TREE = 0, FAMILY_ALONE, FAMILY_N_ROOTS };
uint32_t *family_root(struct family *f, uint32_t member, enum family_root kind);

/* The number of the nearest FAMILY_TREE root: its own, or an ancestor's; 0 = it has none. */
uint32_t family_nearest(struct family *f, uint32_t member);
/* The same without its own. */
uint32_t family_outer(struct family *f, uint32_t member);

struct family_member {
	uint32_t tgid;
	uint64_t start_boottime_ns; /* cut to 10 ms until it has run */
	uint64_t ran_before;	    /* number of the last window before this one in which it ran */
};
struct family_member family_get(const struct family *f, uint32_t member);

/* Whether somebody of this window found no room, or was not looked up yet. */
bool family_is_short(const struct family *f);

/* The window is over: forgets those that ended before it. */
void family_end(struct family *f);

/* Those that are there, of whom the root is the nearest, or an outer one. */
uint64_t family_n_alive(struct family *f, uint32_t root);

size_t family_n(const struct family *f);

#endif /* DAEMON_FAMILY_H */
