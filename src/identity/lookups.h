/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lookups.h - what only a runtime knows of containers and pods: remembered, and what is to be asked
 * of whoever looks into its state. Who asks, and when, is not decided here.
 */
#ifndef IDENTITY_LOOKUPS_H
#define IDENTITY_LOOKUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "identity/groups.h"
#include "identity/place.h"
#include "types/lookup.h"

struct lookups;

/* keep: as groups_new(). Returns 0 or -ENOMEM. */
int lookups_new(bool keep, struct lookups **ret);
void lookups_free(struct lookups *l);

/* A tick begins: forgets what was asked for in neither of the last two, unless told to keep it. */
void lookups_begin(struct lookups *l);

/*
 * What is known of the container, or of the pod, that the path is in; NULL = nothing. It is put
 * where questions are taken from when it is new, and a few times more as long as nothing is known:
 * state may be written after the cgroup is made. Valid until the next lookups_begin() or
 * lookups_answer().
 */
const struct group_known *lookups_get(struct lookups *l, const char *path,
				      const struct place *place, enum place_what what);

/* The next question; false = none. */
bool lookups_next(struct lookups *l, struct lookup_question *ret);

/* An answer; of a question that is forgotten it is dropped. */
void lookups_answer(struct lookups *l, const struct lookup_answer *a);

#endif /* IDENTITY_LOOKUPS_H */
