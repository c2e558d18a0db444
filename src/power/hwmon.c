/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hwmon.c - chips that count energy or show power: AMD packages, graphics cards, ACPI's meter. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "power/domains.h"
#include "power/integral.h"
#include "power/meter.h"
#include "power/sensors.h"
#include "power/track.h"

/* 95 % half-width of what a board's sensor says; docs/power.md, "Uncertainty of the others". */
#define GAIN 0.10

/* A chip's energy may be as old as its driver's own readings; one that stands longer is dead. */
#define UPDATE_NS (100 * JT_NS_PER_MS)
#define STALE_NS  (2 * JT_NS_PER_S)

/*
 * Graphics drivers follow the 32-bit wraps of their register (2^-14 J and smaller) only when they
 * are read: Documentation/ABI/testing/sysfs-driver-intel-i915-hwmon. 65 kJ at 600 W take 109 s.
 */
#define ENERGY_POLL_NS (50 * JT_NS_PER_S)

/* Power that was not read for this many of its intervals is not known in between. */
#define MOST_MISSED 20

struct source {
	int fd;
	struct sensor sensor;
	struct track track;	  /* of energy */
	struct integral integral; /* of power */
};

struct hwmon {
	size_t n;
	struct source source[SENSORS_MAX];
};

static void hwmon_close(void *meter)
{
	struct hwmon *h = meter;

	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		cleanup_close(&h->source[i].fd);
	free(h);
}

static int read_value(int fd, uint64_t *ret)
{
	char text[64];
	size_t len;
	int err = fs_pread_text(fd, text, sizeof(text), &len);

	if (err)
		return err;
	return strlen(text) == len ? fs_parse_u64(text, ret) : -EINVAL;
}

static void sample(struct source *s, const struct meter_time *t, bool first)
{
	uint64_t value = 0;
	int err = read_value(s->fd, &value);
	struct counter_sample c = { .err = err,
				    .value_uj = value,
				    .mono_ns = t->mono_ns,
				    .suspended_ns = t->suspended_ns };
	struct power_sample p = { err, value, t->mono_ns, t->suspended_ns };
	uint64_t most_uw = s->sensor.kind == ENERGY_PSYS ? domains_most_power_uw(ENERGY_PSYS)
							 : domains_most_power_uw(ENERGY_PACKAGE);
	struct counter_limits limits = { .max_power_uw = most_uw,
					 .slack_ns = UPDATE_NS,
					 .stale_ns = STALE_NS };

	if (first && s->sensor.is_energy)
		track_start(&s->track, s->track.domain, UPDATE_NS, &limits, &c);
	else if (first)
		integral_start(&s->integral, s->integral.domain, most_uw,
			       MOST_MISSED * s->sensor.poll_ns, &p);
	else if (s->sensor.is_energy)
		track_sample(&s->track, &c);
	else
		integral_sample(&s->integral, &p);
}

/* Cards are numbered among all cards, other things named by their chip and label. */
static void name_domain(const struct energy *e, size_t first, const struct sensor *s,
			struct energy_domain *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_domains; i++)
		n += e->domain[i].kind == ENERGY_GPU;
	if (s->kind == ENERGY_GPU)
		snprintf(ret->name, sizeof(ret->name), "gpu-%zu", n);
	else if (s->kind == ENERGY_OTHER)
		snprintf(ret->name, sizeof(ret->name), "%.16s-%.14s", s->chip, s->label);
	for (size_t k = 2; domains_find(e, first, ret->name) >= 0; k++)
		snprintf(ret->name, sizeof(ret->name), "%.14s-%.11s-%zu",
			 s->kind == ENERGY_PSYS ? "psys" : s->chip, s->label, k);
}

static void add_domain(struct energy *e, size_t first, const struct sensor *s)
{
	struct energy_domain *d = &e->domain[e->n_domains];
	double gain = log1p(GAIN) / QUANT_Z95;

	domains_fill(s->kind, s->package, -1, d);
	name_domain(e, first, s, d);
	d->why_not = s->why_not;
	d->counted = !d->why_not;
	d->resolution_uj = 1;
	/* amd_energy shows RAPL's registers; the others are measured by the board. */
	if (s->kind != ENERGY_PACKAGE) {
		memcpy(d->factor, "hwmon_gain", sizeof("hwmon_gain"));
		d->systematic = (struct quant_sides){ gain, gain };
	}
	snprintf(d->source, sizeof(d->source), "hwmon %s %s (%s)", s->chip, s->label,
		 s->is_energy ? "energy" : "power, integrated");
	e->n_domains++;
}

/* What contains everything is added only where packages are not known, and then alone. */
static void settle_psys(struct energy *e, size_t first)
{
	bool packages = false;
	int psys = -1;

	for (size_t i = first; i < e->n_domains; i++) {
		packages |= e->domain[i].kind == ENERGY_PACKAGE;
		if (e->domain[i].kind == ENERGY_PSYS && psys < 0)
			psys = (int)i;
	}
	for (size_t i = first; i < e->n_domains && psys >= 0; i++) {
		struct energy_domain *d = &e->domain[i];

		if (packages ? d->kind != ENERGY_PSYS : (int)i == psys || !d->counted)
			continue;
		d->counted = false;
		d->why_not = packages ? "contains packages that are counted"
				      : "a meter of the whole machine covers it";
	}
}

static int hwmon_open(const struct power_options *o, struct energy *domains, void **ret,
		      struct why *why)
{
	const struct meter_time now = meter_now(o);
	const char *root = o->root ? o->root : "";
	size_t first = domains->n_domains;
	struct sensors *found = malloc(sizeof(*found));
	struct hwmon *h = calloc(1, sizeof(*h));
	int err = found && h ? sensors_find(o->root, found) : -ENOMEM, refused = ENOENT;

	for (size_t i = 0; !err && i < found->n; i++) {
		struct source *s = &h->source[h->n];
		char path[FS_PATH_LEN];

		if (domains->n_domains == ENERGY_MAX_DOMAINS ||
		    fs_path(o->root, found->sensor[i].path, path, sizeof(path)))
			continue;
		s->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (s->fd < 0) {
			refused = errno;
			continue;
		}
		h->n++;
		s->sensor = found->sensor[i];
		s->track.domain = s->integral.domain = domains->n_domains;
		add_domain(domains, first, &s->sensor);
		sample(s, &now, true);
	}
	free(found);
	if (!err && h->n) {
		settle_psys(domains, first);
		*ret = h;
		return 0;
	}
	hwmon_close(h);
	err = err ?: -refused;
	return why_set(why, err, "hwmon: %s/" SENSORS_DIR ": %s", root,
		       err == -ENOENT ? "no sensor of energy or power" : strerror(-err));
}

static void hwmon_sample(void *meter, const struct meter_time *t)
{
	struct hwmon *h = meter;

	for (size_t i = 0; i < h->n; i++)
		sample(&h->source[i], t, false);
}

static void hwmon_read(void *meter, const struct usage *u, struct energy *ret)
{
	struct hwmon *h = meter;

	for (size_t i = 0; i < h->n; i++) {
		struct source *s = &h->source[i];

		if (s->sensor.is_energy)
			track_end(&s->track, &u->window, ret);
		else
			integral_end(&s->integral, &u->window, ret);
	}
}

static uint64_t hwmon_max_interval_ns(const void *meter)
{
	const struct hwmon *h = meter;
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < h->n; i++) {
		const struct sensor *s = &h->source[i].sensor;
		uint64_t ns = s->is_energy ? ENERGY_POLL_NS : s->poll_ns;

		if (ns < least_ns)
			least_ns = ns;
	}
	return least_ns;
}

const struct meter_ops hwmon_ops = {
	.name = "hwmon",
	.covers = METER_CPU | METER_GPU,
	.open = hwmon_open,
	.sample = hwmon_sample,
	.read = hwmon_read,
	.max_interval_ns = hwmon_max_interval_ns,
	.close = hwmon_close,
};
