/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sensors.c - see sensors.h. */
#include "power/sensors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"

#define MAX_CHIPS    64
#define MAX_INPUTS   16
#define POLL_NS	     (100 * JT_NS_PER_MS)
#define POLL_ACPI_NS (1000 * JT_NS_PER_MS) /* its own averages are not shorter */

/*
 * What a chip's sensors are; Documentation/hwmon/ of Linux, and the hwmon files of the i915, xe,
 * amdgpu and nouveau drivers. A label of NULL is any; a number at the end of a label that ends in
 * '%' is that of the package, else packages are counted in the order of their chips.
 */
static const struct chip_row {
	const char *chip;
	const char *label;
	bool is_energy;
	enum energy_domain_kind kind;
	const char *why_not;
	uint64_t poll_ns;
} rows[] = {
	{ "amd_energy", "Esocket%", true, ENERGY_PACKAGE, NULL, 0 },
	{ "fam15h_power", NULL, false, ENERGY_PACKAGE, NULL, POLL_NS },
	/* Drivers of cards alone have this hwmon, not those of graphics inside a CPU. */
	{ "i915", NULL, true, ENERGY_GPU, NULL, 0 },
	{ "xe", "card", true, ENERGY_GPU, NULL, 0 },
	{ "xe", "pkg", true, ENERGY_OTHER, "inside the card", 0 },
	{ "amdgpu", NULL, false, ENERGY_GPU, NULL, POLL_NS },
	{ "nouveau", NULL, false, ENERGY_GPU, NULL, POLL_NS },
	{ "power_meter", NULL, false, ENERGY_PSYS, NULL, POLL_ACPI_NS },
};

#define N_ROWS	(sizeof(rows) / sizeof(*rows))
#define UNKNOWN "not known what it is part of"

struct chips {
	size_t n;
	char dir[MAX_CHIPS][32]; /* "hwmon3" */
};

/* The number that stands for '%' in pattern; -1 = none; false = another label. */
static bool match(const char *pattern, const char *label, int *ret_number)
{
	size_t len = pattern ? strcspn(pattern, "%") : 0;
	unsigned int number;

	*ret_number = -1;
	if (!pattern)
		return true;
	if (strncmp(pattern, label, len) != 0)
		return false;
	if (!pattern[len])
		return !label[len];
	if (sscanf(label + len, "%3u", &number) != 1)
		return false;
	*ret_number = (int)number;
	return true;
}

static bool has_file(const char *root, const char *dir, const char *file)
{
	char path[96], text[64];

	snprintf(path, sizeof(path), SENSORS_DIR "/%.31s/%s", dir, file);
	return fs_read_text(root, path, text, sizeof(text), NULL) != -ENOENT;
}

static size_t count_kind(const struct sensors *s, enum energy_domain_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->sensor[i].kind == kind;
	return n;
}

static void classify(const char *root, const char *dir, const struct sensors *s, struct sensor *ret)
{
	int number;

	ret->kind = ENERGY_OTHER;
	ret->package = -1;
	ret->why_not = UNKNOWN;
	ret->poll_ns = POLL_NS;
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct chip_row *r = &rows[i];

		if (strcmp(r->chip, ret->chip) != 0 || r->is_energy != ret->is_energy ||
		    !match(r->label, ret->label, &number))
			continue;
		ret->kind = r->kind;
		ret->why_not = r->why_not;
		ret->poll_ns = r->poll_ns;
		if (r->kind == ENERGY_PACKAGE)
			ret->package = number >= 0 ? number : (int)count_kind(s, ENERGY_PACKAGE);
		/* The north bridge's voltage is there: graphics inside a CPU. */
		if (!strcmp(ret->chip, "amdgpu") && has_file(root, dir, "in1_input")) {
			ret->kind = ENERGY_OTHER;
			ret->why_not = "graphics inside a CPU: its power is the package's";
		}
		return;
	}
}

/* "power" has power1_input, or of some chips power1_average. */
static bool find_value(const char *root, const char *dir, const char *stem, struct sensor *ret)
{
	static const char *const ends[] = { "input", "average" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char file[32];

		snprintf(file, sizeof(file), "%.16s_%s", stem, ends[i]);
		if (!has_file(root, dir, file))
			continue;
		snprintf(ret->path, sizeof(ret->path), SENSORS_DIR "/%.31s/%s", dir, file);
		return true;
	}
	return false;
}

/* Sensors of one chip; known: only those of rows[], else only the others. */
static void add_chip(const char *root, const char *dir, bool known, struct sensors *ret)
{
	char path[96], name[32];
	bool energy_seen = false;

	snprintf(path, sizeof(path), SENSORS_DIR "/%.31s/name", dir);
	if (fs_read_text(root, path, name, sizeof(name), NULL))
		return;
	for (int i = 1; i <= 2 * MAX_INPUTS; i++) {
		struct sensor s = { .is_energy = i <= MAX_INPUTS };
		char stem[16];

		snprintf(stem, sizeof(stem), "%s%d", s.is_energy ? "energy" : "power",
			 s.is_energy ? i : i - MAX_INPUTS);
		/* Power beside an energy counter of the same chip is the same thing again. */
		if ((!s.is_energy && energy_seen) || !find_value(root, dir, stem, &s))
			continue;
		energy_seen |= s.is_energy;
		memcpy(s.chip, name, sizeof(s.chip));
		snprintf(path, sizeof(path), SENSORS_DIR "/%.31s/%s_label", dir, stem);
		if (fs_read_text(root, path, s.label, sizeof(s.label), NULL) || !s.label[0])
			snprintf(s.label, sizeof(s.label), "%s", stem);
		classify(root, dir, ret, &s);
		/* strcmp(): the same text may be elsewhere. */
		if (known == !(s.why_not && !strcmp(s.why_not, UNKNOWN)) && ret->n < SENSORS_MAX)
			ret->sensor[ret->n++] = s;
	}
}

static int compare_names(const void *a, const void *b)
{
	return strverscmp(a, b);
}

int sensors_find(const char *root, struct sensors *ret)
{
	char full[FS_PATH_LEN];
	CLEANUP(closedir_ptr) DIR *d = NULL;
	struct chips chips = { 0 };
	const struct dirent *ent;
	int err = fs_path(root, SENSORS_DIR, full, sizeof(full));

	ret->n = 0;
	if (err)
		return err;
	d = opendir(full);
	if (!d)
		return -errno;
	while ((ent = readdir(d)))
		if (!strncmp(ent->d_name, "hwmon", 5) && strlen(ent->d_name) < 32 &&
		    chips.n < MAX_CHIPS)
			snprintf(chips.dir[chips.n++], 32, "%s", ent->d_name);
	qsort(chips.dir, chips.n, sizeof(chips.dir[0]), compare_names);
	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; i < chips.n; i++)
			add_chip(root, chips.dir[i], known, ret);
	return 0;
}
