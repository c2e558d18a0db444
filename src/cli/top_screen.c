/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* top_screen.c - top on a terminal: windows and keys move a view, which the screen shows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "carbon/carbon.h"
#include "cli/explain.h"
#include "cli/screen.h"
#include "cli/top.h"
#include "daemon/loop.h"
#include "daemon/pipeline.h"
#include "view/view.h"

#define MAX_LINES     32
#define KEY_CONTROL_L 0x0c

/* All that a session has; the view outlives its pipelines, of one grouping each. */
struct top_screen {
	struct screen *screen;
	struct view *view;
	struct pipeline *pipeline;
	struct loop *loop;
	const struct tick *tick; /* the pipeline's last; NULL = none yet */
	bool is_over;
	bool regroups;
	int err;
	size_t n_lines; /* said while the screen was taken: told again when it is not */
	char line[MAX_LINES][256];
};

static void top_said(const char *line, void *arg)
{
	struct top_screen *t = arg;

	view_say(t->view, line);
	if (t->n_lines < MAX_LINES)
		snprintf(t->line[t->n_lines++], sizeof(t->line[0]), "%s", line);
}

/* What the details of a consumer lack, if they are open and its tick knows. */
static bool top_describe(struct top_screen *t)
{
	const struct sample *s = t->tick ? view_wants(t->view, t->tick) : NULL;
	struct record_budget budget[RECORD_MAX_BUDGET];
	CLEANUP(buf_free) struct buf text = { 0 };
	size_t n;

	if (!s)
		return false;
	n = carbon_budget(t->tick, s, budget);
	explain_write(&text, "its carbon", budget, n, t->tick->intensity.is_default);
	view_describe(t->view, s, text.err ? "" : text.data);
	return true;
}

static void top_show(struct top_screen *t)
{
	struct canvas *c = screen_canvas(t->screen);
	int err = c ? view_draw(t->view, c) : -ENOMEM;

	if (!err && top_describe(t)) {
		c = screen_canvas(t->screen);
		err = c ? view_draw(t->view, c) : -ENOMEM;
	}
	if (err && !t->err)
		t->err = err;
	screen_show(t->screen);
}

static void top_window(const struct tick *tick, void *arg)
{
	struct top_screen *t = arg;
	int err = view_tick(t->view, tick);

	t->tick = tick;
	if (err && !t->err)
		t->err = err;
	top_show(t);
}

/* Every key that is there, then one picture. */
static void top_keys(struct top_screen *t)
{
	enum view_action action, did = VIEW_NOTHING;
	uint32_t key;
	int err;

	while (did < VIEW_REGROUP && !(err = screen_key(t->screen, &key))) {
		if (key == KEY_CONTROL_L) {
			screen_renew(t->screen);
			did = VIEW_REDRAW;
			continue;
		}
		action = view_key(t->view, key);
		did = action > did ? action : did;
	}
	t->is_over = did == VIEW_QUIT || (did < VIEW_REGROUP && err == -EIO);
	t->regroups = did == VIEW_REGROUP;
	if (did == VIEW_REDRAW)
		top_show(t);
}

static int top_loop(struct top_screen *t)
{
	enum loop_event event;
	int err = 0;

	t->regroups = false;
	while (!err && !t->is_over && !t->regroups) {
		err = loop_wait(t->loop, &event);
		if (err)
			break;
		if (event == LOOP_STOP) {
			t->is_over = true;
		} else if (event == LOOP_KEYS) {
			top_keys(t);
		} else if (event == LOOP_TERMINAL) {
			screen_signals(t->screen);
			top_show(t);
		} else if (event == LOOP_POLL) {
			pipeline_poll(t->pipeline);
		} else if (event == LOOP_WINDOW) {
			t->tick = NULL;
			err = pipeline_step(t->pipeline, false);
		}
		err = err ? err : t->err;
	}
	return err;
}

/* The screen is taken after the first pipeline's own words: these stay on the terminal. */
static int top_take_screen(struct top_screen *t, struct why *why)
{
	int err = t->screen ? 0 : screen_open(&t->screen, why);

	if (!err)
		log_to(top_said, t);
	return err;
}

static int top_watch(struct top_screen *t, uint64_t interval_ns)
{
	int err = loop_new(interval_ns, pipeline_poll_interval_ns(t->pipeline), &t->loop);

	if (!err)
		err = loop_watch(t->loop, screen_fd_keys(t->screen), LOOP_KEYS);
	return err ? err : loop_watch(t->loop, screen_fd_signals(t->screen), LOOP_TERMINAL);
}

/* One grouping, from its start to its end. */
static int top_session(struct top_screen *t, const struct pipeline_settings *settings,
		       struct why *why)
{
	struct pipeline_options o = pipeline_settings_options(settings, view_grouping(t->view));
	int err, closed;

	o.tick_ns = 0; /* every window is shown */
	o.publish = top_window;
	o.publish_arg = t;
	err = pipeline_new(&o, &t->pipeline, why);
	if (!err)
		err = top_take_screen(t, why);
	if (!err)
		err = top_watch(t, settings->interval_ns);
	if (!err) {
		top_show(t);
		err = top_loop(t);
	}
	loop_free(t->loop);
	closed = pipeline_free(t->pipeline);
	t->tick = NULL;
	t->loop = NULL;
	t->pipeline = NULL;
	return err ? err : closed;
}

int top_screen_run(const struct pipeline_settings *settings, enum record_kind by)
{
	struct top_screen t = { .regroups = true };
	bool can_regroup = !settings->ledger_dir && !settings->capture;
	struct why why = { "" };
	int err;

	loop_block_signals();
	screen_block_signals();
	err = view_new(by, can_regroup, &t.view);
	while (!err && t.regroups) {
		err = top_session(&t, settings, &why);
		if (!err && t.regroups)
			err = view_restart(t.view, view_grouping(t.view));
		if (!err && t.regroups)
			top_show(&t);
	}
	log_to(NULL, NULL);
	screen_close(t.screen);
	view_free(t.view);
	for (size_t i = 0; i < t.n_lines; i++)
		fprintf(stderr, "%s\n", t.line[i]);
	if (err)
		log_error("%s", why.text[0] ? why.text : strerror(-err));
	return err ? EXIT_FAILED : EXIT_DONE;
}
