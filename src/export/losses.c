/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* losses.c - what is meant by each count of what was lost. */
#include <stdbool.h>
#include <stddef.h>

#include "export/export.h"

/* As ticks have them in `lost`; what is said of a number of them. */
static const struct {
	const char *member;
	const char *what;
} losses[] = {
	{ "n_no_cell", "tasks counted with others (--max-tasks)" },
	{ "n_no_storage", "tasks without storage" },
	{ "n_unsplit", "slices across a cgroup move that was not split" },
	{ "n_unread", "slices without a reading of the PMU" },
	{ "n_cgroup_names", "cgroups that came or went untold" },
	{ "n_exec_names", "programs that were started untold" },
	{ "n_forgotten", "names forgotten, for want of room" },
	{ "n_backwards", "steps of a clock that went back" },
	{ "n_unflushed", "busy CPUs whose last slice was carried on" },
};

bool export_loss(size_t i, const char **ret_member, const char **ret_what)
{
	if (i >= sizeof(losses) / sizeof(losses[0]))
		return false;
	*ret_member = losses[i].member;
	*ret_what = losses[i].what;
	return true;
}
