/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * files.h - opens what names code: mapped files, perf maps, kallsyms. Nothing of them is read here.
 *
 * The paths are told by the processes themselves: only regular files are opened, below the
 * process's own root, and without following what would lead out of it.
 */
#ifndef STACKS_FILES_H
#define STACKS_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stacks/spaces.h"

/* root: proc/ below it; "" = "/". */
struct files {
	const char *root;
	size_t n_open;
};

#define FILES_MAX_OPEN 4096 /* further ones stay unresolved */

/* The file that m of process tgid is of: through the process while it lives, else by its path. */
void files_open_mapped(struct files *f, struct source *s, uint32_t tgid, const struct space_map *m);

/*
 * /tmp/perf-PID.map, by the process's own root and number, else by ours; only where it belongs to
 * the user of the process or to root. uid_known: the process may be gone. May be tried again.
 */
void files_open_perf_map(struct files *f, struct source *s, uint32_t tgid);

/* /proc/kallsyms, with the right to addresses that this process has now. */
void files_open_kallsyms(struct files *f, struct source *s);

#endif /* STACKS_FILES_H */
