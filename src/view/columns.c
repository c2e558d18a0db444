/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* columns.c - see columns.h. */
#include "view/columns.h"

#include <string.h>

#define NAME_LEAST 14

/* width: at first; gap before it. */
static const struct {
	unsigned int width;
	unsigned int gap;
} columns[COLUMN_N] = {
	[COLUMN_NAME] = { NAME_LEAST, 0 }, [COLUMN_PID] = { 7, 1 },    [COLUMN_POWER] = { 8, 1 },
	[COLUMN_RANGE] = { 15, 1 },	   [COLUMN_SHARE] = { 6, 1 },  [COLUMN_BAR] = { 5, 1 },
	[COLUMN_SPARK] = { 8, 2 },	   [COLUMN_ENERGY] = { 9, 1 }, [COLUMN_CO2E] = { 7, 1 },
	[COLUMN_CPU] = { 5, 1 },
};

/* Who comes first where there is not room for all, and how wide they grow in which order. */
static const enum column ranks[] = { COLUMN_POWER, COLUMN_SHARE, COLUMN_CPU,   COLUMN_ENERGY,
				     COLUMN_CO2E,  COLUMN_PID,	 COLUMN_SPARK, COLUMN_BAR };

static const struct {
	enum column column;
	unsigned int most;
} growth[] = { { COLUMN_NAME, 17 },  { COLUMN_BAR, 8 },	   { COLUMN_NAME, 22 },
	       { COLUMN_RANGE, 15 }, { COLUMN_BAR, 12 },   { COLUMN_SPARK, 20 },
	       { COLUMN_NAME, 36 },  { COLUMN_SPARK, 40 }, { COLUMN_NAME, 60 },
	       { COLUMN_SPARK, 60 }, { COLUMN_BAR, 30 },   { COLUMN_NAME, 10000 } };

static void add(const struct columns_want *want, enum column what, struct column_place *ret,
		unsigned int *left)
{
	unsigned int width = columns[what].width;

	if (what == COLUMN_PID && !want->has_pid)
		return;
	for (unsigned int n = want->n_cpus; what == COLUMN_CPU && n >= 10; n /= 10)
		width++;
	if (*left < width + columns[what].gap)
		return;
	ret[what].width = width;
	*left -= width + columns[what].gap;
}

static void grow(struct column_place *column, unsigned int most, unsigned int *left)
{
	unsigned int more = most > column->width ? most - column->width : 0;

	more = more < *left ? more : *left;
	column->width += more;
	*left -= more;
}

void columns_place(const struct columns_want *want, struct column_place ret[COLUMN_N])
{
	enum column first = want->since_start ? COLUMN_ENERGY : COLUMN_POWER;
	unsigned int left = want->n_columns > 1 ? want->n_columns - 1 : 0, at = 1, name = left;

	memset(ret, 0, COLUMN_N * sizeof(*ret));
	/* One column of figures comes before a longer name. */
	if (left > columns[first].width + columns[first].gap + 3)
		name = left - columns[first].width - columns[first].gap;
	ret[COLUMN_NAME].width = name < NAME_LEAST ? name : NAME_LEAST;
	left -= ret[COLUMN_NAME].width;
	add(want, first, ret, &left);
	for (unsigned int i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++)
		if (!ret[ranks[i]].width)
			add(want, ranks[i], ret, &left);
	for (unsigned int i = 0; i < sizeof(growth) / sizeof(growth[0]); i++) {
		struct column_place *column = &ret[growth[i].column];

		if (growth[i].column == COLUMN_RANGE && left > columns[COLUMN_RANGE].width)
			add(want, COLUMN_RANGE, ret, &left);
		else if (column->width)
			grow(column, growth[i].most, &left);
	}
	for (unsigned int i = 0; i < COLUMN_N; i++) {
		if (!ret[i].width)
			continue;
		at += columns[i].gap;
		ret[i].at = at;
		at += ret[i].width;
	}
}
