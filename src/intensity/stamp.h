/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stamp.h - times, spans and numbers as files and feeds write them; text that is not trusted. */
#ifndef INTENSITY_STAMP_H
#define INTENSITY_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ISO 8601: "2026-01-01", "…T12:30", "…T12:30:15", "…T12:30:15.509Z", "…+01:00", "…+0100"; a blank
 * may stand for the T; or seconds since 1970 as digits alone. Fractions are cut.
 *
 * text  [len] bytes
 * ret_assumed_utc  true where it says no offset (never for seconds since 1970)
 *
 * Returns 0, or -EINVAL (also for the 31st of February and for years before 1970).
 */
int stamp_read_time(const char *text, size_t len, int64_t *ret_s, bool *ret_assumed_utc);

/*
 * A .NET TimeSpan: "[d.]hh:mm[:ss[.fffffff]]", or days as digits alone ("5"); or ISO 8601's
 * "PT5M", "PT1H30M", "P1D". Returns 0; -EINVAL; -ERANGE for what is negative or beyond 100 years.
 */
int stamp_read_span(const char *text, size_t len, int64_t *ret_s);

/* A finite decimal number, and nothing else but blanks around it. Returns 0 or -EINVAL. */
int stamp_read_number(const char *text, size_t len, double *ret);

/* "2026-01-01T12:30:00Z" into ret (size 32); returns ret. */
const char *stamp_write(int64_t t_s, char *ret, size_t size);

#endif /* INTENSITY_STAMP_H */
