/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* powercap.c - RAPL through /sys/class/powercap: Intel and AMD, any nesting, mirrors dropped. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "jouletrail/units.h"
#include "power/counter.h"
#include "power/meter.h"

#define POWERCAP_DIR  "sys/class/powercap"
#define MAX_ZONES     (2 * ENERGY_MAX_DOMAINS)
#define ZONE_NAME_LEN 48

/*
 * Bounds for a step where the zone names none: twice the largest turbo limit of a server package
 * on the market (about 500 W TDP, PL2 1.2 to 2 times that); psys has the whole board behind it.
 */
#define DEFAULT_MAX_POWER_UW	  (2000 * JT_UW_PER_W)
#define DEFAULT_PSYS_MAX_POWER_UW (10000 * JT_UW_PER_W)
/* constraint_*_max_power_uw is the TDP; short-term turbo limits reach about twice that. */
#define TURBO_OVER_TDP 3

/* RAPL against reference instruments: 2 to 5 % on servers; docs/power.md, "How good RAPL is". */
#define RAPL_GAIN_SD 0.025
/* Counters are published about every millisecond, at either end of a window. */
#define RAPL_UPDATE_S 0.001
/* 2^-14 J, the usual energy unit; the DRAM unit of servers, 2^-16 J, is finer. */
#define RAPL_RESOLUTION_UJ 61

struct powercap_zone {
	char dir[ZONE_NAME_LEN]; /* "intel-rapl:0:1" */
	int fd;
	struct counter counter;
};

struct powercap {
	size_t n_zones; /* same index as the domain */
	struct powercap_zone zone[ENERGY_MAX_DOMAINS];
};

/* Zones in the order of their numbers, so that a parent comes before its children. */
static int powercap_compare(const void *a, const void *b)
{
	return strverscmp(a, b);
}

static int powercap_list(const char *root, char (*ret)[ZONE_NAME_LEN], size_t *ret_n)
{
	CLEANUP(closedir_ptr) DIR *dir = NULL;
	char path[FS_PATH_LEN];
	struct dirent *entry;
	size_t n = 0;
	int err = fs_path(root, POWERCAP_DIR, path, sizeof(path));

	if (err)
		return err;
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) && n < MAX_ZONES) {
		if (strncmp(entry->d_name, "intel-rapl", 10) != 0 || !strchr(entry->d_name, ':') ||
		    strlen(entry->d_name) >= ZONE_NAME_LEN)
			continue;
		snprintf(ret[n++], ZONE_NAME_LEN, "%s", entry->d_name);
	}
	/* "intel-rapl-mmio:…" mirrors sort before "intel-rapl:…": '-' < ':'. Put them last. */
	qsort(ret, n, ZONE_NAME_LEN, powercap_compare);
	for (size_t i = 0, k = 0; i < n; i++) {
		char moved[ZONE_NAME_LEN];

		if (strncmp(ret[k], "intel-rapl-mmio", 15) != 0) {
			k++;
			continue;
		}
		memcpy(moved, ret[k], ZONE_NAME_LEN);
		memmove(ret[k], ret[k + 1], (n - 1 - k) * ZONE_NAME_LEN);
		memcpy(ret[n - 1], moved, ZONE_NAME_LEN);
	}
	*ret_n = n;
	return 0;
}

static int powercap_read_zone_text(const char *root, const char *dir, const char *file, char *ret,
				   size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), POWERCAP_DIR "/%s/%s", dir, file);
	return fs_read_text(root, path, ret, size, NULL);
}

static int powercap_read_zone_u64(const char *root, const char *dir, const char *file,
				  uint64_t *ret)
{
	char path[256];

	snprintf(path, sizeof(path), POWERCAP_DIR "/%s/%s", dir, file);
	return fs_read_u64(root, path, ret);
}

static enum energy_domain_kind powercap_kind(const char *name)
{
	if (strncmp(name, "package", 7) == 0)
		return ENERGY_PACKAGE;
	if (strcmp(name, "core") == 0)
		return ENERGY_CORE;
	if (strcmp(name, "uncore") == 0)
		return ENERGY_UNCORE;
	if (strcmp(name, "dram") == 0)
		return ENERGY_DRAM;
	if (strcmp(name, "psys") == 0)
		return ENERGY_PSYS;
	return ENERGY_OTHER;
}

/* The domain of the zone that dir is below; -1 = none. */
static int powercap_parent(const struct powercap *p, const char *dir)
{
	const char *last = strrchr(dir, ':');

	for (size_t i = 0; i < p->n_zones; i++) {
		size_t len = strlen(p->zone[i].dir);

		if (len == (size_t)(last - dir) && strncmp(p->zone[i].dir, dir, len) == 0)
			return (int)i;
	}
	return -1;
}

/* "core" below "package-1-die-0" -> "core-1-die-0": unique, and says where it belongs. */
static void powercap_name(struct energy_domain *d, const char *name,
			  const struct energy_domain *parent)
{
	const char *place = parent ? strchr(parent->name, '-') : NULL;

	if (parent)
		snprintf(d->name, sizeof(d->name), "%.12s%.18s", name, place ? place : "");
	else
		snprintf(d->name, sizeof(d->name), "%.31s", name);
}

static uint64_t powercap_max_power_uw(const char *root, const char *dir, enum energy_domain_kind k)
{
	uint64_t most_uw = 0, uw;
	char file[64];

	for (int i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "constraint_%d_max_power_uw", i);
		if (powercap_read_zone_u64(root, dir, file, &uw) == 0 && uw > most_uw &&
		    uw < UINT64_MAX / TURBO_OVER_TDP)
			most_uw = uw;
	}
	if (most_uw)
		return most_uw * TURBO_OVER_TDP;
	return k == ENERGY_PSYS ? DEFAULT_PSYS_MAX_POWER_UW : DEFAULT_MAX_POWER_UW;
}

static bool powercap_is_known(const struct energy *e, const char *name)
{
	for (size_t i = 0; i < e->n_domains; i++)
		if (strcmp(e->domain[i].name, name) == 0)
			return true;
	return false;
}

/*
 * Adds the zone, unless it mirrors one that is there or lacks what makes a counter. Returns 0, or
 * -errno when its counter may not be read.
 */
static int powercap_add(struct powercap *p, struct energy *e, const char *root, const char *dir,
			uint64_t now_mono_ns)
{
	struct powercap_zone *z = &p->zone[p->n_zones];
	struct energy_domain d = { .package = -1, .parent = -1 };
	char name[ZONE_NAME_LEN], path[FS_PATH_LEN], file[128], text[64];
	uint64_t range_uj, value_uj = 0, ignored;
	int err;

	if (p->n_zones == ENERGY_MAX_DOMAINS ||
	    powercap_read_zone_text(root, dir, "name", name, sizeof(name)) ||
	    powercap_read_zone_u64(root, dir, "max_energy_range_uj", &range_uj) || range_uj == 0)
		return 0;
	d.kind = powercap_kind(name);
	d.parent = powercap_parent(p, dir);
	powercap_name(&d, name, d.parent < 0 ? NULL : &e->domain[d.parent]);
	if (powercap_is_known(e, d.name))
		return 0;
	snprintf(file, sizeof(file), POWERCAP_DIR "/%s/energy_uj", dir);
	err = fs_path(root, file, path, sizeof(path));
	if (err)
		return 0;
	z->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (z->fd < 0)
		return errno == EACCES || errno == EPERM ? -errno : 0;
	snprintf(z->dir, sizeof(z->dir), "%s", dir);
	if (d.kind == ENERGY_PACKAGE)
		d.package = (int)strtol(name + strlen("package-"), NULL, 10);
	else if (d.parent >= 0)
		d.package = e->domain[d.parent].package;
	d.quality = ENERGY_MEASURED;
	d.systematic = (struct quant_sides){ RAPL_GAIN_SD, RAPL_GAIN_SD };
	d.resolution_uj = RAPL_RESOLUTION_UJ;
	snprintf(d.factor, sizeof(d.factor), "rapl_gain");
	snprintf(d.source, sizeof(d.source), "powercap %s", dir);

	counter_init(&z->counter, range_uj, powercap_max_power_uw(root, dir, d.kind));
	err = fs_pread_text(z->fd, text, sizeof(text), NULL);
	if (!err)
		err = fs_parse_u64(text, &value_uj);
	counter_step(&z->counter, err, value_uj, now_mono_ns, &ignored);
	e->domain[e->n_domains++] = d;
	p->n_zones++;
	return 0;
}

/* Packages and their DRAM; psys only where there is no package. Nothing inside another is added. */
static void powercap_choose_counted(struct energy *e)
{
	bool packages = false;

	for (size_t i = 0; i < e->n_domains; i++)
		packages |= e->domain[i].kind == ENERGY_PACKAGE;
	for (size_t i = 0; i < e->n_domains; i++) {
		enum energy_domain_kind k = e->domain[i].kind;

		e->domain[i].counted =
			packages ? k == ENERGY_PACKAGE || k == ENERGY_DRAM : k == ENERGY_PSYS;
	}
}

static void powercap_close(void *state)
{
	struct powercap *p = state;

	if (!p)
		return;
	for (size_t i = 0; i < p->n_zones; i++)
		close(p->zone[i].fd);
	free(p);
}

DEFINE_CLEANUP(void *, powercap_close)

static int powercap_open(const struct power_options *o, void **ret_state, struct energy *e,
			 struct why *why)
{
	CLEANUP(powercap_close_ptr) void *state = calloc(1, sizeof(struct powercap));
	CLEANUP(cleanup_free) char(*dirs)[ZONE_NAME_LEN] = calloc(MAX_ZONES, ZONE_NAME_LEN);
	const char *root = o->root ? o->root : "";
	size_t n = 0, n_counted = 0;
	int err;

	if (!state || !dirs)
		return -ENOMEM;
	if (powercap_list(root, dirs, &n) || n == 0)
		return why_set(why, -ENOENT,
			       "%s/" POWERCAP_DIR " has no RAPL zone (a virtual machine, or the "
			       "intel_rapl_common module is not loaded)",
			       root);
	for (size_t i = 0; i < n; i++) {
		err = powercap_add(state, e, root, dirs[i], o->now_mono_ns);
		if (err)
			return why_set(why, err,
				       "%s/" POWERCAP_DIR "/%s/energy_uj may not be read: %s; run "
				       "as root",
				       root, dirs[i], strerror(-err));
	}
	powercap_choose_counted(e);
	for (size_t i = 0; i < e->n_domains; i++)
		n_counted += e->domain[i].counted;
	if (n_counted == 0)
		return why_set(why, -ENOENT,
			       "%s/" POWERCAP_DIR
			       " has no package or psys zone with a name, a range "
			       "and a counter",
			       root);
	*ret_state = TAKE_PTR(state);
	return 0;
}

/*
 * The usage's number of a package that RAPL names by the kernel's. One on which no CPU is online
 * gets a number on which nothing can have run.
 */
static int powercap_package(const struct usage *u, int id)
{
	unsigned int i = 0;

	while (i < u->n_packages && u->package_id[i] != id)
		i++;
	return (int)(i < JT_MAX_PACKAGES ? i : JT_MAX_PACKAGES - 1);
}

static void powercap_read(void *state, const struct usage *u, struct energy *e)
{
	struct powercap *p = state;
	double window_s = jt_ns_to_s(window_length_ns(&u->window));

	for (size_t i = 0; i < p->n_zones; i++) {
		struct powercap_zone *z = &p->zone[i];
		struct energy_reading *r = &e->reading[i];
		uint64_t value_uj = 0, energy_uj = 0;
		const char *reason;
		char text[64];
		size_t len;
		int err = fs_pread_text(z->fd, text, sizeof(text), &len);

		if (e->domain[i].package >= 0)
			e->domain[i].package = powercap_package(u, e->domain[i].package);
		if (!err)
			err = strlen(text) == len ? fs_parse_u64(text, &value_uj) : -EINVAL;
		reason = counter_step(&z->counter, err, value_uj, clock_mono_ns(), &energy_uj);
		if (reason) {
			meter_add_gap(e, i, reason, &u->window);
			continue;
		}
		r->energy_uj = energy_uj;
		r->quality = ENERGY_MEASURED;
		/* At both ends: rounding to a step, and up to one update of power not yet seen. */
		if (window_s > 0)
			r->random_sd_uj = sqrt(2.0 / 12.0) *
					  hypot(RAPL_RESOLUTION_UJ,
						(double)energy_uj / window_s * RAPL_UPDATE_S);
	}
}

static uint64_t powercap_max_interval_ns(const void *state)
{
	const struct powercap *p = state;
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < p->n_zones; i++) {
		uint64_t ns = counter_max_interval_ns(&p->zone[i].counter);

		least_ns = ns < least_ns ? ns : least_ns;
	}
	return least_ns;
}

const struct meter_ops meter_powercap = {
	.name = "powercap",
	.about = "RAPL counters of the kernel's powercap class",
	.open = powercap_open,
	.read = powercap_read,
	.max_interval_ns = powercap_max_interval_ns,
	.close = powercap_close,
};
