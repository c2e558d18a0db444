/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* near.h - how near a word that is no zone comes to one. */
#ifndef INTENSITY_NEAR_H
#define INTENSITY_NEAR_H

/* Beyond this a zone is no near miss. */
#define NEAR_MAX 5

/*
 * 0: word is the zone's name, or its cloud region without the provider ("France", "eu-west-3").
 * 1: a name begins with it (three letters at least). 2 … NEAR_MAX: a mistake or two in the code
 * (a letter wrong, missing, too many, or two swapped), the first letter wrong counting more.
 * More than NEAR_MAX: not near. Case does not matter.
 */
unsigned int near_distance(const char *word, const char *zone, const char *zone_name);

#endif /* INTENSITY_NEAR_H */
