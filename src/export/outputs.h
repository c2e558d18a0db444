/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* outputs.h - one function per output and format, behind export.h; for export/ only. */
#ifndef EXPORT_OUTPUTS_H
#define EXPORT_OUTPUTS_H

#include "export/export.h"

void output_human_run(struct buf *out, const struct export_run *r);
void output_human_top(struct buf *out, const struct tick *t);
void output_json_run(struct buf *out, const struct export_run *r);
void output_json_top(struct buf *out, const struct tick *t);
/* A header and one row per consumer; the same for run and top. */
void output_csv(struct buf *out, const struct tick *t);

#endif /* EXPORT_OUTPUTS_H */
