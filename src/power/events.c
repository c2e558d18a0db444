/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* events.c - see events.h. */
#include "power/events.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "jouletrail/units.h"

__extension__ typedef unsigned __int128 wide;

/* arch/x86/events/rapl.c: the names of perf, and what RAPL calls them. */
static const struct {
	const char *name;
	enum energy_domain_kind kind;
} known[] = {
	{ "energy-pkg", ENERGY_PACKAGE }, { "energy-cores", ENERGY_CORE },
	{ "energy-gpu", ENERGY_UNCORE }, /* the graphics inside the package */
	{ "energy-ram", ENERGY_DRAM },	  { "energy-psys", ENERGY_PSYS },
};

static int read_file(const char *root, const char *file, char *ret, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), EVENTS_DIR "/%s", file);
	return fs_read_text(root, path, ret, size, NULL);
}

/* The lowest bit of config that the field takes: "config:0-7". 0 if the kernel does not say. */
static unsigned int field_shift(const char *root)
{
	char text[64];
	unsigned int first;

	if (read_file(root, "format/event", text, sizeof(text)) ||
	    sscanf(text, "config:%2u", &first) != 1)
		return 0;
	return first < 64 ? first : 0;
}

static bool parse_scale(const char *text, double *ret)
{
	char *end;
	double scale = strtod(text, &end);

	/* Written so that a NaN fails. */
	if (end == text || *end || !(scale > 0 && scale <= 1))
		return false;
	*ret = scale;
	return true;
}

/* Whether the event is there and understood. */
static bool read_event(const char *root, const char *name, struct event *ret)
{
	char file[64], text[64];
	unsigned long long code;
	int end = 0;

	snprintf(ret->name, sizeof(ret->name), "%s", name);
	snprintf(file, sizeof(file), "events/%s", name);
	if (read_file(root, file, text, sizeof(text)) ||
	    sscanf(text, "event=%lli%n", (long long *)&code, &end) != 1 || text[end])
		return false;
	ret->config = code << field_shift(root);
	snprintf(file, sizeof(file), "events/%s.unit", name);
	if (read_file(root, file, text, sizeof(text)) || strcmp(text, "Joules") != 0)
		return false;
	snprintf(file, sizeof(file), "events/%s.scale", name);
	return !read_file(root, file, text, sizeof(text)) && parse_scale(text, &ret->joules);
}

int events_find(const char *root, struct events *ret)
{
	char text[4096];
	uint64_t type;
	int err = fs_read_u64(root, EVENTS_DIR "/type", &type);

	if (err)
		return err;
	if (type > UINT32_MAX)
		return -ERANGE;
	*ret = (struct events){ .type = (uint32_t)type };
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct event *e = &ret->event[ret->n];

		e->kind = known[i].kind;
		ret->n += read_event(root, known[i].name, e);
	}
	if (!ret->n)
		return -ENODATA;
	err = read_file(root, "cpumask", text, sizeof(text));
	return err ? err : places_of_list(root, text, &ret->places);
}

bool events_have(const struct events *e, enum energy_domain_kind kind)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->event[i].kind == kind)
			return true;
	return false;
}

uint64_t event_uj(const struct event *e, uint64_t count)
{
	wide micro = (wide)count * JT_UJ_PER_J;
	long double uj;
	int exponent;

	/* A power of two, as the kernel's 2^-32 J is: exact. */
	if (frexp(e->joules, &exponent) == 0.5 && exponent > -62) {
		micro >>= 1 - exponent;
		return micro > UINT64_MAX ? UINT64_MAX : (uint64_t)micro;
	}
	uj = (long double)micro * (long double)e->joules;
	return uj < 0x1p64L ? (uint64_t)uj : UINT64_MAX;
}
