/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_parts.h - the files of a bug report's bundle. */
#ifndef CLI_DOCTOR_PARTS_H
#define CLI_DOCTOR_PARTS_H

#include "cli/doctor.h"

void doctor_put_version(struct buf *out);
/* Below the root: what is chosen of /proc and /sys, a line "PATH: TEXT" each. */
void doctor_put_kernel(struct buf *out, const struct doctor *d);
void doctor_put_cpu(struct buf *out, const struct doctor *d);
/* Ten windows of this machine by a run of our own; nothing where that does not work. */
void doctor_put_capture(struct buf *out);

#endif /* CLI_DOCTOR_PARTS_H */
