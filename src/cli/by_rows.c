/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* by_rows.c - see by_rows.h: what --by says. */
#include "cli/by_rows.h"

#include <errno.h>

#include "base/log.h"

int by_rows_kind(const char *word, enum record_kind by, enum record_kind *ret)
{
	if (!word) {
		*ret = by;
		return 0;
	}
	if (!record_kind_parse(word, ret))
		return 0;
	log_error("--by %s: give one of process, thread, comm, cgroup, container, pod, unit, "
		  "slice, user, session, vm",
		  word);
	return -EINVAL;
}
