/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* powercap.c - RAPL through sysfs' powercap class: Intel, AMD, multi-die, mirrored. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"
#include "power/domains.h"
#include "power/events.h"
#include "power/meter.h"
#include "power/share.h"
#include "power/track.h"
#include "power/zones.h"

/*
 * A domain is held to be able to draw twice what its constraints say, because the first
 * constraint's maximum is the TDP (get_max_power() in drivers/powercap/intel_rapl_common.c), which
 * turbo exceeds.
 */
#define LIMIT_MARGIN 2

/* Counters are 32 bits of the hardware's energy unit (Intel SDM vol. 3B, "RAPL Domains"). */
#define COUNTER_STEPS UINT64_C(4294967295)

/* More of them than any machine has are not shown. */
#define MAX_MIRRORS 16

struct source {
	int fd;
	char *path;		     /* to open again what vanished */
	bool is_share;		     /* of a guest's host: each reading opens it anew */
	enum energy_quality quality; /* at the last reading; of a share it may change */
	struct track track;
};

struct powercap {
	size_t n;
	struct source source[ENERGY_MAX_DOMAINS];
	size_t first; /* index of its first domain */
	size_t n_mirrors;
	struct energy_domain mirror[MAX_MIRRORS];
};

static void close_source(struct source *s)
{
	cleanup_close(&s->fd);
	free(s->path);
}

static void powercap_close(void *meter)
{
	struct powercap *pc = meter;

	if (!pc)
		return;
	for (size_t i = 0; i < pc->n; i++)
		close_source(&pc->source[i]);
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

/* Counter first: the host writes it last. */
static void read_share(struct source *s, struct counter_sample *ret)
{
	struct share share;

	if (!ret->err)
		ret->err = share_read(s->path, &share);
	if (!ret->err && share.quality == ENERGY_MISSING)
		ret->err = -EIO;
	if (ret->err)
		return;
	ret->n_updates = share.n_updates;
	ret->n_gaps = share.n_gaps;
	s->quality = share.quality;
}

static struct counter_sample take_sample(struct source *s, const struct meter_time *t)
{
	struct counter_sample ret = { .mono_ns = t->mono_ns, .suspended_ns = t->suspended_ns };

	if (s->is_share) {
		cleanup_close(&s->fd);
		s->fd = -1;
	}
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
	if (s->is_share)
		read_share(s, &ret);
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
	l.max_power_uw = uw ? uw * LIMIT_MARGIN : domains_most_power_uw(domains_kind(z->name));
	return l;
}

/* The zone's counter, opened and read once, and what a share says of its domain. */
static int open_source(const struct power_options *o, const struct zones *zs, const struct zone *z,
		       struct source *ret, struct energy_domain *d)
{
	const struct meter_time now = meter_now(o);
	struct counter_limits limits = limits_of(o->root, zs, z);
	uint64_t update_ns = TRACK_RAPL_UPDATE_NS;
	struct counter_sample first;
	struct share share;
	char relative[FS_PATH_LEN];
	char path[FS_PATH_LEN];
	int err;

	snprintf(relative, sizeof(relative), "%s/energy_uj", z->path);
	err = fs_path(o->root, relative, path, sizeof(path));
	if (err)
		return err;
	*ret = (struct source){ .fd = -1, .path = strdup(path) };
	if (!ret->path)
		return -ENOMEM;
	ret->quality = d->quality;
	d->range_uj = limits.range_uj;
	d->resolution_uj =
		d->range_uj ? 1 + (d->range_uj - 1) / COUNTER_STEPS : TRACK_RAPL_RESOLUTION_UJ;
	err = share_read(path, &share);
	ret->is_share = !err || err == -EPROTO || err == -EBADMSG;
	if (!err) {
		limits = share_limits(&share, limits.range_uj);
		update_ns = share.update_ns;
		share_describe(&share, d);
	}
	first = take_sample(ret, &now);
	track_start(&ret->track, 0, update_ns, &limits, &first);
	return 0;
}

/*
 * d is domain i once more (intel-rapl-mmio:0 beside intel-rapl:0): one of the two is read, the
 * first unless only the second can be.
 */
static void add_mirror(struct powercap *pc, struct energy *e, size_t i, struct source *s,
		       const struct energy_domain *d)
{
	struct energy_domain left_out = *d;
	size_t k = 0;

	while (pc->source[k].track.domain != i)
		k++;
	if (track_is_alive(&s->track) && !track_is_alive(&pc->source[k].track)) {
		left_out = e->domain[i];
		e->domain[i] = *d;
		close_source(&pc->source[k]);
		pc->source[k] = *s;
		pc->source[k].track.domain = i;
	} else {
		close_source(s);
	}
	left_out.why_not = "shows again what is read already";
	if (pc->n_mirrors < MAX_MIRRORS)
		pc->mirror[pc->n_mirrors++] = left_out;
}

static int add_zone(struct powercap *pc, struct energy *e, const struct power_options *o,
		    const struct zones *zs, const struct zone *z)
{
	struct energy_domain d;
	struct source s;
	int same, err;

	domains_describe(zs, z, &d);
	same = domains_find(e, pc->first, d.name);
	/* No room: only what is never added may be left out. */
	if (same < 0 && e->n_domains == ENERGY_MAX_DOMAINS - 1)
		return domains_is_part_of_host(d.kind) ? -E2BIG : 0;
	err = open_source(o, zs, z, &s, &d);
	if (err)
		return err;
	if (same >= 0) {
		add_mirror(pc, e, (size_t)same, &s, &d);
		return 0;
	}
	s.track.domain = e->n_domains;
	e->domain[e->n_domains++] = d;
	pc->source[pc->n++] = s;
	return 0;
}

/* Whether one of the meter's packages (or, failing them, psys) can be read; why not if none. */
static int check_usable(const struct powercap *pc, const struct energy *e, const char *root,
			struct why *why)
{
	const struct source *bad = NULL;

	for (size_t i = 0; i < pc->n; i++) {
		const struct source *s = &pc->source[i];

		if (!e->domain[s->track.domain].counted)
			continue;
		if (track_is_alive(&s->track))
			return 0;
		if (!bad)
			bad = s;
	}
	if (!bad)
		return why_set(why, -ENOENT,
			       "powercap: no package or psys zone in %s/" ZONES_CLASS_DIR
			       " (usual in a VM; on hardware: modprobe intel_rapl_msr)",
			       root ? root : "");
	if (bad->track.counter.last.err == -EACCES || bad->track.counter.last.err == -EPERM)
		return why_set(why, -EACCES,
			       "powercap: %s: permission denied: the counters are root-only "
			       "(CVE-2020-8694): run as root or with CAP_DAC_READ_SEARCH",
			       bad->path);
	return why_set(why, bad->track.counter.last.err ?: -EIO,
		       "powercap: %s: no usable counter: %s: try another meter (--power)",
		       bad->path,
		       bad->track.counter.last.err ? strerror(-bad->track.counter.last.err)
						   : "value above max_energy_range_uj");
}

static bool can_read(const struct powercap *pc, const struct energy *e,
		     enum energy_domain_kind kind)
{
	for (size_t i = 0; i < pc->n; i++)
		if (track_is_alive(&pc->source[i].track) &&
		    e->domain[pc->source[i].track.domain].kind == kind)
			return true;
	return false;
}

/*
 * Where perf and powercap do not know the same domains, the smaller set is safe: a DRAM counter
 * that perf leaves out is one whose unit or presence its authors did not trust.
 */
static void agree_with_perf(struct energy *e, size_t first, const char *root)
{
	struct events ev;

	if (events_find(root, &ev) || events_have(&ev, ENERGY_DRAM))
		return;
	for (size_t i = first; i < e->n_domains; i++) {
		struct energy_domain *d = &e->domain[i];

		if (d->kind != ENERGY_DRAM || !d->counted)
			continue;
		d->counted = false;
		d->why_not = "perf has no energy-ram here";
	}
}

static int powercap_open(const struct power_options *o, struct energy *domains, void **ret,
			 struct why *why)
{
	CLEANUP(powercap_close_ptr) struct powercap *pc = calloc(1, sizeof(*pc));
	CLEANUP(cleanup_free) struct zones *zs = malloc(sizeof(*zs));
	int err;

	if (!pc || !zs)
		return why_set(why, -ENOMEM, "powercap: out of memory");
	pc->first = domains->n_domains;
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
		err = add_zone(pc, domains, o, zs, &zs->zone[i]);
		if (err)
			return why_set(why, err, "powercap: %s: %s: try another meter (--power)",
				       zs->zone[i].path,
				       err == -E2BIG ? "too many domains" : strerror(-err));
	}
	domains_build_tree(domains, pc->first,
			   !can_read(pc, domains, ENERGY_PACKAGE) &&
				   can_read(pc, domains, ENERGY_PSYS));
	agree_with_perf(domains, pc->first, o->root);
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
		struct counter_sample sample = take_sample(&pc->source[i], t);

		track_sample(&pc->source[i].track, &sample);
	}
}

static void powercap_read(void *meter, const struct usage *u, struct energy *ret)
{
	struct powercap *pc = meter;

	for (size_t i = 0; i < pc->n; i++) {
		struct source *s = &pc->source[i];
		struct energy_reading *r = &ret->reading[s->track.domain];
		enum energy_quality at_best = ret->domain[s->track.domain].quality;

		track_end(&s->track, &u->window, ret);
		if (!s->is_share || r->quality == ENERGY_MISSING)
			continue;
		r->quality = s->quality < at_best ? s->quality : at_best;
	}
}

static uint64_t powercap_max_interval_ns(const void *meter)
{
	const struct powercap *pc = meter;
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < pc->n; i++) {
		uint64_t ns = counter_max_interval_ns(&pc->source[i].track.counter.limits);

		if (ns < least_ns)
			least_ns = ns;
	}
	return least_ns;
}

static bool powercap_mirror(const void *meter, size_t i, struct energy_domain *ret)
{
	const struct powercap *pc = meter;

	if (i >= pc->n_mirrors)
		return false;
	*ret = pc->mirror[i];
	return true;
}

const struct meter_ops powercap_ops = {
	.name = "powercap",
	.covers = METER_CPU,
	.open = powercap_open,
	.sample = powercap_sample,
	.read = powercap_read,
	.max_interval_ns = powercap_max_interval_ns,
	.mirror = powercap_mirror,
	.close = powercap_close,
};
