/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* powercap.c - RAPL through sysfs' powercap class: Intel, AMD, multi-die, mirrored. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"
#include "power/counter.h"
#include "power/domains.h"
#include "power/meter.h"
#include "power/zones.h"

/*
 * What a domain is held to be able to draw: twice what its constraints say, because the first
 * constraint's maximum is the TDP (get_max_power() in drivers/powercap/intel_rapl_common.c), which
 * turbo exceeds; where no constraint says anything, more than any such part draws (the largest
 * CPU packages of 2025 have a TDP of 500 W).
 */
#define LIMIT_MARGIN	   2
#define DEFAULT_PACKAGE_UW (1000 * JT_UW_PER_W)
#define DEFAULT_DRAM_UW	   (500 * JT_UW_PER_W)
#define DEFAULT_PSYS_UW	   (4000 * JT_UW_PER_W)

/* Counters are 32 bits of the hardware's energy unit (Intel SDM vol. 3B, 15.10). */
#define COUNTER_STEPS	      UINT64_C(4294967295)
#define DEFAULT_RESOLUTION_UJ 61 /* 2^-14 J, the commonest unit */

/* Each end of a window is 0 to 2 ms old: the update interval and its jitter. */
#define UPDATE_HALF_WIDTH_NS 1e6

struct source {
	int fd;
	char *path; /* to open again what vanished */
	size_t domain;
	struct counter counter;
	uint64_t energy_uj; /* since the window began */
	const char *gap;    /* the first in this window, or NULL */
};

struct powercap {
	size_t n;
	struct source source[ENERGY_MAX_DOMAINS];
};

static void powercap_close(void *meter)
{
	struct powercap *pc = meter;

	if (!pc)
		return;
	for (size_t i = 0; i < pc->n; i++) {
		cleanup_close(&pc->source[i].fd);
		free(pc->source[i].path);
	}
	free(pc);
}

static inline void powercap_close_ptr(struct powercap **pc)
{
	powercap_close(*pc);
}

static void reopen(struct source *s)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	cleanup_close(&s->fd);
	s->fd = fd;
}

static int read_value(const struct source *s, uint64_t *ret_uj)
{
	char text[64];
	size_t len;
	int err = fs_pread_text(s->fd, text, sizeof(text), &len);

	if (err)
		return err;
	return strlen(text) == len ? fs_parse_u64(text, ret_uj) : -EINVAL;
}

static struct counter_sample take_sample(struct source *s, const struct meter_time *t)
{
	struct counter_sample ret = { .mono_ns = t->mono_ns, .real_us = t->real_us };

	if (s->fd < 0) {
		errno = 0;
		reopen(s);
	}
	ret.err = s->fd < 0 ? -errno : read_value(s, &ret.value_uj);
	/* A driver that was unloaded and loaded again has new files. */
	if (s->fd >= 0 && (ret.err == -ENODEV || ret.err == -ENOENT)) {
		reopen(s);
		ret.err = read_value(s, &ret.value_uj);
	}
	return ret;
}

static struct counter_limits limits_of(const char *root, const struct zones *zs,
				       const struct zone *z)
{
	struct counter_limits l = { 0 };
	char path[FS_PATH_LEN];
	uint64_t uw = 0;

	snprintf(path, sizeof(path), "%s/max_energy_range_uj", z->path);
	if (fs_read_u64(root, path, &l.range_uj))
		l.range_uj = 0;
	/* A part draws no more than the whole. */
	for (const struct zone *up = z; up && !uw; up = zones_parent(zs, up))
		uw = zone_most_power_uw(root, up);
	l.max_power_uw = uw * LIMIT_MARGIN;
	if (!uw)
		l.max_power_uw = domains_kind(z->name) == ENERGY_DRAM	? DEFAULT_DRAM_UW
				 : domains_kind(z->name) == ENERGY_PSYS ? DEFAULT_PSYS_UW
									: DEFAULT_PACKAGE_UW;
	return l;
}

static int add_source(struct powercap *pc, struct energy *e, const struct power_options *o,
		      const struct zones *zs, const struct zone *z)
{
	const struct meter_time now = { o->now_mono_ns, o->now_real_us };
	struct energy_domain *d = &e->domain[e->n_domains];
	struct source *s = &pc->source[pc->n];
	struct counter_limits limits = limits_of(o->root, zs, z);
	struct counter_sample first;
	char relative[FS_PATH_LEN];
	char path[FS_PATH_LEN];
	int err;

	snprintf(relative, sizeof(relative), "%s/energy_uj", z->path);
	err = fs_path(o->root, relative, path, sizeof(path));
	if (err)
		return err;
	domains_describe(zs, z, d);
	if (domains_find(e, d->name) >= 0)
		return 0; /* intel-rapl-mmio:0 is intel-rapl:0 once more */
	/* No room: only what is never added may be left out. */
	if (e->n_domains == ENERGY_MAX_DOMAINS - 1)
		return d->kind == ENERGY_PACKAGE || d->kind == ENERGY_DRAM || d->kind == ENERGY_PSYS
			       ? -E2BIG
			       : 0;
	*s = (struct source){ .fd = -1, .domain = e->n_domains, .path = strdup(path) };
	if (!s->path)
		return -ENOMEM;
	first = take_sample(s, &now);
	counter_init(&s->counter, &limits, &first);
	d->resolution_uj =
		limits.range_uj ? 1 + (limits.range_uj - 1) / COUNTER_STEPS : DEFAULT_RESOLUTION_UJ;
	pc->n++;
	e->n_domains++;
	return 0;
}

/* Whether one of the meter's packages (or, failing them, psys) can be read; why not if none. */
static int check_usable(const struct powercap *pc, const struct energy *e, const char *root,
			struct why *why)
{
	const struct source *bad = NULL;

	for (size_t i = 0; i < pc->n; i++) {
		const struct source *s = &pc->source[i];

		if (!e->domain[s->domain].counted)
			continue;
		if (s->counter.based)
			return 0;
		if (!bad)
			bad = s;
	}
	if (!bad)
		return why_set(why, -ENOENT,
			       "powercap: no package or psys zone in %s/" ZONES_CLASS_DIR
			       " (usual in a VM; on hardware: modprobe intel_rapl_msr)",
			       root ? root : "");
	if (bad->counter.last.err == -EACCES || bad->counter.last.err == -EPERM)
		return why_set(why, -EACCES,
			       "powercap: %s: permission denied: the counters are root-only "
			       "(CVE-2020-8694): run as root or with CAP_DAC_READ_SEARCH",
			       bad->path);
	return why_set(why, bad->counter.last.err ?: -EIO,
		       "powercap: %s: no usable counter: %s: try another meter (--power)",
		       bad->path,
		       bad->counter.last.err ? strerror(-bad->counter.last.err)
					     : "value above max_energy_range_uj");
}

static bool can_read(const struct powercap *pc, const struct energy *e,
		     enum energy_domain_kind kind)
{
	for (size_t i = 0; i < pc->n; i++)
		if (pc->source[i].counter.based && e->domain[pc->source[i].domain].kind == kind)
			return true;
	return false;
}

static int powercap_open(const struct power_options *o, struct energy *domains, void **ret,
			 struct why *why)
{
	CLEANUP(powercap_close_ptr) struct powercap *pc = calloc(1, sizeof(*pc));
	CLEANUP(cleanup_free) struct zones *zs = malloc(sizeof(*zs));
	size_t first = domains->n_domains;
	int err;

	if (!pc || !zs)
		return why_set(why, -ENOMEM, "powercap: out of memory");
	err = zones_find(o->root, zs);
	if (err == -E2BIG)
		return why_set(why, err,
			       "powercap: more than %d zones: try another meter (--power)",
			       ZONES_MAX);
	if (err)
		return why_set(why, err,
			       "powercap: %s/" ZONES_CLASS_DIR
			       ": %s (usual in a VM; on hardware: modprobe intel_rapl_msr)",
			       o->root ? o->root : "", strerror(-err));
	for (size_t i = 0; i < zs->n; i++) {
		err = add_source(pc, domains, o, zs, &zs->zone[i]);
		if (err)
			return why_set(why, err, "powercap: %s: %s: try another meter (--power)",
				       zs->zone[i].path,
				       err == -E2BIG ? "too many domains" : strerror(-err));
	}
	domains_build_tree(domains, first,
			   !can_read(pc, domains, ENERGY_PACKAGE) &&
				   can_read(pc, domains, ENERGY_PSYS));
	err = check_usable(pc, domains, o->root, why);
	if (err)
		return err;
	*ret = TAKE_PTR(pc);
	return 0;
}

static void powercap_sample(void *meter, const struct meter_time *t)
{
	struct powercap *pc = meter;

	for (size_t i = 0; i < pc->n; i++) {
		struct source *s = &pc->source[i];
		struct counter_sample sample = take_sample(s, t);
		uint64_t step_uj;
		const char *gap = counter_step(&s->counter, &sample, &step_uj);

		if (!gap)
			s->energy_uj += step_uj;
		else if (!s->gap)
			s->gap = gap;
	}
}

/*
 * Both ends of the window: each is rounded to a step, and as old as the last update (uniform). The
 * end of one window is the beginning of the next, so adding windows as independent overstates it.
 */
static double random_sd_uj(uint64_t energy_uj, uint64_t resolution_uj, uint64_t window_ns)
{
	double step = (double)resolution_uj / sqrt(12.0);
	double stale = 0.0;

	if (window_ns)
		stale = (double)energy_uj / (double)window_ns * UPDATE_HALF_WIDTH_NS / sqrt(3.0);
	return sqrt(2.0) * hypot(step, stale);
}

static void powercap_read(void *meter, const struct usage *u, struct energy *ret)
{
	const struct window *w = &u->window;
	const struct meter_time end = { w->end_mono_ns, w->end_real_us };
	struct powercap *pc = meter;

	powercap_sample(pc, &end);
	for (size_t i = 0; i < pc->n; i++) {
		struct source *s = &pc->source[i];
		const struct energy_domain *d = &ret->domain[s->domain];

		if (s->gap)
			meter_add_gap(ret, s->domain, s->gap, w);
		else
			ret->reading[s->domain] = (struct energy_reading){
				.energy_uj = s->energy_uj,
				.quality = ENERGY_MEASURED,
				.random_sd_uj = random_sd_uj(s->energy_uj, d->resolution_uj,
							     window_length_ns(w)),
			};
		s->energy_uj = 0;
		s->gap = NULL;
	}
}

static uint64_t powercap_max_interval_ns(const void *meter)
{
	const struct powercap *pc = meter;
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < pc->n; i++) {
		uint64_t ns = counter_max_interval_ns(&pc->source[i].counter.limits);

		if (ns < least_ns)
			least_ns = ns;
	}
	return least_ns;
}

const struct meter_ops powercap_ops = {
	.name = "powercap",
	.open = powercap_open,
	.sample = powercap_sample,
	.read = powercap_read,
	.max_interval_ns = powercap_max_interval_ns,
	.close = powercap_close,
};
