/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity_series.h - the parts of `jouletrail intensity` that look at files of series. */
#ifndef CLI_INTENSITY_SERIES_H
#define CLI_INTENSITY_SERIES_H

#include "export/export.h"

/* What the file has, and what was not as it should be. Returns an exit code. */
int intensity_check_file(const char *path, enum export_format f);

/* The same series in a file that is mapped. Returns an exit code. */
int intensity_pack_file(const char *path, const char *out);

#endif /* CLI_INTENSITY_SERIES_H */
