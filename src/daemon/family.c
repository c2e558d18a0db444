/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* family.c - see family.h. */
#include "daemon/family.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "identity/procfs.h"
#include "jouletrail/units.h"

#define N_BUCKETS 16384 /* a power of two */
#define N_FIRST	  256
/* One that ended may have had a child that runs for the first time a window later. */
#define KEEP_WINDOWS 2
/* Of those that sleep so many are asked in a window whether they are still there. */
#define N_ASKED 64
/* What /proc cuts the start of a process to. */
#define COARSE_NS (10 * JT_NS_PER_MS)

struct node {
	uint32_t tgid; /* 0 = free */
	uint32_t next; /* in its bucket, or of the free ones */
	uint32_t parent_tgid;
	uint32_t parent; /* 0 = not known (yet) */
	uint32_t root[FAMILY_N_ROOTS];
	uint64_t start_ns;
	uint64_t ran; /* number of the window in which it ran last */
	uint64_t ran_before;
	uint64_t ended;	 /* number of the window in which it was found gone; 0 = it lives */
	uint64_t marked; /* number of the window in which family_mark() was asked */
	uint64_t known;	 /* number of the window that nearest is of */
	uint32_t nearest;
	bool coarse;	  /* start_ns is /proc's */
	bool nameless;	  /* its id is another's by now: in no bucket */
	bool all_ended;	  /* all its rows of this window */
	bool parent_done; /* was looked for */
};

struct family {
	char root[FS_PATH_LEN];
	family_clock_fn *clock;
	uint64_t number;
	size_t n_lookups; /* in this window */
	bool is_short;	  /* so */
	size_t n;
	uint32_t n_used; /* node[1 … n_used] have been used */
	uint32_t capacity;
	uint32_t free;
	uint32_t next_asked;
	uint32_t bucket[N_BUCKETS];
	struct node *node;
};

int family_new(const char *root, family_clock_fn *clock, struct family **ret)
{
	struct family *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	snprintf(f->root, sizeof(f->root), "%s", root ? root : "");
	f->clock = clock;
	f->number = 1;
	*ret = f;
	return 0;
}

void family_free(struct family *f)
{
	if (!f)
		return;
	free(f->node);
	free(f);
}

void family_clear(struct family *f)
{
	if (!f->n_used)
		return;
	memset(f->bucket, 0, sizeof(f->bucket));
	free(f->node);
	f->node = NULL;
	f->n = f->n_used = f->capacity = f->free = f->next_asked = 0;
}

uint64_t family_clock(uint32_t tgid)
{
	clockid_t clock;

	return clock_getcpuclockid((pid_t)tgid, &clock) ? FAMILY_GONE : clock_read_ns(clock);
}

static bool is_there(const struct family *f, uint32_t tgid)
{
	return f->clock(tgid) != FAMILY_GONE;
}

static uint32_t *bucket_of(struct family *f, uint32_t tgid)
{
	return &f->bucket[tgid * UINT32_C(2654435761) >> 18 & (N_BUCKETS - 1)];
}

static uint32_t find(struct family *f, uint32_t tgid)
{
	uint32_t i = *bucket_of(f, tgid);

	while (i && f->node[i].tgid != tgid)
		i = f->node[i].next;
	return i;
}

static bool grow(struct family *f)
{
	uint32_t capacity = f->capacity ? 2 * f->capacity : N_FIRST;
	struct node *bigger;

	if (capacity > FAMILY_MAX)
		return false;
	bigger = reallocarray(f->node, capacity + 1, sizeof(*bigger));
	if (!bigger)
		return false;
	f->node = bigger;
	f->capacity = capacity;
	return true;
}

static uint32_t make(struct family *f, uint32_t tgid, uint64_t start_ns, uint32_t parent_tgid)
{
	uint32_t i = f->free, *bucket = bucket_of(f, tgid);

	if (i)
		f->free = f->node[i].next;
	else if (f->n_used < f->capacity || grow(f))
		i = ++f->n_used;
	else
		f->is_short = true;
	if (!i)
		return 0;
	f->node[i] = (struct node){
		.tgid = tgid, .next = *bucket, .parent_tgid = parent_tgid, .start_ns = start_ns
	};
	*bucket = i;
	f->n++;
	return i;
}

static bool is_root(const struct node *n)
{
	return n->root[FAMILY_TREE] || n->root[FAMILY_ALONE];
}

static void take_out(struct family *f, uint32_t i)
{
	uint32_t *at = bucket_of(f, f->node[i].tgid);

	if (f->node[i].nameless)
		return;
	while (*at != i)
		at = &f->node[*at].next;
	*at = f->node[i].next;
	f->node[i].nameless = true;
}

static void forget(struct family *f, uint32_t i)
{
	take_out(f, i);
	f->node[i] = (struct node){ .next = f->free };
	f->free = i;
	f->n--;
}

/* From /proc, within the window's bound. */
static uint32_t look_up(struct family *f, uint32_t tgid)
{
	struct procfs_process p = { .parent_tgid = 0 };
	char path[32], text[1024];
	uint32_t i;

	snprintf(path, sizeof(path), "proc/%u/stat", tgid);
	if (fs_read_text(f->root, path, text, sizeof(text), NULL) || procfs_parse_stat(text, &p))
		return 0;
	i = make(f, tgid, p.start_boottime_ns, p.parent_tgid);
	if (i)
		f->node[i].coarse = true;
	return i;
}

uint32_t family_process(struct family *f, uint32_t tgid)
{
	uint32_t i = find(f, tgid);

	if (i && (f->node[i].ended || !is_there(f, tgid)))
		return 0;
	return i ? i : look_up(f, tgid);
}

/* Whether the node is the process that was started then. */
static bool is_started_at(const struct node *n, uint64_t start_ns)
{
	const struct procfs_process p = { .start_boottime_ns = n->start_ns };

	return n->coarse ? procfs_is_started_at(&p, start_ns) : n->start_ns == start_ns;
}

/* Its id is another's: it has ended. */
static void replace(struct family *f, uint32_t i)
{
	take_out(f, i);
	if (!f->node[i].ended)
		f->node[i].ended = f->number;
}

uint32_t family_row(struct family *f, const struct usage_row *row)
{
	uint32_t i = row->tgid ? find(f, row->tgid) : 0;
	struct node *n;

	if (!row->tgid)
		return 0;
	if (i && !is_started_at(&f->node[i], row->start_boottime_ns)) {
		/* Its id was given to another, whose rows may both be in this window. */
		if (f->node[i].start_ns > row->start_boottime_ns)
			return 0;
		replace(f, i);
		i = 0;
	}
	if (!i)
		i = make(f, row->tgid, row->start_boottime_ns, row->parent_tgid);
	if (!i)
		return 0;
	n = &f->node[i];
	n->start_ns = row->start_boottime_ns;
	n->coarse = false;
	/* The parent at its birth, where /proc told who it is given to. */
	if (!n->parent_done)
		n->parent_tgid = row->parent_tgid;
	if (n->ran != f->number) {
		n->ran_before = n->ran;
		n->ran = f->number;
		n->all_ended = true;
	}
	n->all_ended &= row->ended;
	return i;
}

bool family_mark(struct family *f, uint32_t member)
{
	bool is_first = f->node[member].marked != f->number;

	f->node[member].marked = f->number;
	return is_first;
}

static bool is_younger(const struct node *a, const struct node *b)
{
	return a->start_ns >= b->start_ns + (b->coarse ? COARSE_NS : 1);
}

/* The parent, looked for where that was not done. 0 = it has none that is known. */
static uint32_t parent_of(struct family *f, uint32_t i)
{
	uint32_t parent_tgid = f->node[i].parent_tgid, p;

	if (f->node[i].parent_done || !parent_tgid)
		return f->node[i].parent;
	p = find(f, parent_tgid);
	if (!p) {
		if (f->n_lookups >= FAMILY_MAX_LOOKUP) {
			f->is_short = true;
			return 0; /* in the next window */
		}
		f->n_lookups++;
		p = look_up(f, parent_tgid); /* may move the nodes */
	}
	/* Nobody is younger than his child: that one has his id since. */
	if (p && is_younger(&f->node[p], &f->node[i]))
		p = 0;
	f->node[i].parent = p;
	f->node[i].parent_done = true;
	return p;
}

uint32_t family_nearest(struct family *f, uint32_t member)
{
	uint32_t i = member, nearest = 0, n_steps = 0;

	/* Up to a root, or to one whose answer is known. */
	while (i && n_steps++ <= f->n_used) {
		if (f->node[i].known == f->number) {
			nearest = f->node[i].nearest;
			break;
		}
		if (f->node[i].root[FAMILY_TREE]) {
			nearest = f->node[i].root[FAMILY_TREE];
			break;
		}
		i = parent_of(f, i);
	}
	for (uint32_t k = member; k && f->node[k].known != f->number; k = f->node[k].parent) {
		f->node[k].known = f->number;
		f->node[k].nearest = nearest;
		if (k == i)
			break;
	}
	return nearest;
}

uint32_t family_outer(struct family *f, uint32_t member)
{
	uint32_t parent = parent_of(f, member);

	return parent ? family_nearest(f, parent) : 0;
}

uint32_t *family_root(struct family *f, uint32_t member, enum family_root kind)
{
	return &f->node[member].root[kind];
}

struct family_member family_get(const struct family *f, uint32_t member)
{
	const struct node *n = &f->node[member];

	return (struct family_member){ n->tgid, n->start_ns, n->ran_before };
}

void family_begin(struct family *f, uint64_t number)
{
	f->number = number;
	f->n_lookups = 0;
	f->is_short = false;
}

/* Of those that slept some are asked for in turn. */
static bool is_asked(const struct family *f, uint32_t i)
{
	return i - f->next_asked < N_ASKED;
}

/* A root is kept as long as it is one: by it its descendants are known. */
static bool is_over(const struct family *f, const struct node *n)
{
	return n->ended && n->ended + KEEP_WINDOWS <= f->number && !is_root(n);
}

/* Links past those that are to be forgotten. */
static void adopt(struct family *f, struct node *n)
{
	while (n->parent && is_over(f, &f->node[n->parent]))
		n->parent = f->node[n->parent].parent;
}

void family_end(struct family *f)
{
	for (uint32_t i = 1; i <= f->n_used; i++) {
		struct node *n = &f->node[i];
		bool may_be_gone = n->ran == f->number ? n->all_ended : is_asked(f, i);

		if (n->tgid && !n->ended && may_be_gone && !is_there(f, n->tgid))
			n->ended = f->number;
	}
	/* A parent that is not known yet may be among those that go. */
	for (uint32_t i = 1; i <= f->n_used; i++) {
		if (f->node[i].tgid && !f->node[i].parent_done && f->node[i].ended)
			parent_of(f, i);
	}
	for (uint32_t i = 1; i <= f->n_used; i++)
		if (f->node[i].tgid)
			adopt(f, &f->node[i]);
	for (uint32_t i = 1; i <= f->n_used; i++)
		if (f->node[i].tgid && is_over(f, &f->node[i]))
			forget(f, i);
	f->next_asked = f->next_asked + N_ASKED > f->n_used ? 0 : f->next_asked + N_ASKED;
}

/* Is the root the member's, or one of its ancestors'? */
static bool descends(const struct family *f, uint32_t member, uint32_t root)
{
	for (uint32_t n_steps = 0; member && n_steps <= f->n_used; n_steps++) {
		if (f->node[member].root[FAMILY_TREE] == root)
			return true;
		member = f->node[member].parent;
	}
	return false;
}

uint64_t family_n_alive(struct family *f, uint32_t root)
{
	uint64_t n = 0;

	for (uint32_t i = 1; i <= f->n_used; i++)
		n += f->node[i].tgid && !f->node[i].ended && descends(f, i, root) &&
		     is_there(f, f->node[i].tgid);
	return n;
}

bool family_is_short(const struct family *f)
{
	return f->is_short;
}

size_t family_n(const struct family *f)
{
	return f->n;
}
