/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * emissions.h - a run as a row with CodeCarbon's columns, appended to a file such as its
 * emissions.csv. tools/python writes the same ones: tests/e2e/emissions_csv.sh compares them.
 */
#ifndef CLI_EMISSIONS_H
#define CLI_EMISSIONS_H

#include "base/buf.h"
#include "base/why.h"
#include "export/export.h"

/* The columns of CodeCarbon 3.2 and 3.3, in their order, with a newline. */
void emissions_header(struct buf *out);

/*
 * One row: kg, kWh and seconds as CodeCarbon has them, with the site's PUE where r->site has one.
 * What is not known, or is missing in part, is an empty field. root: where /proc is; NULL = "/".
 */
void emissions_row(struct buf *out, const char *root, const struct export_run *r);

/*
 * Appends row to path under a lock, in one write, below a header if the file is new. A file with
 * other columns is left alone: the row goes to NAME_1.csv beside it, or _2 and so on to _99.
 *
 * ret_path  where it went, PATH_MAX bytes
 *
 * Returns 0; -EEXIST (all of them have other columns); row's own error; -errno. The file then ends
 * as it did before.
 */
int emissions_append(const char *path, const struct buf *row, char *ret_path, struct why *why);

#endif /* CLI_EMISSIONS_H */
