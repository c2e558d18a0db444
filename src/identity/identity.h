/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * identity.h - the names of consumers: what a cgroup's path stands for, what a process executes,
 * whose it is; and which consumer a usage row belongs to.
 *
 * In every window: identity_hear() for what the kernel side tells, then identity_group(). At the
 * end of a tick: identity_run().
 */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "jouletrail/names.h"
#include "types/lookup.h"
#include "types/record.h"

struct identity;

struct identity_options {
	const char *root;    /* /sys/fs/cgroup, /proc and /etc are taken below it; NULL = "/" */
	enum record_kind by; /* what identity_group() groups by */
	bool keep;     /* names of what is over are kept, as far as there is room: for a total */
	bool cmdlines; /* command lines too: they can hold secrets */
	bool vms;      /* for identity_vm() */
	bool lookups;  /* somebody will answer identity_next_question() */
};

/* Returns 0 or -errno. */
int identity_new(const struct identity_options *o, struct identity **ret);
void identity_free(struct identity *id);

/*
 * Looks at all cgroups that there are, and at what processes execute where that is asked for: after
 * the kernel side has begun to tell of new ones, and before any that is there may go, or the right
 * to look does.
 */
void identity_seed(struct identity *id);

/* One name from the kernel side; as a sched_name_fn, with arg the identity. */
void identity_hear(const struct jt_name *n, const char *text, void *arg);

/* Fills group in all rows where `by` is a group, and remembers who ran. Returns 0 or -ENOMEM. */
int identity_group(struct identity *id, const struct usage *u);

/*
 * Fills id, name, cgroup and labels of every sample; what cannot be known stays NULL. The strings
 * are owned by id and valid until its next call. Returns 0 or -ENOMEM.
 */
int identity_run(struct identity *id, struct tick *t);

/*
 * A virtual machine. id: as its owner knows it, by libvirt's scope, Proxmox' number or QEMU's
 * -name; else its UUID, else "pid-4711". key tells apart two of one id: the place in the hierarchy
 * of cgroups, or the process. Owned by the identity, valid until its next call.
 */
struct identity_vm {
	const char *id;
	const char *key;
	bool nameless;	/* its id is "pid-4711": nobody gave it a name */
	bool by_system; /* run by root, or in a cgroup that only the system makes */
	uint32_t tgid;	/* the process; 0 = only others of its cgroup have been seen */
	uint64_t start_boottime_ns;
};

/*
 * The number of the virtual machine that the row belongs to: its process, its vCPUs' threads, the
 * kernel's workers for it, and all else in its cgroup. 0 = none. Needs options.vms, and the
 * window's identity_group() before.
 */
uint64_t identity_vm(struct identity *id, const struct usage_row *row);

/* False = forgotten. */
bool identity_vm_get(struct identity *id, uint64_t number, struct identity_vm *ret);

/* Whether its process still runs; and the group that it runs as: 0 or -errno. */
bool identity_vm_is_alive(struct identity *id, const struct identity_vm *vm);
int identity_vm_gid(struct identity *id, const struct identity_vm *vm, uint32_t *ret);

/* Names given up for want of room since the last call. */
uint64_t identity_take_forgotten(struct identity *id);

/*
 * What is to be asked of who can look into the runtimes' state, when something is (true); and the
 * answer, whenever it comes. What is not answered by the end of a tick has no such names in it.
 */
bool identity_next_question(struct identity *id, struct lookup_question *ret);
void identity_answer(struct identity *id, const struct lookup_answer *a);

/*
 * Opens the directory of a cgroup; v1 as in struct usage_row's flags, JT_CELL_V1_CGRP or 0.
 * Returns the caller's file descriptor, or -errno; the hierarchy's root is -EISDIR.
 */
int identity_open_cgroup(struct identity *id, uint64_t cgroup_id, uint32_t v1);

#endif /* IDENTITY_IDENTITY_H */
