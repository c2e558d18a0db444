/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* nearest.h - how far two words are apart, to name what a mistyped one was meant to be. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stdbool.h>

/* Words longer than this are near nothing. */
#define NEAREST_MAX_LEN 31

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
 * alignment); UINT_MAX when either is longer than NEAREST_MAX_LEN.
 */
unsigned int nearest_distance(const char *a, const char *b);

/* Near enough to be suggested: at most 2 apart, and less than half of the word is changed. */
bool nearest_is_near(const char *typed, const char *known);

#endif /* CLI_NEAREST_H */
