/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * states.h - what the state files of runtimes say of a container. Pure; every text is a stranger's:
 * of what is no JSON, or too much or too deep of it, nothing is known.
 */
#ifndef RESOLVER_STATES_H
#define RESOLVER_STATES_H

#include <stddef.h>

#include "types/lookup.h"

/* Labels that are told of: names, comma-separated, "app,team"; "" = none. */

/* Docker's config.v2.json: name, image, labels; what kubelet tells Docker by labels. */
int states_read_docker(const char *text, size_t len, const char *labels, struct lookup_answer *ret);

/*
 * An OCI bundle's config.json with annotations as containerd's and CRI-O's CRI, or nerdctl, write
 * them. Returns -ENOENT where it has none of these.
 */
int states_read_bundle(const char *text, size_t len, const char *labels, struct lookup_answer *ret);

/*
 * containers.json of containers/storage, which Podman and CRI-O share: all containers, of which id
 * is one. Returns -ENOENT if it is not there.
 */
int states_read_storage(const char *text, size_t len, const char *id, struct lookup_answer *ret);

/* All of them: 0, ret filled in where the text says something; -EBADMSG, -E2BIG. */

/*
 * Kubelet's directory of a pod's logs, "NAMESPACE_POD_UID", and its link to a container's log,
 * "POD_NAMESPACE_CONTAINER-ID.log". Return 0, or -ENOENT if it is another's.
 */
int states_read_pod_directory(const char *name, const char *uid, struct lookup_answer *ret);
int states_read_log_link(const char *name, const char *id, struct lookup_answer *ret);

/*
 * Adds a label, if it is among the allowed ones: "app=web,team=blue", with a backslash before a
 * comma, an equals sign or a backslash of its own. What does not fit is left out as a whole.
 */
void states_put_label(const char *allowed, const char *name, const char *value,
		      char ret[LOOKUP_LABELS_LEN]);

#endif /* RESOLVER_STATES_H */
