/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_form.h - the forms that a file of series may have; for series_file.c alone. */
#ifndef INTENSITY_SERIES_FORM_H
#define INTENSITY_SERIES_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/stat.h>

#include "base/why.h"
#include "intensity/series_file.h"

/* Whether it begins with [ or {, after a byte order mark and blanks. */
bool form_is_json(const char *text, size_t len);

/* Add to set what the text says; the caller finishes the series. 0 or -errno with why. */
int form_read_casdk(const char *text, size_t len, struct series_set *set, struct why *why);
int form_read_csv(const char *text, size_t len, struct series_set *set, struct why *why);

/* Whether it begins as series_pack() writes; and the set of such a file. 0 or -errno with why. */
bool form_is_pack(const char *text, size_t len);
int form_map_pack(int fd, const struct stat *st, struct series_set *ret, struct why *why);

/* Adds a point to the series of a location. 0 or -errno with why (without the place). */
int form_add(struct series_set *set, const char *location, enum series_kind kind,
	     const struct series_point *p, struct why *why);

#endif /* INTENSITY_SERIES_FORM_H */
