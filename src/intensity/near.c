/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* near.c - how near a word that is no zone comes to one. */
#include "intensity/near.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "types/intensity.h"

#define NAME_PREFIX_MIN 3

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance; both shorter than INTENSITY_ZONE_LEN. */
static unsigned int edits(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned int d[INTENSITY_ZONE_LEN][INTENSITY_ZONE_LEN];

	for (size_t i = 0; i <= n_a; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= n_b; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= n_a; i++) {
		for (size_t j = 1; j <= n_b; j++) {
			unsigned int change = same(a[i - 1], b[j - 1]) ? 0 : 1;

			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n_a][n_b];
}

unsigned int near_distance(const char *word, const char *zone, const char *zone_name)
{
	size_t n_word = strlen(word);
	size_t n_zone = strlen(zone);
	const char *region = strchr(zone, ':');
	unsigned int n_edits;

	if (strcasecmp(word, zone_name) == 0 || (region && strcasecmp(word, region + 1) == 0))
		return 0;
	if (n_word >= NAME_PREFIX_MIN && strncasecmp(word, zone_name, n_word) == 0)
		return 1;
	if (n_word == 0 || n_word >= INTENSITY_ZONE_LEN || n_zone >= INTENSITY_ZONE_LEN)
		return NEAR_MAX + 1;

	n_edits = edits(word, n_word, zone, n_zone);
	/* A code of two letters with two mistakes is any code. */
	if (n_edits > (n_word > 4 ? 2U : 1U))
		return NEAR_MAX + 1;
	return 2 * n_edits + (same(word[0], zone[0]) ? 0 : 1);
}
