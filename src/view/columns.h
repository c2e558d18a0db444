/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* columns.h - which columns a screen of that width has, and where. */
#ifndef VIEW_COLUMNS_H
#define VIEW_COLUMNS_H

#include <stdbool.h>

/* In their order on the screen. */
enum column {
	COLUMN_NAME = 0,
	COLUMN_PID,
	COLUMN_POWER,
	COLUMN_RANGE, /* 95 % of the power */
	COLUMN_SHARE,
	COLUMN_BAR,
	COLUMN_SPARK,
	COLUMN_ENERGY,
	COLUMN_CO2E,
	COLUMN_CPU,
	COLUMN_N,
};

struct column_place {
	unsigned int at;
	unsigned int width; /* 0 = there is no room for it */
};

struct columns_want {
	unsigned int n_columns; /* of the screen */
	bool since_start;	/* energy before power */
	bool has_pid;
	unsigned int n_cpus; /* of the machine: 100 % each */
};

/*
 * Column 0 of the screen is the cursor's. The name is always there, the others by rank, as long as
 * there is room; what is left over widens name, bar and sparkline.
 */
void columns_place(const struct columns_want *want, struct column_place ret[COLUMN_N]);

#endif /* VIEW_COLUMNS_H */
