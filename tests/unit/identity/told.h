/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* told.h - what a window and the kernel side tell of processes, in few words. */
#ifndef TESTS_UNIT_IDENTITY_TOLD_H
#define TESTS_UNIT_IDENTITY_TOLD_H

#include <string.h>

#include "identity/processes.h"

static inline void see(struct processes *p, uint32_t tgid, uint64_t start, uint32_t parent,
		       const char *comm)
{
	struct usage_row row = {
		.tgid = tgid, .pid = tgid, .start_boottime_ns = start, .parent_tgid = parent
	};

	memcpy(row.comm, comm, strlen(comm));
	processes_see(p, &row);
}

static inline void hear(struct processes *p, enum jt_name_kind kind, uint32_t tgid, uint64_t start,
			const char *text, size_t len)
{
	struct jt_name n = { .id = start, .kind = kind, .tgid = tgid, .len = (uint32_t)len };

	processes_hear(p, &n, text);
}

#define HEAR(p, kind, tgid, start, text) hear(p, kind, tgid, start, text, sizeof(text) - 1)

#endif /* TESTS_UNIT_IDENTITY_TOLD_H */
