/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.c - see tree.h. */
#include "raplsim/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jouletrail/units.h"

#define DEVICES "/sys/devices/virtual/powercap"

/* The node being filled: appends it, path by format. NULL when there is no memory. */
static __attribute__((format(printf, 4, 5))) struct tree_node *add(struct tree *t,
								   enum tree_kind kind, int domain,
								   const char *format, ...)
{
	struct tree_node *node;
	va_list ap;

	if (t->n == t->capacity) {
		size_t capacity = t->capacity ? 2 * t->capacity : 256;
		void *bigger = realloc(t->node, capacity * sizeof(*t->node));

		if (!bigger)
			return NULL;
		t->node = bigger;
		t->capacity = capacity;
	}
	node = &t->node[t->n++];
	*node = (struct tree_node){ .kind = kind, .domain = domain };
	va_start(ap, format);
	vsnprintf(node->path, sizeof(node->path), format, ap);
	va_end(ap);
	return node;
}

/* A small file or a link by its text. */
static __attribute__((format(printf, 3, 4))) void set_text(struct tree_node *node, bool *full,
							   const char *format, ...)
{
	va_list ap;

	if (!node) {
		*full = true;
		return;
	}
	va_start(ap, format);
	vsnprintf(node->text, sizeof(node->text), format, ap);
	va_end(ap);
}

/* Files of one zone whose directory is dir. */
static void add_zone_files(struct tree *t, const struct model *m, int domain, const char *dir,
			   bool *full)
{
	const struct model_domain *d = &m->domain[domain];
	uint64_t busy_mw = m->idle_mw + m->default_mw * (m->cpu.n_cpus + 1);
	uint64_t tdp_uw = (m->tdp_mw ? m->tdp_mw : busy_mw) * 1000;

	/* More than the packages and their memory. */
	if (d->part == MODEL_PSYS)
		tdp_uw = 2 * tdp_uw * m->n_packages + 10 * JT_UW_PER_W;

	*full |= !add(t, TREE_DIRECTORY, domain, "%s", dir);
	set_text(add(t, TREE_TEXT, domain, "%s/name", dir), full, "%s\n", d->name);
	*full |= !add(t, TREE_COUNTER, domain, "%s/energy_uj", dir);
	set_text(add(t, TREE_TEXT, domain, "%s/max_energy_range_uj", dir), full, "%" PRIu64 "\n",
		 d->counter.range_uj);
	set_text(add(t, TREE_TEXT, domain, "%s/enabled", dir), full, "1\n");
	set_text(add(t, TREE_TEXT, domain, "%s/constraint_0_name", dir), full, "long_term\n");
	set_text(add(t, TREE_TEXT, domain, "%s/constraint_0_time_window_us", dir), full,
		 "27983872\n");
	set_text(add(t, TREE_TEXT, domain, "%s/constraint_0_power_limit_uw", dir), full,
		 "%" PRIu64 "\n", tdp_uw);
	set_text(add(t, TREE_TEXT, domain, "%s/constraint_0_max_power_uw", dir), full,
		 "%" PRIu64 "\n", tdp_uw);
}

static void add_class_link(struct tree *t, int domain, const char *device, bool *full)
{
	const char *name = strrchr(device, '/') + 1;

	set_text(add(t, TREE_LINK, domain, "/sys/class/powercap/%s", name), full, "../..%s",
		 device + strlen("/sys"));
}

/* intel-rapl:P and below it intel-rapl:P:N; psys comes last, as a zone of its own. */
static void add_zones(struct tree *t, const struct model *m, bool *full)
{
	unsigned int n_top = 0, n_sub = 0;
	char top[TREE_PATH_LEN / 2] = "", dir[TREE_PATH_LEN - 40];

	for (size_t i = 0; i < m->n_domains; i++) {
		if (m->domain[i].parent < 0) {
			snprintf(top, sizeof(top), DEVICES "/intel-rapl/intel-rapl:%u", n_top);
			snprintf(dir, sizeof(dir), "%s", top);
			n_top++;
			n_sub = 0;
		} else {
			snprintf(dir, sizeof(dir), "%s/intel-rapl:%u:%u", top, n_top - 1, n_sub++);
		}
		add_zone_files(t, m, (int)i, dir, full);
		add_class_link(t, (int)i, dir, full);
	}
}

static void add_control(struct tree *t, const char *name, bool *full)
{
	char dir[TREE_PATH_LEN / 2];

	snprintf(dir, sizeof(dir), DEVICES "/%s", name);
	*full |= !add(t, TREE_DIRECTORY, -1, "%s", dir);
	set_text(add(t, TREE_TEXT, -1, "%s/enabled", dir), full, "1\n");
	add_class_link(t, -1, dir, full);
}

static void add_mmio(struct tree *t, const struct model *m, bool *full)
{
	unsigned int n = 0;

	add_control(t, "intel-rapl-mmio", full);
	for (size_t i = 0; i < m->n_domains; i++) {
		char dir[TREE_PATH_LEN / 2];

		if (m->domain[i].part != MODEL_PACKAGE)
			continue;
		snprintf(dir, sizeof(dir), DEVICES "/intel-rapl-mmio/intel-rapl-mmio:%u", n++);
		add_zone_files(t, m, (int)i, dir, full);
		add_class_link(t, (int)i, dir, full);
	}
}

static void add_hwmon(struct tree *t, const struct model *m, bool *full)
{
	static const char dir[] = "/sys/devices/virtual/hwmon/hwmon0";
	unsigned int n = 0;

	*full |= !add(t, TREE_DIRECTORY, -1, "/sys/devices/virtual/hwmon");
	*full |= !add(t, TREE_DIRECTORY, -1, "/sys/class/hwmon");
	*full |= !add(t, TREE_DIRECTORY, -1, "%s", dir);
	set_text(add(t, TREE_LINK, -1, "/sys/class/hwmon/hwmon0"), full,
		 "../../devices/virtual/hwmon/hwmon0");
	set_text(add(t, TREE_TEXT, -1, "%s/name", dir), full, "raplsim\n");
	for (size_t i = 0; i < m->n_domains; i++) {
		if (m->domain[i].part != MODEL_PACKAGE)
			continue;
		n++;
		set_text(add(t, TREE_TEXT, (int)i, "%s/energy%u_label", dir, n), full,
			 "Esocket%u\n", n - 1);
		*full |= !add(t, TREE_COUNTER, (int)i, "%s/energy%u_input", dir, n);
		set_text(add(t, TREE_TEXT, (int)i, "%s/power%u_label", dir, n), full, "socket%u\n",
			 n - 1);
		*full |= !add(t, TREE_POWER, (int)i, "%s/power%u_input", dir, n);
	}
}

int tree_build(struct tree *t, const struct model *m, const struct tree_options *o)
{
	static const char *const dirs[] = { "/",
					    "/sys",
					    "/sys/class",
					    "/sys/class/powercap",
					    "/sys/devices",
					    "/sys/devices/virtual",
					    DEVICES };
	bool full = false;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		full |= !add(t, TREE_DIRECTORY, -1, "%s", dirs[i]);
	full |= !add(t, TREE_TRUTH, -1, "/truth.json");
	full |= !add(t, TREE_READINGS, -1, "/readings.tsv");
	full |= !add(t, TREE_FAULTS, -1, "/faults");
	add_control(t, "intel-rapl", &full);
	add_zones(t, m, &full);
	if (o->mmio)
		add_mmio(t, m, &full);
	if (o->hwmon)
		add_hwmon(t, m, &full);
	return full ? -ENOMEM : 0;
}

void tree_free(struct tree *t)
{
	free(t->node);
}

const struct tree_node *tree_find(const struct tree *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->node[i].path, path))
			return &t->node[i];
	return NULL;
}

const char *tree_name_in(const struct tree_node *node, const char *dir)
{
	size_t len = strcmp(dir, "/") ? strlen(dir) : 0;

	if (strncmp(node->path, dir, len) != 0 || node->path[len] != '/')
		return NULL;
	return node->path[len + 1] && !strchr(node->path + len + 1, '/') ? node->path + len + 1
									 : NULL;
}
