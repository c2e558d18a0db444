/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* msr.c - RAPL straight from the CPU's registers, for kernels without powercap and perf PMU. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"
#include "power/cpuinfo.h"
#include "power/domains.h"
#include "power/meter.h"
#include "power/places.h"
#include "power/registers.h"
#include "power/track.h"

#define MOST_PLACES 16

struct source {
	size_t fd; /* index into msr.fd */
	uint32_t address;
	unsigned int unit; /* a count is 2^-unit J */
	struct track track;
};

struct msr {
	size_t n_fds;
	int fd[MOST_PLACES];
	size_t n;
	struct source source[ENERGY_MAX_DOMAINS];
};

static void msr_close(void *meter)
{
	struct msr *m = meter;

	if (!m)
		return;
	for (size_t i = 0; i < m->n_fds; i++)
		cleanup_close(&m->fd[i]);
	free(m);
}

static inline void msr_close_ptr(struct msr **m)
{
	msr_close(*m);
}

static int read_register(int fd, uint32_t address, uint64_t *ret)
{
	ssize_t n = pread(fd, ret, sizeof(*ret), (off_t)address);

	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(*ret) ? 0 : -EIO;
}

static struct counter_sample take_sample(const struct msr *m, const struct source *s,
					 const struct meter_time *t)
{
	struct counter_sample ret = { .mono_ns = t->mono_ns, .suspended_ns = t->suspended_ns };
	uint64_t value;

	ret.err = read_register(m->fd[s->fd], s->address, &value);
	if (!ret.err)
		ret.value_uj = registers_uj((uint32_t)value, s->unit);
	return ret;
}

/* One domain of the CPU behind the last descriptor, if the CPU has it. */
static void add_domain(struct msr *m, struct energy *e, const struct place *place,
		       const struct registers *r, const struct energy_register *reg)
{
	struct source *s = &m->source[m->n];
	struct energy_domain *d = &e->domain[e->n_domains];
	uint64_t value;

	s->fd = m->n_fds - 1;
	s->address = reg->address;
	s->unit = reg->unit < 0 ? r->unit : (unsigned int)reg->unit;
	/* A register that reads 0 is not implemented: so do the kernel's drivers take it. */
	if (read_register(m->fd[s->fd], s->address, &value) || !(uint32_t)value)
		return;
	domains_fill(reg->kind, place->package, place->die, d);
	d->range_uj = registers_range_uj(s->unit);
	d->resolution_uj = 1 + ((JT_UJ_PER_J - 1) >> s->unit);
	snprintf(d->source, sizeof(d->source), "msr 0x%x of CPU %u, 2^-%u J%s", s->address,
		 place->cpu, s->unit, reg->one_core ? ", one core" : "");
	m->n++;
	e->n_domains++;
}

/* The registers of one CPU. Returns 0, also without any, or the -errno of its file. */
static int add_place(struct msr *m, struct energy *e, const char *root, const struct place *place,
		     struct registers *r)
{
	char path[64], full[FS_PATH_LEN];
	uint64_t unit;
	int err, fd;

	snprintf(path, sizeof(path), "dev/cpu/%u/msr", place->cpu);
	err = fs_path(root, path, full, sizeof(full));
	if (err)
		return err;
	if (m->n_fds == MOST_PLACES)
		return -E2BIG;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	m->fd[m->n_fds++] = fd;
	err = read_register(fd, r->unit_address, &unit);
	if (err)
		return err;
	r->unit = registers_unit(unit);
	for (size_t i = 0; i < r->n; i++) {
		/* One for the whole machine. */
		if (r->reg[i].kind == ENERGY_PSYS && m->n_fds > 1)
			continue;
		if (e->n_domains == ENERGY_MAX_DOMAINS - 1)
			return -E2BIG;
		add_domain(m, e, place, r, &r->reg[i]);
	}
	return 0;
}

static int why_not(struct why *why, int err, const char *root, const struct place *place)
{
	if (err == -ENOENT || err == -ENXIO)
		return why_set(why, -ENOENT, "msr: %s/dev/cpu/%u/msr: %s (modprobe msr)", root,
			       place->cpu, strerror(-err));
	if (err == -EACCES || err == -EPERM)
		return why_set(why, err,
			       "msr: %s/dev/cpu/%u/msr: permission denied: run as root (with "
			       "CAP_SYS_RAWIO)",
			       root, place->cpu);
	return why_set(why, err, "msr: %s/dev/cpu/%u/msr: %s", root, place->cpu, strerror(-err));
}

static void start_tracks(struct msr *m, size_t first, const struct power_options *o,
			 const struct energy *e)
{
	const struct meter_time now = meter_now(o);

	for (size_t i = 0; i < m->n; i++) {
		const struct energy_domain *d = &e->domain[first + i];
		struct counter_limits limits = {
			.range_uj = d->range_uj,
			.max_power_uw = domains_most_power_uw(d->kind),
		};
		struct counter_sample sample = take_sample(m, &m->source[i], &now);

		track_start(&m->source[i].track, first + i, TRACK_RAPL_UPDATE_NS, &limits, &sample);
	}
}

static bool has_kind(const struct energy *e, size_t first, enum energy_domain_kind kind)
{
	for (size_t i = first; i < e->n_domains; i++)
		if (e->domain[i].kind == kind)
			return true;
	return false;
}

static int msr_open(const struct power_options *o, struct energy *domains, void **ret,
		    struct why *why)
{
	CLEANUP(msr_close_ptr) struct msr *m = calloc(1, sizeof(*m));
	const char *root = o->root ? o->root : "";
	size_t first = domains->n_domains;
	struct places places;
	struct registers r;
	struct cpuinfo ci;
	int err;

	if (!m)
		return why_set(why, -ENOMEM, "msr: out of memory");
	err = cpuinfo_read(o->proc_root ? o->proc_root : o->root, &ci);
	if (err)
		return why_set(why, err, "msr: proc/cpuinfo: %s", strerror(-err));
	err = registers_of_cpu(&ci, &r);
	if (err)
		return why_set(why, err,
			       "msr: no energy registers are known of %s family %u model %u",
			       ci.vendor[0] ? ci.vendor : "this CPU,", ci.family, ci.model);
	err = places_find(o->root, r.by_die, &places);
	if (err)
		return why_set(why, err, "msr: CPU topology: %s", strerror(-err));
	for (size_t i = 0; i < places.n; i++) {
		err = add_place(m, domains, o->root, &places.place[i], &r);
		if (err)
			return why_not(why, err, root, &places.place[i]);
	}
	if (!has_kind(domains, first, ENERGY_PACKAGE))
		return why_set(why, -ENODATA,
			       "msr: the registers read 0 (usual in a VM): no energy counter");
	domains_build_tree(domains, first, false);
	start_tracks(m, first, o, domains);
	*ret = TAKE_PTR(m);
	return 0;
}

static void msr_sample(void *meter, const struct meter_time *t)
{
	struct msr *m = meter;

	for (size_t i = 0; i < m->n; i++) {
		struct counter_sample sample = take_sample(m, &m->source[i], t);

		track_sample(&m->source[i].track, &sample);
	}
}

static void msr_read(void *meter, const struct usage *u, struct energy *ret)
{
	struct msr *m = meter;

	for (size_t i = 0; i < m->n; i++)
		track_end(&m->source[i].track, &u->window, ret);
}

static uint64_t msr_max_interval_ns(const void *meter)
{
	const struct msr *m = meter;
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < m->n; i++) {
		uint64_t ns = counter_max_interval_ns(&m->source[i].track.counter.limits);

		if (ns < least_ns)
			least_ns = ns;
	}
	return least_ns;
}

const struct meter_ops msr_ops = {
	.name = "msr",
	.covers = METER_CPU,
	.open = msr_open,
	.sample = msr_sample,
	.read = msr_read,
	.max_interval_ns = msr_max_interval_ns,
	.close = msr_close,
};
