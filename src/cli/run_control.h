/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * run_control.h - `run` by the daemon: the command is a span, whose windows come as a capture and
 * go through the same maths and outputs.
 *
 *	run_control_new();  run_control_begin();	the command is held still
 *	command_release();  run_control_wait();		until it has ended, and its last window
 *	run_control_pipeline();				for pipeline_total() and what is beside it
 */
#ifndef CLI_RUN_CONTROL_H
#define CLI_RUN_CONTROL_H

#include "base/why.h"
#include "cli/pipeline_rows.h"
#include "daemon/command.h"
#include "daemon/pipeline.h"

struct run_control;

/* path: of the socket; NULL = the default. Returns 0 (*ret for run_control_free()) or -errno. */
int run_control_new(const char *path, struct run_control **ret, struct why *why);
/* After pipeline_free() of its pipeline; NULL is fine. */
void run_control_free(struct run_control *r);

/* The socket that it is connected to; lives as long as r. */
const char *run_control_path(const struct run_control *r);

/*
 * Whether the daemon can do what is asked for. What it cannot but is not missed in the figures is
 * warned of. Returns 0 or -EINVAL with why.
 */
int run_control_check(const struct pipeline_settings *s, enum record_kind by, struct why *why);

/* Of the command, from now on; its windows also into the file capture. Returns 0 or -errno. */
int run_control_begin(struct run_control *r, const struct command *c, const char *capture,
		      struct why *why);

/*
 * Until the command, which was released, has ended, and the daemon has said all of it. Needs
 * loop_block_signals(). Returns 0; -errno with why: the figures end before the command does.
 */
int run_control_wait(struct run_control *r, struct command *c, struct why *why);

/* *ret is the caller's, for pipeline_free(). po: capture and replay are set here. */
int run_control_pipeline(struct run_control *r, const struct pipeline_options *po,
			 struct pipeline **ret, struct why *why);

#endif /* CLI_RUN_CONTROL_H */
