/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* nearest.c - see nearest.h. */
#include "cli/nearest.h"

#include <limits.h>
#include <string.h>

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int nearest_distance(const char *a, const char *b)
{
	unsigned int d[NEAREST_MAX_LEN + 1][NEAREST_MAX_LEN + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > NEAREST_MAX_LEN || nb > NEAREST_MAX_LEN)
		return UINT_MAX;
	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			unsigned int same = a[i - 1] == b[j - 1] ? 0 : 1;

			d[i][j] =
				least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

bool nearest_is_near(const char *typed, const char *known)
{
	unsigned int distance = nearest_distance(typed, known);

	return distance <= 2 && 2 * (size_t)distance < strlen(known);
}
