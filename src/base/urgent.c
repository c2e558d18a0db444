/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* urgent.c - see urgent.h. */
#include "base/urgent.h"

#include <sched.h>

static _Thread_local bool refused;

bool urgent_begin(void)
{
	/* Children that the thread may fork meanwhile are ordinary. */
	struct sched_param p = { .sched_priority = 1 };

	if (refused || (sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) != SCHED_OTHER)
		return false;
	refused = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &p) != 0;
	return !refused;
}

void urgent_end(bool raised)
{
	struct sched_param p = { .sched_priority = 0 };

	if (!raised || sched_setscheduler(0, SCHED_OTHER, &p) == 0)
		return;
	/* Who has only RLIMIT_RTPRIO may lower the priority and not take the flag back. */
	sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &p);
}
