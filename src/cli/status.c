/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* status.c - `jouletrail status`: how the daemon of this machine is, asked over its socket. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/figures.h"
#include "export/export.h"
#include "export/text.h"

#define STATUS_TROUBLED 3
/* Columns of what a line is of. */
#define STATUS_WHAT 10

struct status_options {
	enum export_format format;
	const char *control;
};

static const struct option_row status_rows[] = {
	OPTION_FORMAT_ROW(struct status_options, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "control",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct status_options, control),
	  .arg = "PATH",
	  .help = "the daemon's socket (" JT_CLIENT_SOCKET ")" },
};

static const struct options_spec status_spec = {
	.command = "status",
	.about = "How `jouletrail daemon` is. Exit status: 0 it measures; 1 it cannot be asked; 3 "
		 "it\n"
		 "measures, but there is trouble, or it is ending.",
	.row = status_rows,
	.n_rows = ARRAY_LENGTH(status_rows),
};

/* "  WHAT:     text" */
static void status_line(struct buf *out, const char *what, const struct buf *text)
{
	size_t start = out->len;

	buf_printf(out, " %s:", what);
	text_pad(out, start, 1 + STATUS_WHAT);
	buf_puts(out, text->err || !text->data ? "" : text->data);
	buf_putc(out, '\n');
}

static void status_since(struct buf *out, const struct jt_daemon_status *s)
{
	time_t since = (time_t)(s->started_real_us / 1000000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&since, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	buf_printf(out, "\n jouletrail daemon, pid %" PRId64 ": ", s->pid);
	text_put_escaped(out, s->state, 0);
	buf_printf(out, " since %s, for ", text);
	text_put_time(out, s->uptime_ns);
	buf_puts(out, "\n\n");
}

static void status_measuring(struct buf *out, const struct jt_daemon_status *s)
{
	static const char *const qualities[] = { "missing", "modelled", "measured" };
	CLEANUP(buf_free) struct buf line = { 0 };
	char duration[32];

	buf_printf(&line, "Power:    %s, ", qualities[s->quality]);
	text_put_escaped(&line, s->power_source, 0);
	text_put_folded(out, line.err ? "" : line.data);
	buf_reset(&line);
	text_put_escaped(&line, s->zone[0] ? s->zone : "not known before the first window", 0);
	status_line(out, "Grid", &line);
	buf_reset(&line);
	buf_printf(&line, "%" PRIu64 " of %s, by ", s->n_windows,
		   options_duration_text(s->interval_ns, duration, sizeof(duration)));
	text_put_escaped(&line, s->by, 0);
	status_line(out, "Windows", &line);
	buf_reset(&line);
	buf_printf(&line, "%" PRIu64 " of %s", s->n_ticks,
		   options_duration_text(s->tick_ns, duration, sizeof(duration)));
	status_line(out, "Ticks", &line);
}

static void status_ledger(struct buf *out, const struct jt_daemon_status *s)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	if (!s->has_ledger) {
		buf_puts(&line, "none");
	} else {
		buf_printf(&line, "%" PRIu64 " records", s->n_ledger_records);
		if (s->ledger_dir[0]) {
			buf_puts(&line, " in ");
			text_put_escaped(&line, s->ledger_dir, 0);
		}
		if (!s->ledger_writable)
			buf_puts(&line, ", CANNOT BE WRITTEN");
	}
	status_line(out, "Ledger", &line);
}

static void status_books(struct buf *out, const struct jt_daemon_status *s)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	buf_printf(&line, "%" PRIu64 ", with %" PRIu64 " open spans", s->n_clients, s->n_spans);
	status_line(out, "Clients", &line);
	buf_reset(&line);
	text_put_time(&line, s->self_cpu_ns);
	buf_puts(&line, " of CPU time");
	status_line(out, "Itself", &line);
	buf_reset(&line);
	if (s->n_lost)
		buf_printf(&line, "%" PRIu64 " details (docs/units.md; -f json says which)",
			   s->n_lost);
	else
		buf_puts(&line, "nothing");
	status_line(out, "Lost", &line);
	buf_reset(&line);
	buf_puts(&line, s->breached ? "sums that must agree DO NOT" : "they agree");
	status_line(out, "Books", &line);
}

static void status_human(struct buf *out, const struct jt_daemon_status *s)
{
	status_since(out, s);
	status_measuring(out, s);
	status_ledger(out, s);
	status_books(out, s);
	for (uint32_t i = 0; i < s->n_trouble && i < JT_MAX_TROUBLE; i++) {
		CLEANUP(buf_free) struct buf line = { 0 };

		text_put_escaped(&line, s->trouble[i], 0);
		status_line(out, "TROUBLE", &line);
	}
	if (s->n_trouble > JT_MAX_TROUBLE)
		buf_printf(out, " … and %" PRIu32 " more\n", s->n_trouble - JT_MAX_TROUBLE);
	buf_putc(out, '\n');
}

static int status_absent(struct jt_client *c)
{
	bool is_none = c->connect_errno == ENOENT || c->connect_errno == ECONNREFUSED;
	char why[256];

	jt_client_error(c, why, sizeof(why));
	log_error("no daemon: %s%s", why,
		  is_none ? "; start it (docs/operations.md), or name its socket: --control PATH"
			  : "");
	return EXIT_FAILED;
}

int status_main(int argc, char **argv)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct status_options o = { 0 };
	struct options_arguments args;
	struct jt_client_options co;
	struct jt_client *c = NULL;
	struct jt_daemon_status s;
	struct client_request *r;
	int code, err;

	(void)argc;
	if (!options_begin(&status_spec, argv, &o, &args, &code))
		return code;
	co = (struct jt_client_options){ .path = o.control };
	err = jt_client_open(&co, &c);
	if (!err)
		err = client_ask(c, "status", NULL, 0, &r);
	if (err) {
		code = c ? status_absent(c) : EXIT_FAILED;
		jt_client_close(c);
		return code;
	}
	err = figures_status(r->ok, &s);
	if (o.format == EXPORT_JSON) {
		buf_append(&out, r->ok.at, r->ok.len);
		buf_putc(&out, '\n');
	} else if (!err) {
		status_human(&out, &s);
	}
	client_done(c, r);
	jt_client_close(c);
	if (err) {
		log_error("status: the daemon's answer is none");
		return EXIT_FAILED;
	}
	return output_finish(&out, s.n_trouble || strcmp(s.state, "measuring") != 0
					   ? STATUS_TROUBLED
					   : EXIT_DONE);
}
