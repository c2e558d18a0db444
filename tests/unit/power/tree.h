/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.h - made-up /sys, /proc and /dev below a folder of its own, and windows over it. */
#ifndef TESTS_UNIT_POWER_TREE_H
#define TESTS_UNIT_POWER_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <criterion/criterion.h>

#include "power/power.h"

#define SECOND UINT64_C(1000000000)
#define J      UINT64_C(1000000)

struct tree {
	char root[64];
	struct power *p;
	struct energy e;
	struct usage u;
	struct why why;
};

static inline void tree_begin(struct tree *t)
{
	memset(t, 0, sizeof(*t));
	strcpy(t->root, "/tmp/jouletrail-tree-XXXXXX");
	cr_assert_not_null(mkdtemp(t->root));
}

static inline void tree_end(struct tree *t)
{
	char cmd[128];

	power_free(t->p);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", t->root);
	cr_expect_eq(system(cmd), 0);
}

/* Opens root/path for writing, with the folders it lies in. */
static inline int tree_open(const struct tree *t, const char *path, int flags)
{
	char full[512];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", t->root, path);
	for (char *slash = strchr(full + strlen(t->root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		cr_assert(!mkdir(full, 0755) || errno == EEXIST, "%s", full);
		*slash = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
	cr_assert_geq(fd, 0, "%s", full);
	return fd;
}

/* The file has this text and a newline. */
__attribute__((format(printf, 3, 4))) static inline void tree_file(const struct tree *t,
								   const char *path,
								   const char *fmt, ...)
{
	int fd = tree_open(t, path, O_TRUNC);
	va_list ap;

	va_start(ap, fmt);
	cr_assert_geq(vdprintf(fd, fmt, ap), 0);
	va_end(ap);
	cr_assert_eq(write(fd, "\n", 1), 1);
	close(fd);
}

static inline void tree_remove(const struct tree *t, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", t->root, path);
	cr_assert_eq(unlink(full), 0);
}

/* A CPU of the topology. */
static inline void tree_cpu(const struct tree *t, unsigned int cpu, int package, int die)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/physical_package_id",
		 cpu);
	tree_file(t, path, "%d", package);
	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/die_id", cpu);
	tree_file(t, path, "%d", die);
}

static inline int tree_try(struct tree *t, const char *meter, const struct power_hooks *hooks)
{
	const struct power_options o = { .meter = meter, .root = t->root, .hooks = hooks };

	return power_new(&o, &t->p, &t->why);
}

static inline void tree_start(struct tree *t, const char *meter, const struct power_hooks *hooks)
{
	int err = tree_try(t, meter, hooks);

	cr_assert_eq(err, 0, "%s", t->why.text);
}

/* Ends a window of ms. */
static inline void tree_window(struct tree *t, uint64_t ms)
{
	struct window *w = &t->u.window;

	w->begin_mono_ns = w->end_mono_ns;
	w->begin_real_us = w->end_real_us;
	w->end_mono_ns += ms * 1000000;
	w->end_real_us += (int64_t)ms * 1000;
	cr_assert_eq(power_read(t->p, &t->u, &t->e), 0);
}

static inline int tree_find(const struct energy *e, const char *name)
{
	for (size_t i = 0; i < e->n_domains; i++)
		if (!strcmp(e->domain[i].name, name))
			return (int)i;
	cr_assert(false, "no domain %s", name);
	return -1;
}

static inline const struct energy_reading *tree_reading(const struct tree *t, const char *name)
{
	return &t->e.reading[tree_find(&t->e, name)];
}

/* The reason of the domain's gap; "" = none. */
static inline const char *tree_gap(const struct tree *t, const char *name)
{
	for (size_t i = 0; i < t->e.n_gaps; i++)
		if (t->e.gap[i].domain == tree_find(&t->e, name))
			return t->e.gap[i].reason;
	return "";
}

/* Every domain's name, * = counted. */
static inline void tree_expect_domains(const struct tree *t, const char *want)
{
	const struct energy *e = power_domains(t->p);
	char got[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < e->n_domains; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s%s", len ? " " : "",
					e->domain[i].name, e->domain[i].counted ? "*" : "");
	cr_expect_str_eq(got, want, "%s", got);
}

#endif /* TESTS_UNIT_POWER_TREE_H */
