/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* audit.c - see audit.h. */
#include "daemon/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

/* The kernel's figure right before and right after a flush. */
struct audit_pair {
	uint64_t before_ns;
	uint64_t after_ns;
};

struct audit {
	struct identity *identity;
	int dir_fd;  /* of the cgroup under audit; -1 = none */
	int stat_fd; /* its account */
	uint64_t cgroup_id;
	uint32_t v1;		/* JT_CELL_V1_CGRP or 0 */
	unsigned int n_windows; /* that have ended since it was chosen */
	bool failed;
	struct audit_pair begin, end;
	uint64_t cells_ns;
	struct record_audit found;
};

int audit_new(struct identity *id, struct audit **ret)
{
	struct audit *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->identity = id;
	a->dir_fd = a->stat_fd = -1;
	*ret = a;
	return 0;
}

static void audit_leave(struct audit *a)
{
	cleanup_close(&a->dir_fd);
	cleanup_close(&a->stat_fd);
	a->dir_fd = a->stat_fd = -1;
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	audit_leave(a);
	free(a);
}

/* "usage_usec 123" of cpu.stat, or the whole file in ns on v1. */
static int audit_read(const struct audit *a, uint64_t *ret_ns)
{
	static const char key[] = "usage_usec ";
	char text[1024], *value = text;
	uint64_t number = 0;
	int err = fs_pread_text(a->stat_fd, text, sizeof(text), NULL);

	if (!err && !a->v1) {
		value = strstr(text, key);
		if (!value)
			return -ENODATA;
		value += sizeof(key) - 1;
		value[strcspn(value, "\n")] = '\0';
	}
	if (!err)
		err = fs_parse_u64(value, &number);
	if (!err)
		*ret_ns = a->v1 ? number : number * JT_NS_PER_US;
	return err;
}

/* A directory without subdirectories has two links; children would be in the kernel's figure. */
static bool audit_is_leaf(const struct audit *a)
{
	struct stat st;

	return fstat(a->dir_fd, &st) == 0 && st.st_nlink == 2;
}

/* Opens the cgroup for an audit. Returns whether it can be audited. */
static bool audit_enter(struct audit *a, uint64_t cgroup_id, uint32_t v1)
{
	a->cgroup_id = cgroup_id;
	a->v1 = v1;
	a->n_windows = 0;
	a->cells_ns = 0;
	a->failed = false;
	a->dir_fd = identity_open_cgroup(a->identity, cgroup_id, v1);
	if (a->dir_fd >= 0 && audit_is_leaf(a))
		a->stat_fd =
			openat(a->dir_fd, v1 ? "cpuacct.usage" : "cpu.stat", O_RDONLY | O_CLOEXEC);
	if (a->stat_fd >= 0)
		return true;
	audit_leave(a);
	return false;
}

/* In turn: the least id above the last one's among those that ran, else the least of all. */
static void audit_choose(struct audit *a, const struct usage *u)
{
	const struct usage_row *next = NULL, *least = NULL;

	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *r = &u->rows[i];

		if (r->cgroup_id == 0 || r->ended)
			continue;
		if (!least || r->cgroup_id < least->cgroup_id)
			least = r;
		if (r->cgroup_id > a->cgroup_id && (!next || r->cgroup_id < next->cgroup_id))
			next = r;
	}
	next = next ? next : least;
	if (next)
		audit_enter(a, next->cgroup_id, next->flags & JT_CELL_V1_CGRP);
}

void audit_judge(uint64_t cells_ns, uint64_t low_ns, uint64_t high_ns, struct record_audit *to)
{
	uint64_t residue_ns = cells_ns < low_ns	   ? low_ns - cells_ns
			      : cells_ns > high_ns ? cells_ns - high_ns
						   : 0;

	to->n_audits++;
	to->cells_ns += cells_ns;
	to->slack_ns += high_ns - low_ns;
	to->residue_ns += residue_ns;
	if (residue_ns > AUDIT_BREACH_NS && residue_ns / AUDIT_BREACH_PPM > cells_ns / JT_PPM_PER_1)
		to->n_breaches++;
}

/* The figures of one audit are whole: judges them, unless something came between. */
static void audit_conclude(struct audit *a)
{
	uint64_t low_ns =
		a->end.before_ns > a->begin.after_ns ? a->end.before_ns - a->begin.after_ns : 0;
	uint64_t high_ns = a->end.after_ns - a->begin.before_ns;

	if (a->failed || !audit_is_leaf(a) || a->end.after_ns < a->begin.before_ns)
		a->found.n_abandoned++;
	else
		/* The kernel's figure on v2 is cut to microseconds. */
		audit_judge(a->cells_ns, low_ns > JT_NS_PER_US ? low_ns - JT_NS_PER_US : 0,
			    high_ns + JT_NS_PER_US, &a->found);
	audit_leave(a);
}

void audit_before(struct audit *a)
{
	if (a->stat_fd < 0)
		return;
	if (a->n_windows == 0)
		a->failed |= audit_read(a, &a->begin.before_ns) != 0;
	else if (a->n_windows == AUDIT_WINDOWS)
		a->failed |= audit_read(a, &a->end.before_ns) != 0;
}

void audit_after(struct audit *a, const struct usage *u)
{
	if (a->stat_fd < 0) {
		audit_choose(a, u);
		return;
	}
	if (a->n_windows == 0) {
		a->failed |= audit_read(a, &a->begin.after_ns) != 0;
		a->n_windows++;
		return;
	}
	for (size_t i = 0; i < u->n_rows; i++) {
		if (u->rows[i].cgroup_id == a->cgroup_id &&
		    (u->rows[i].flags & JT_CELL_V1_CGRP) == a->v1)
			a->cells_ns += u->rows[i].total_ns;
		/* The global cell: tasks that lost their detail before may be the cgroup's. */
		a->failed |= u->rows[i].cgroup_id == 0;
	}
	/* Detail that was lost, or a slice that waits for the next window, is not the cgroup's. */
	a->failed |= u->losses.n_no_cell || u->losses.untracked_ns || u->losses.n_unflushed;
	if (a->n_windows++ < AUDIT_WINDOWS)
		return;
	a->failed |= audit_read(a, &a->end.after_ns) != 0;
	audit_conclude(a);
}

struct record_audit audit_take(struct audit *a)
{
	struct record_audit found = a->found;

	a->found = (struct record_audit){ 0 };
	return found;
}
