/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* identity.h - the names of consumers: cgroup paths and what they stand for. */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "types/record.h"

struct identity;

/* root: /sys/fs/cgroup is taken below it; NULL = "/". Returns 0 or -errno. */
int identity_new(const char *root, struct identity **ret);
void identity_free(struct identity *id);

/*
 * Fills name and cgroup of every sample; what cannot be known stays NULL. The strings are owned by
 * id and valid until its next call.
 */
int identity_run(struct identity *id, struct tick *t);

/*
 * Opens the directory of a cgroup; v1 as in struct usage_row's flags, JT_CELL_V1_CGRP or 0.
 * Returns the caller's file descriptor, or -errno; the hierarchy's root is -EISDIR.
 */
int identity_open_cgroup(struct identity *id, uint64_t cgroup_id, uint32_t v1);

#endif /* IDENTITY_IDENTITY_H */
