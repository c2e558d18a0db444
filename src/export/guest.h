/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guest.h - a guest's energy as files that look like powercap's (jouletrail/guest.h), one folder
 * per guest, to be shared with it.
 *
 * Whoever shares a folder with write access may do in it what he likes: no link in it is followed,
 * nothing that is not a plain file is read, and what is wrong there is his own energy.
 */
#ifndef EXPORT_GUEST_H
#define EXPORT_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"
#include "types/energy.h"

/* Folders of guests; where there are as many, none is made for a new one. None is ever removed. */
#define GUEST_MAX_FOLDERS 1024
/* A file's name with its NUL. */
#define GUEST_NAME_LEN 256
/* What a folder is made with: its owner writes, the guest's group reads, nobody else looks in. */
#define GUEST_FOLDER_MODE 0750

struct guest_dir;
struct guest_tree;

/*
 * The folder of all guests; made (0755) where only it is missing. Nobody but its owner, who is
 * root, the user owner or this process, may be able to write there, and one process at a time uses
 * it.
 *
 * Returns 0 (*ret is the caller's, for guest_dir_free()); -EBUSY: another process does; -EPERM:
 * others may write there; -errno; why says more.
 */
int guest_dir_open(const char *path, uid_t owner, struct guest_dir **ret, struct why *why);
/* After all of its trees. */
void guest_dir_free(struct guest_dir *d);

/*
 * The name of the guest's folder: of id, letters, digits, '.', '_' and '-' as they are, all other
 * bytes and a '.' in front as %2F; so that no two ids have one name, and none leads elsewhere.
 * Returns 0; -EINVAL for an empty id; -ENAMETOOLONG.
 */
int guest_name(const char *id, char ret[GUEST_NAME_LEN]);

/* Whether anything of that name is there. */
bool guest_dir_has(const struct guest_dir *d, const char *name);

/*
 * Opens the folder of that name, as far as it is there, makes what is not, and goes on from the
 * energy that it has; rubbish counts as none. gid: who is to read it, (gid_t)-1 = leave it: the
 * folder's group, or by an entry of its access list where it may not be given away. A
 * folder that is there keeps its owner and mode; its group too, unless it is this process's own
 * with GUEST_FOLDER_MODE.
 *
 * d must live as long. Returns 0 (*ret is the caller's, for guest_tree_free()), with a note in why
 * where the group could not be set; -EDQUOT for too many folders; -errno; with why.
 */
int guest_tree_open(struct guest_dir *d, const char *name, gid_t gid, struct guest_tree **ret,
		    struct why *why);
void guest_tree_free(struct guest_tree *t);

/* To be told with the next write, however often that fails: this much more energy, one more gap. */
void guest_tree_add(struct guest_tree *t, uint64_t energy_uj);
void guest_tree_add_gap(struct guest_tree *t);

/* How good the figures are: see jouletrail/guest.h. */
struct guest_quality {
	enum energy_quality quality;
	uint64_t update_ns;
	uint64_t low_ppm;
	uint64_t high_ppm;
};

/* Returns 0 or -errno; then what was there before is still there, whole. */
int guest_tree_write(struct guest_tree *t, const struct guest_quality *q);

/* The counter, energy_uj more: it goes round behind JT_GUEST_RANGE_UJ. value <= range. */
uint64_t guest_count(uint64_t value_uj, uint64_t energy_uj);

#endif /* EXPORT_GUEST_H */
