/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline_rows.c - see pipeline_rows.h: what --by says. */
#include "cli/pipeline_rows.h"

#include <errno.h>

#include "base/log.h"

int pipeline_settings_by(const struct pipeline_settings *s, enum record_kind by,
			 enum record_kind *ret)
{
	if (!s->by) {
		*ret = by;
		return 0;
	}
	if (!record_kind_parse(s->by, ret))
		return 0;
	log_error("--by %s: give one of process, thread, comm, cgroup, container, pod, unit, "
		  "slice, user, session, vm",
		  s->by);
	return -EINVAL;
}
