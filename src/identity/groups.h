/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * groups.h - numbers for what time is grouped by: containers, units, users … A number means one
 * group for as long as the program runs, so that the maths needs no strings.
 */
#ifndef IDENTITY_GROUPS_H
#define IDENTITY_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Groups remembered at most; some 400 bytes each. */
#define GROUPS_MAX 65536

enum groups_class {
	GROUPS_NAMED = 0, /* by its key */
	GROUPS_NONE,	  /* "(none)": what belongs to no such thing; key is "" */
	GROUPS_KERNEL,	  /* "(kernel)": kernel threads likewise */
	GROUPS_UNKNOWN,	  /* "(unknown)": its cgroup's path is not to be had */
	GROUPS_OVERFLOW,  /* "(overflow)": time whose owner is lost */
	GROUPS_IRQ,	  /* "(interrupts)" */
	GROUPS_RESERVED,  /* "(reserved)": what a cgroup reserves, by what no cgroup has */
};

/* What a runtime calls it: lookups.h. Owned; NULL = not known. */
struct group_known {
	char *name;
	char *image;
	char *namespace;
	char *pod_name;
	char *labels;
};

struct group_lookup {
	bool is_asked;
	bool is_found;
	unsigned int n_tries;
	uint64_t next_tick; /* in which it may be asked again */
	struct group_known known;
};

struct group {
	uint64_t number; /* from 1 */
	enum groups_class class;
	char *key;	     /* tells two of one id apart: the place; "" for a class */
	char *id;	     /* as its owner knows it */
	const char *runtime; /* static; NULL = none */
	const char *qos;     /* static; NULL = none */
	char *pod;	     /* of a container; NULL = none */
	char *name;	     /* of a virtual machine, beside its id; NULL = not known */
	uint32_t tgid; /* the process that a virtual machine is, the last seen; 0 = not seen */
	uint32_t uid;  /* its user */
	bool nameless; /* its id is only made of tgid */
	uint64_t start_boottime_ns; /* its start */
	uint64_t used;		    /* groups_begin() that it was used after last */
	struct group_lookup lookup;
};

struct groups;

/* What a group is made of when it is new; copied. pod, runtime, qos may be NULL. */
struct groups_new_group {
	enum groups_class class;
	bool nameless;
	const char *key;
	const char *id;
	const char *runtime;
	const char *qos;
	const char *pod;
};

/* keep: nothing is forgotten for being old. Returns 0 or -ENOMEM. */
int groups_new(bool keep, struct groups **ret);
void groups_free(struct groups *g);

/*
 * A tick begins: forgets what was used in neither of the last two, unless told to keep it. What
 * there is no room for is in groups_n_forgotten().
 */
void groups_begin(struct groups *g);

/* The number of the group of that class and key, made where it is new. 0 = no memory. */
uint64_t groups_number(struct groups *g, const struct groups_new_group *n);

/* Whether the number is still known, which also marks it as used. */
bool groups_touch(struct groups *g, uint64_t number);

/* NULL = forgotten. Valid until the next groups_begin() or groups_number(). */
const struct group *groups_get(const struct groups *g, uint64_t number);

/* The same for the caller to bring up to date: name with strdup(), and its lookup. */
struct group *groups_at(struct groups *g, uint64_t number);

size_t groups_n(const struct groups *g);
uint64_t groups_n_forgotten(const struct groups *g);

#endif /* IDENTITY_GROUPS_H */
