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

#endif /* IDENTITY_IDENTITY_H */
