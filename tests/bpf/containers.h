/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * containers.h - names beside an instance, and containers that come and go: a cgroup with a name as
 * a runtime gives it, a process born in it, its account, its end.
 */
#ifndef TESTS_BPF_CONTAINERS_H
#define TESTS_BPF_CONTAINERS_H

#include "bpf/group.h"
#include "identity/identity.h"

static struct identity *names;
static struct tick *names_tick;

static inline void names_open(enum record_kind by, bool cmdlines)
{
	const struct identity_options o = { .by = by, .cmdlines = cmdlines };

	names_tick = calloc(1, sizeof(*names_tick));
	cr_assert(names_tick && !identity_new(&o, &names));
	identity_seed(names);
}

static inline void names_close(void)
{
	identity_free(names);
	names = NULL;
	free(names_tick);
	names_tick = NULL;
}

/* A window as the pipeline has it: rows with their groups. */
static inline const struct usage *names_window(void)
{
	const struct usage *u = window();

	sched_names(sched, identity_hear, names);
	cr_assert_eq(identity_group(names, u), 0);
	return u;
}

/* Names samples; the strings hold until the next call, which is the next tick. */
static inline void names_samples(struct sample *s, size_t n)
{
	names_tick->sample = s;
	names_tick->n_samples = n;
	cr_assert_eq(identity_run(names, names_tick), 0);
}

static inline void names_sample(struct sample *s)
{
	names_samples(s, 1);
}

static inline const char *names_cgroup(uint64_t id, uint32_t v1)
{
	struct sample s = { .kind = RECORD_CGROUP, .cgroup_id = id, .flags = v1 };

	names_sample(&s);
	cr_assert_not_null(s.cgroup, "cgroup %" PRIu64 " has no name", id);
	return s.cgroup;
}

struct container {
	char id[65];
	uint64_t cgroup_id;
	uint64_t group; /* as its rows have it */
	bool asked;
	uint64_t used_ns;
	uint64_t truth_ns; /* cpu.stat, when all of it had ended */
};

struct containers {
	size_t n;
	uint64_t spin_ns; /* of each */
	struct container *one;
	uint64_t rows_ns;   /* of all rows in these cgroups … */
	uint64_t groups_ns; /* … and in the groups that they make */
	uint64_t n_unnamed; /* that had time */
	uint64_t n_others;  /* rows of a container's group that are not in its cgroup */
	uint64_t n_lost;
	uint64_t resolve_ns; /* own CPU time for names, in all windows */
};

static inline void containers_free(struct containers *c)
{
	free(c->one);
}

static inline struct container *containers_find(const struct containers *c, uint64_t cgroup_id,
						uint64_t group)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->one[i].cgroup_id && ((cgroup_id && c->one[i].cgroup_id == cgroup_id) ||
					    (group && c->one[i].group == group)))
			return &c->one[i];
	return NULL;
}

/* Those that had time in this window for the first time: does the tick name them? */
static inline void containers_name(struct containers *c)
{
	struct sample *s = calloc(c->n, sizeof(*s));
	size_t n = 0;

	cr_assert_not_null(s);
	for (size_t i = 0; i < c->n; i++)
		if (c->one[i].group && !c->one[i].asked)
			s[n++] = (struct sample){ .kind = RECORD_CONTAINER,
						  .group = c->one[i].group };
	names_samples(s, n);
	n = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (!c->one[i].group || c->one[i].asked)
			continue;
		c->one[i].asked = true;
		c->n_unnamed += !s[n].id || strcmp(s[n].id, c->one[i].id) != 0;
		n++;
	}
	free(s);
}

/* A window's rows to the containers that they are of, by cgroup and by group. */
static inline void containers_window(struct containers *c)
{
	const struct usage *u = window();
	uint64_t begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);

	sched_names(sched, identity_hear, names);
	cr_assert_eq(identity_group(names, u), 0);
	c->resolve_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	c->n_lost += u->losses.n_cgroup_names;
	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *r = &u->rows[i];
		struct container *own = containers_find(c, r->cgroup_id, 0), *by_group;

		if (own && !own->group)
			own->group = r->group;
		by_group = containers_find(c, 0, r->group);
		c->n_others += own != by_group;
		c->rows_ns += own ? r->total_ns : 0;
		c->groups_ns += by_group ? r->total_ns : 0;
		if (by_group)
			by_group->used_ns += r->total_ns;
	}
	begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	containers_name(c);
	c->resolve_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
}

static inline void containers_spin(void *arg)
{
	spin_cpu_ns(*(const uint64_t *)arg);
}

/* One life; the directory is named as Docker, containerd, CRI-O, Podman or nobody in turn do. */
static inline void containers_live(struct containers *c, const struct group *top, size_t i)
{
	static const struct {
		const char *prefix, *suffix;
	} form[] = { { "docker-", ".scope" },
		     { "cri-containerd-", ".scope" },
		     { "crio-", ".scope" },
		     { "libpod-", ".scope" },
		     { "", "" } };
	struct container *one = &c->one[i];
	struct group g = { .v1 = top->v1 };
	char name[96];
	struct stat st;

	for (size_t k = 0; k < 64; k++)
		one->id[k] = "0123456789abcdef"[(i * 2654435761U >> k % 28) & 15];
	snprintf(name, sizeof(name), "%s%s%s", form[i % 5].prefix, one->id, form[i % 5].suffix);
	snprintf(g.path, sizeof(g.path), "%.60s/%.95s", top->path, name);
	cr_assert_eq(mkdir(g.path, 0755), 0, "%s: %s", g.path, strerror(errno));
	cr_assert_eq(stat(g.path, &st), 0);
	one->cgroup_id = st.st_ino;
	end_ns(start_born_in(&g, containers_spin, &c->spin_ns));
	/* Its last switch may come after it was reaped; then it has left its cgroup too. */
	one->truth_ns = group_cpu_stat_ns(&g);
	group_remove(&g);
}

/* All of them, one after the other, a window after every `each`. */
static inline void containers_run(struct containers *c, const struct group *top, size_t each)
{
	c->one = calloc(c->n, sizeof(*c->one));
	cr_assert_not_null(c->one);
	for (size_t i = 0; i < c->n; i++) {
		containers_live(c, top, i);
		if (i % each == each - 1)
			containers_window(c);
	}
	containers_window(c);
}

#endif /* TESTS_BPF_CONTAINERS_H */
