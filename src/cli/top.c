/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* top.c - `jouletrail top`: who draws power now, on a full screen or as blocks of text. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pipeline_rows.h"
#include "cli/screen.h"
#include "cli/top.h"
#include "daemon/loop.h"
#include "daemon/pipeline.h"
#include "export/export.h"

struct top_options {
	enum export_format format;
	bool once;
	bool plain;
	struct pipeline_settings pipeline;
};

static const struct option_row top_rows[] = {
	OPTION_FORMAT_ROW(struct top_options, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "once",
	  .letter = '1',
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct top_options, once),
	  .help = "one window, then end" },
	{ .name = "plain",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct top_options, plain),
	  .help = "blocks of text, on a terminal too" },
	PIPELINE_ROWS(struct top_options, pipeline),
};

static const struct options_spec top_spec = {
	.command = "top",
	.about = "Who draws power now: a full screen on a terminal (h: its keys), else a block of\n"
		 "text for each window.",
	.row = top_rows,
	.n_rows = ARRAY_LENGTH(top_rows),
	.configured = true,
};

/* The sink: where a tick is written, and whether it still is. */
struct top_blocks {
	enum export_format format;
	int code; /* EXIT_FAILED once nobody reads any more */
};

static void top_publish(const struct tick *t, void *arg)
{
	struct top_blocks *blocks = arg;
	struct buf text = { 0 };

	export_top(&text, blocks->format, t);
	blocks->code = output_finish(&text, blocks->code);
	buf_free(&text);
}

static int top_loop(struct pipeline *p, struct loop *loop, const struct top_blocks *blocks,
		    bool once)
{
	enum loop_event event;
	int err = 0;

	do {
		err = loop_wait(loop, &event);
		if (!err && event == LOOP_POLL)
			pipeline_poll(p);
		if (!err && event == LOOP_WINDOW)
			err = pipeline_step(p, true);
	} while (!err && !blocks->code && event != LOOP_STOP && !(once && event == LOOP_WINDOW));
	return err;
}

/* A terminal that cannot do it is told of; a pipe wants none. */
static bool top_wants_screen(const struct top_options *o)
{
	const char *ledger = o->pipeline.ledger_dir;
	struct why why = { "" };
	int err;

	/* A ledger as a stream has the terminal's place. */
	if (o->once || o->plain || o->format != EXPORT_HUMAN || (ledger && !strcmp(ledger, "-")))
		return false;
	err = screen_possible(&why);
	if (err == -ENOTSUP)
		log_info("no full screen: %s; plain blocks follow", why.text);
	return !err;
}

int top_main(int argc, char **argv)
{
	struct top_options o = { .pipeline = PIPELINE_SETTINGS_DEFAULT };
	struct pipeline_options po;
	struct options_arguments args;
	struct pipeline *p = NULL;
	struct loop *loop = NULL;
	struct top_blocks blocks = { .code = EXIT_DONE };
	struct why why = { "" };
	enum record_kind by;
	int code, err;

	(void)argc;
	if (!options_begin(&top_spec, argv, &o, &args, &code))
		return code;
	if (by_rows_kind(o.pipeline.by, RECORD_PROCESS, &by))
		return EXIT_USAGE;
	if (top_wants_screen(&o))
		return top_screen_run(&o.pipeline, by);
	blocks.format = o.format;
	po = pipeline_settings_options(&o.pipeline, by);
	po.publish = top_publish;
	po.publish_arg = &blocks;
	loop_block_signals();
	err = pipeline_new(&po, &p, &why);
	if (!err)
		err = loop_new(o.pipeline.interval_ns, pipeline_poll_interval_ns(p), &loop);
	if (!err)
		err = top_loop(p, loop, &blocks, o.once);
	if (err)
		log_error("%s", why.text[0] ? why.text : strerror(-err));
	code = pipeline_free(p) || err ? EXIT_FAILED : blocks.code;
	loop_free(loop);
	return code;
}
