/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* duration.c - durations as people write them, to nanoseconds and back, without rounding. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "jouletrail/units.h"

struct duration_unit {
	const char *name;
	uint64_t ns;
};

/* Longest first: the order in which they are tried for printing. */
static const struct duration_unit units[] = {
	{ "d", 86400 * JT_NS_PER_S },
	{ "h", 3600 * JT_NS_PER_S },
	{ "m", 60 * JT_NS_PER_S },
	{ "s", JT_NS_PER_S },
	{ "ms", JT_NS_PER_MS },
	{ "us", JT_NS_PER_US },
	{ "ns", 1 },
};

static const struct duration_unit *duration_unit(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
		if (!strcmp(name, units[i].name))
			return &units[i];
	return NULL;
}

/* Adds digit x unit to *sum. */
static int duration_add(uint64_t *sum, uint64_t digit, uint64_t unit)
{
	uint64_t part;

	if (__builtin_mul_overflow(digit, unit, &part) || __builtin_add_overflow(*sum, part, sum))
		return -ERANGE;
	return 0;
}

int options_parse_duration(const char *text, uint64_t *ret_ns)
{
	size_t whole = strspn(text, "0123456789");
	size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
	const char *end = text + whole + (part ? part + 1 : 0);
	const struct duration_unit *unit = duration_unit(end);
	uint64_t n = 0, ns = 0, scale;

	if (whole == 0)
		return -EINVAL;
	if (!unit) {
		if (strcmp(text, "0") != 0)
			return -EINVAL;
		*ret_ns = 0;
		return 0;
	}
	for (size_t i = 0; i < whole; i++) {
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(text[i] - '0'), &n))
			return -ERANGE;
	}
	if (duration_add(&ns, n, unit->ns))
		return -ERANGE;
	scale = unit->ns;
	for (size_t i = 0; i < part; i++) {
		unsigned int digit = (unsigned int)(text[whole + 1 + i] - '0');

		if (digit && (scale == 0 || scale % 10 != 0))
			return -EDOM;
		scale /= 10;
		if (duration_add(&ns, digit, scale))
			return -ERANGE;
	}
	*ret_ns = ns;
	return 0;
}

const char *options_duration_text(uint64_t ns, char *buf, size_t size)
{
	const struct duration_unit *best = duration_unit(ns ? "ns" : "s");

	for (size_t i = 0; ns && i < ARRAY_LENGTH(units); i++) {
		if (ns % units[i].ns == 0) {
			best = &units[i];
			break;
		}
	}
	snprintf(buf, size, "%llu%s", (unsigned long long)(ns / best->ns), best->name);
	return buf;
}
