/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan.c - `jouletrail plan`: when and where a piece of work would be cleanest. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/grid_rows.h"
#include "cli/moment.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/plan.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

struct plan_settings {
	enum export_format format;
	uint64_t duration_ns;
	const char *from;
	const char *deadline;
	const char *zones;
	const char *allow_zones;
	const char *sku;
	struct grid_options forecast;
	const char *kind;
	const char *ledger;
	const char *key_dir;
	bool exec;
	bool cron;
	bool systemd;
};

#define TEXT_ROW(field_, arg_, help_) \
	.offset = offsetof(struct plan_settings, field_), .arg = (arg_), .help = (help_)

static const struct option_row plan_rows[] = {
	OPTION_FORMAT_ROW(struct plan_settings, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct plan_settings, duration_ns),
	  .arg = "TIME",
	  .help = "how long the work takes: 2h",
	  .min = JT_NS_PER_S,
	  .max = PLAN_MAX_DURATION_S * JT_NS_PER_S },
	{ .name = "zones", .letter = 'z', TEXT_ROW(zones, "ZONES", "FR,DE,SE; the first is here") },
	{ .name = "forecast",
	  TEXT_ROW(forecast.spec, "WHAT", "intensities to come"),
	  .values = FEED_WORDS },
	{ .name = "intensity-key",
	  TEXT_ROW(forecast.key_file, "FILE", "the feed's token, or user:password") },
	{ .name = "intensity-cache",
	  TEXT_ROW(forecast.cache_dir, "DIR", "what feeds said (/var/cache/jouletrail)") },
	{ .name = "deadline", TEXT_ROW(deadline, "TIME", "when it has to be done: 12h, 2026-…Z") },
	{ .name = "from", TEXT_ROW(from, "TIME", "earliest start (now)") },
	{ .name = "allow-zones", TEXT_ROW(allow_zones, "FILE", "zones allowed, one a line") },
	{ .name = "sku", TEXT_ROW(sku, "NAME", "only where that file says it is to be had") },
	{ .name = "kind", TEXT_ROW(kind, "KIND", "of intensity (average)"), .values = KIND_WORDS },
	{ .name = "exec",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct plan_settings, exec),
	  .help = "wait for it, then run the command" },
	{ .name = "ledger",
	  TEXT_ROW(ledger, "DIR", "with --exec: measured, with its plan, there") },
	{ .name = "key-dir", TEXT_ROW(key_dir, "DIR", "signing keys of that ledger") },
	{ .name = "cron",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct plan_settings, cron),
	  .help = "a line for a crontab that runs the command" },
	{ .name = "systemd",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct plan_settings, systemd),
	  .help = "a timer and a service that run the command" },
};

static const struct options_spec plan_spec = {
	.command = "plan",
	.arguments = "[-- COMMAND…]",
	.about = "Finds the time and the zone with the least carbon per kilowatt-hour, and how "
		 "likely it is\nreally better than starting at once in the first zone.",
	.row = plan_rows,
	.n_rows = ARRAY_LENGTH(plan_rows),
	.configured = true,
	.max_arguments = -1,
	.stop_at_argument = true,
};

static bool plan_has_newline(char *const *argv)
{
	for (; *argv; argv++)
		if (strchr(*argv, '\n'))
			return true;
	return false;
}

/* What only the options can be wrong in. */
static int plan_check(const struct plan_settings *s, const struct options_arguments *args)
{
	int n_ways = s->exec + s->cron + s->systemd;

	if (!s->duration_ns || s->duration_ns % JT_NS_PER_S)
		log_error("plan: --duration in whole seconds is needed: how long is the work?");
	else if (s->ledger && !s->exec)
		log_error("plan: --ledger goes with --exec; else: run --plan FILE --ledger DIR");
	else if (n_ways > 1)
		log_error("plan: one of --exec, --cron and --systemd");
	else if (n_ways && args->n == 0)
		log_error("plan: which command? Give it after --");
	else if (!n_ways && args->n)
		log_error("plan: a command needs --exec, --cron or --systemd");
	else if (s->cron && plan_has_newline(args->v))
		log_error("plan: a line of a crontab cannot hold a command with a line end in it");
	else
		return 0;
	return -EINVAL;
}

static int plan_settings_span(const struct plan_settings *s, struct plan *p)
{
	int64_t now_s = clock_real_us() / (int64_t)JT_US_PER_S;

	p->span = (struct plan_span){ now_s, INT64_MAX, s->duration_ns / JT_NS_PER_S };
	if (s->kind && series_kind_parse(s->kind, &p->kind)) {
		log_error("plan: --kind %s: average or marginal", s->kind);
		return -EINVAL;
	}
	if ((s->from && moment_parse(s->from, now_s, &p->span.from_s)) ||
	    (s->deadline && moment_parse(s->deadline, p->span.from_s, &p->span.until_s))) {
		log_error("plan: a time is 2026-11-25T10:00Z, or 6h (from now)");
		return -EINVAL;
	}
	return 0;
}

/* The plan in a file without a name, for `run --plan`. -errno. */
static int plan_file(const struct plan *p)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	CLEANUP(cleanup_close) int fd = memfd_create("plan", 0);

	plan_write(p, EXPORT_JSON, &out);
	if (fd < 0 || out.err)
		return out.err ? out.err : -errno;
	if (write(fd, out.data, out.len) != (ssize_t)out.len)
		return -EIO;
	return TAKE_FD(fd);
}

/* `run --ledger DIR --plan … -- COMMAND`, by this program itself. Returns 0 or -errno. */
static int plan_measured(const struct plan *p, const struct plan_settings *s,
			 const struct options_arguments *args, char ***ret)
{
	static char plan[32];
	const char *head[] = { "/proc/self/exe", "run",	    "--zone", p->zone[p->best].name,
			       "--ledger",	 s->ledger, "--plan", plan,
			       "--key-dir",	 s->key_dir };
	size_t n = ARRAY_LENGTH(head) - (s->key_dir ? 0 : 2);
	char **argv = calloc(n + (size_t)args->n + 2, sizeof(*argv));
	int fd = plan_file(p);

	if (!argv || fd < 0) {
		free(argv);
		return argv ? fd : -ENOMEM;
	}
	snprintf(plan, sizeof(plan), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < n; i++)
		argv[i] = (char *)(uintptr_t)head[i];
	argv[n] = (char *)(uintptr_t) "--";
	memcpy(argv + n + 1, args->v, (size_t)args->n * sizeof(*argv));
	*ret = argv;
	return 0;
}

/* The command runs here and nowhere else: plan for this zone alone. */
static int plan_exec_here(const struct plan *p, const struct plan_settings *s,
			  const struct options_arguments *args)
{
	const struct plan_zone *best = &p->zone[p->best];
	CLEANUP(cleanup_free) char **measured = NULL;
	struct why why = { "" };
	char text[32];
	int code;

	if (p->n > 1) {
		log_error("plan: --exec runs here: give the one zone that this machine is in");
		return EXIT_USAGE;
	}
	code = s->ledger ? plan_measured(p, s, args, &measured) : 0;
	if (code) {
		log_error("plan: %s", strerror(-code));
		return EXIT_FAILED;
	}
	log_info("plan: %s at %s", best->name, stamp_write(best->best.start_s, text, sizeof(text)));
	code = plan_exec(best->best.start_s, measured ? measured : args->v, &why);
	if (why.text[0])
		log_error("plan: %s", why.text);
	return code;
}

DEFINE_CLEANUP(struct plan *, plan_free)

int plan_main(int argc, char **argv)
{
	CLEANUP(plan_free_ptr) struct plan *p = plan_new();
	CLEANUP(buf_free) struct buf out = { 0 };
	struct plan_settings s = { 0 };
	struct options_arguments args;
	struct why why = { "" };
	int code;

	(void)argc;
	if (!options_begin(&plan_spec, argv, &s, &args, &code))
		return code;
	if (!p) {
		log_error("plan: %s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	if (plan_check(&s, &args) || plan_settings_span(&s, p))
		return EXIT_USAGE;
	if (plan_zones(p, s.zones, s.allow_zones, s.sku, &why)) {
		log_error("plan: %s", why.text);
		return EXIT_USAGE;
	}
	if (plan_signals(p, &s.forecast, &why) || plan_run(p, &why)) {
		log_error("plan: %s", why.text);
		return EXIT_FAILED;
	}
	if (s.exec)
		return plan_exec_here(p, &s, &args);
	if (s.cron)
		plan_write_cron(p, args.v, &out);
	else if (s.systemd)
		plan_write_systemd(p, args.v, &out);
	else
		plan_write(p, s.format, &out);
	return output_finish(&out, EXIT_DONE);
}
