/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * retire.h - retention: segments that are old enough are checked, summed up into rollups and
 * dropped, a little after each commit, so that no tick waits for it.
 *
 * The order makes every crash one that can be told apart at the next start: the rollup's line is
 * durable as DIR/base.pending before the rollup is committed, DIR/base before a segment goes.
 * Records that are not what was signed are never summed up and never dropped.
 */
#ifndef LEDGER_RETIRE_H
#define LEDGER_RETIRE_H

#include "ledger/store.h"

/*
 * Works on so many bytes of old records at least, if there are any; the last step commits their
 * rollup and drops them. Returns 0, or -errno with why: nothing was dropped.
 */
int retire_step(struct ledger *l, uint64_t bytes, struct why *why);

/* A segment was sealed, or time has gone by: there may be something to retire. */
void retire_more(struct ledger *l);

/* Gives up what was begun. */
void retire_end(struct ledger *l);

/* After a start: finishes what a crash left half done. Returns 0 or -errno. */
int retire_resume(struct ledger *l);

#endif /* LEDGER_RETIRE_H */
