/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* top.h - top's full screen, apart from its blocks of text. */
#ifndef CLI_TOP_H
#define CLI_TOP_H

#include "cli/options.h"
#include "cli/pipeline_rows.h"

/*
 * Measures and shows until somebody presses q or a signal comes. Needs screen_possible(). Returns
 * an exit code; what is wrong is said on standard error, once the terminal is given back.
 */
int top_screen_run(const struct pipeline_settings *settings, enum record_kind by);

#endif /* CLI_TOP_H */
