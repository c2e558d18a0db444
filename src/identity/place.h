/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * place.h - what a cgroup's path says: which container, pod, unit, slice, session and virtual
 * machine it belongs to. Pure. One table of patterns holds every runtime's way of naming.
 *
 * What stands first in the path wins: whatever a container makes below itself is the container's,
 * whoever it pretends to be.
 */
#ifndef IDENTITY_PLACE_H
#define IDENTITY_PLACE_H

#include <stddef.h>

enum place_what {
	PLACE_CONTAINER = 0,
	PLACE_POD,     /* of Kubernetes or Podman */
	PLACE_UNIT,    /* of systemd; of a user's own systemd below user@UID.service */
	PLACE_SLICE,   /* the innermost of those that the path begins with */
	PLACE_SESSION, /* of logind */
	PLACE_VM,
	PLACE_N_WHATS,
};

/* What a path may have in a key; what is longer is not told apart. */
#define PLACE_MAX_PATH 4096
/* Room for the name of one directory. */
#define PLACE_ID_LEN 256

/*
 * One of them. id: as its owner knows it: systemd's escapes undone in names of containers and
 * virtual machines, a pod's UID with its dashes; the units' own names keep them, as systemctl shows
 * them. len: how much of the path names it, so that equal ids in two places are two.
 */
struct place_name {
	char id[PLACE_ID_LEN]; /* "" = none */
	size_t len;
};

struct place {
	struct place_name name[PLACE_N_WHATS];
	const char
		*runtime; /* of the container or VM: "docker", "podman", …; static; NULL = none */
	const char *qos;  /* Kubernetes: "guaranteed", "burstable", "besteffort"; NULL = none */
};

/* path: from the hierarchy's root, "/a/b"; bytes. */
void place_parse(const char *path, struct place *ret);

#endif /* IDENTITY_PLACE_H */
