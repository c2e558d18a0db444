/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuse.h - shows the tree at a mount point until a signal ends it. */
#ifndef RAPLSIM_FUSE_H
#define RAPLSIM_FUSE_H

#include "base/why.h"
#include "raplsim/faults.h"
#include "raplsim/model.h"
#include "raplsim/tree.h"
#include "raplsim/truth.h"

struct sim {
	struct model model;
	struct faults faults;
	struct tree tree;
	struct truth truth;
	uint64_t poll_ns; /* how often processes are looked for while nobody reads */
};

/* Mounts, serves, unmounts. 0 after SIGINT, SIGTERM, SIGHUP or umount; else -errno with why. */
int fuse_serve(struct sim *s, const char *mount_point, struct why *why);

#endif /* RAPLSIM_FUSE_H */
