/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* top.c - `jouletrail top --once`: who draws power now, over one window. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pipeline_rows.h"
#include "daemon/loop.h"
#include "daemon/pipeline.h"
#include "export/export.h"

struct top_options {
	enum export_format format;
	bool once;
	struct pipeline_settings pipeline;
};

static const struct option_row top_rows[] = {
	OPTION_FORMAT_ROW(struct top_options, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "once",
	  .letter = '1',
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct top_options, once),
	  .help = "one window, then end" },
	PIPELINE_ROWS(struct top_options, pipeline),
};

static const struct options_spec top_spec = {
	.command = "top",
	.about = "Who draws power now: one window after another, or --once.",
	.row = top_rows,
	.n_rows = ARRAY_LENGTH(top_rows),
	.configured = true,
};

/* The sink: where a tick is shown, and whether it still is. */
struct top_screen {
	enum export_format format;
	int code; /* EXIT_FAILED once nobody reads any more */
};

static void top_publish(const struct tick *t, void *arg)
{
	struct top_screen *screen = arg;
	struct buf text = { 0 };

	export_top(&text, screen->format, t);
	screen->code = output_finish(&text, screen->code);
	buf_free(&text);
}

static int top_loop(struct pipeline *p, struct loop *loop, const struct top_screen *screen,
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
	} while (!err && !screen->code && event != LOOP_STOP && !(once && event == LOOP_WINDOW));
	return err;
}

int top_main(int argc, char **argv)
{
	struct top_options o = { .pipeline = PIPELINE_SETTINGS_DEFAULT };
	struct pipeline_options po;
	struct options_arguments args;
	struct pipeline *p = NULL;
	struct loop *loop = NULL;
	struct top_screen screen = { .code = EXIT_DONE };
	struct why why = { "" };
	enum record_kind by;
	int code, err;

	(void)argc;
	if (!options_begin(&top_spec, argv, &o, &args, &code))
		return code;
	if (by_rows_kind(o.pipeline.by, RECORD_PROCESS, &by))
		return EXIT_USAGE;
	screen.format = o.format;
	po = pipeline_settings_options(&o.pipeline, by);
	po.publish = top_publish;
	po.publish_arg = &screen;
	loop_block_signals();
	err = pipeline_new(&po, &p, &why);
	if (!err)
		err = loop_new(o.pipeline.interval_ns, pipeline_poll_interval_ns(p), &loop);
	if (!err)
		err = top_loop(p, loop, &screen, o.once);
	if (err)
		log_error("%s", why.text[0] ? why.text : strerror(-err));
	code = pipeline_free(p) || err ? EXIT_FAILED : screen.code;
	loop_free(loop);
	return code;
}
