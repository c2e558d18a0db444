/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* moment.h - a time on the command line: a date, a moment, or so long from now. */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

#include <stdint.h>

/*
 * "2026-11-25", "2026-11-25T10:00Z", "2026-11-25T10:00:00+01:00" (UTC without an offset), or a
 * duration in whole seconds from now_s on: "6h", "+6h".
 *
 * Returns 0 or -EINVAL.
 */
int moment_parse(const char *text, int64_t now_s, int64_t *ret_s);

/* A duration in whole seconds with a sign or none: "+6h", "-30m". Returns 0 or -EINVAL. */
int moment_parse_shift(const char *text, int64_t *ret_s);

#endif /* CLI_MOMENT_H */
