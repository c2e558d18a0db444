/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_plan.h - what `plan -f json` decided, for the ledger of the run that carries it out. */
#ifndef CLI_RUN_PLAN_H
#define CLI_RUN_PLAN_H

#include "base/why.h"
#include "ledger/ledger.h"

/* A plan of 256 zones is far below. */
#define RUN_PLAN_MAX_BYTES (1U << 20)

/*
 * Reads a jouletrail.plan/1. A descriptor given as /proc/self/fd/N is not inherited from then on.
 * Returns 0, or -errno with why; ret is untouched then.
 */
int run_plan_load(const char *path, struct ledger_plan *ret, struct why *why);

#endif /* CLI_RUN_PLAN_H */
