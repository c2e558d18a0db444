/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* calibrate.c - `jouletrail calibrate`: what this machine draws idle, once, for --calibration. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "jouletrail/units.h"
#include "power/calibration.h"
#include "power/power.h"

/* An idle machine does a little; beyond the second the figure would be of something else. */
#define BUSY_NOTE_PPM	20000
#define BUSY_REFUSE_PPM 200000

struct calibrate_options {
	uint64_t duration_ns;
	const char *output;
	const char *power;
	const char *root;
	const char *power_root;
	const char *wall_idle;
	const char *wall_max;
	bool force;
};

#define ROW(name_, letter_, type_, arg_, help_) \
	.name = (name_), .letter = (letter_), .type = (type_), .arg = (arg_), .help = (help_)

static const struct option_row calibrate_rows[] = {
	{ ROW("duration", 'd', OPTION_DURATION, "TIME", "how long to measure (30s)"),
	  .offset = offsetof(struct calibrate_options, duration_ns), .min = 100 * JT_NS_PER_MS,
	  .max = 3600 * JT_NS_PER_S },
	{ ROW("output", 'o', OPTION_STRING, "FILE", "write there, not to standard output"),
	  .offset = offsetof(struct calibrate_options, output) },
	{ ROW("wall-idle", 0, OPTION_STRING, "WATTS", "what a wall meter shows when it is idle"),
	  .offset = offsetof(struct calibrate_options, wall_idle) },
	{ ROW("wall-max", 0, OPTION_STRING, "WATTS", "and with every CPU busy"),
	  .offset = offsetof(struct calibrate_options, wall_max) },
	{ ROW("force", 0, OPTION_FLAG, NULL, "even if the machine is not idle"),
	  .offset = offsetof(struct calibrate_options, force) },
	{ ROW("power", 'p', OPTION_STRING, "METER", "the meter, or several with commas (auto)"),
	  .values = POWER_WORDS, .offset = offsetof(struct calibrate_options, power) },
	{ ROW("root", 0, OPTION_STRING, "DIR", "read /sys and /proc below DIR"),
	  .offset = offsetof(struct calibrate_options, root) },
	{ ROW("power-root", 0, OPTION_STRING, "DIR", "read only the meters below DIR"),
	  .offset = offsetof(struct calibrate_options, power_root) },
};

static const struct options_spec calibrate_spec = {
	.command = "calibrate",
	.about = "Measures what the idle machine draws, or takes what a wall meter shows, and\n"
		 "writes a file for --calibration.",
	.row = calibrate_rows,
	.n_rows = ARRAY_LENGTH(calibrate_rows),
};

struct cpu_time {
	uint64_t busy;
	uint64_t all;
};

/* From proc/stat, in whatever the kernel counts there; nothing if it cannot be read. */
static struct cpu_time calibrate_cpu_time(const char *root)
{
	unsigned long long t[8] = { 0 };
	struct cpu_time ret = { 0 };
	char text[512];

	if (fs_read_text(root, "proc/stat", text, sizeof(text), NULL) ||
	    sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
		   &t[4], &t[5], &t[6], &t[7]) < 5)
		return ret;
	/* user nice system idle iowait irq softirq steal */
	for (int i = 0; i < 8; i++)
		ret.all += t[i];
	ret.busy = ret.all - t[3] - t[4];
	return ret;
}

/* Lets the time pass, reading the meters as often as they need it. */
static void calibrate_wait(struct power *p, uint64_t end_mono_ns)
{
	uint64_t step_ns = power_max_interval_ns(p);

	if (step_ns < 10 * JT_NS_PER_MS)
		step_ns = 10 * JT_NS_PER_MS;
	for (uint64_t now = clock_mono_ns(); now < end_mono_ns; now = clock_mono_ns()) {
		uint64_t left_ns = end_mono_ns - now, ns = left_ns < step_ns ? left_ns : step_ns;
		struct timespec ts = { .tv_sec = (time_t)(ns / JT_NS_PER_S),
				       .tv_nsec = (long)(ns % JT_NS_PER_S) };

		nanosleep(&ts, NULL);
		if (ns < left_ns)
			power_poll(p, clock_mono_ns());
	}
}

static void calibrate_write_domains(struct buf *out, const struct energy *e, uint64_t ns)
{
	for (size_t i = 0; i < e->n_domains; i++) {
		const struct energy_domain *d = &e->domain[i];
		double watts = jt_uj_to_j(e->reading[i].energy_uj) / jt_ns_to_s(ns);

		if (d->quality != ENERGY_MEASURED)
			continue;
		if (e->reading[i].quality == ENERGY_MEASURED && watts > 0)
			buf_printf(out, "%s.idle_w = %.6f\n", d->name, watts);
		else
			buf_printf(out, "# %s: no trustworthy reading\n", d->name);
	}
}

static bool calibrate_measures(const struct power *p)
{
	const struct energy *e = power_domains(p);

	for (size_t i = 0; i < e->n_domains; i++)
		if (e->domain[i].quality == ENERGY_MEASURED)
			return true;
	return false;
}

/* Share of CPU time that something ran, ppm. */
static uint64_t calibrate_busy_ppm(const struct cpu_time *before, const struct cpu_time *after)
{
	uint64_t all = after->all - before->all;

	return all ? (after->busy - before->busy) * JT_PPM_PER_1 / all : 0;
}

/* Appends the domains' idle power. Returns 0 or -errno, with the reason logged. */
static int calibrate_measure(const struct calibrate_options *o, struct power *p, struct buf *out)
{
	struct cpu_time before = calibrate_cpu_time(o->root), after;
	CLEANUP(cleanup_free) struct energy *e = malloc(sizeof(*e));
	CLEANUP(cleanup_free) struct usage *u = calloc(1, sizeof(*u));
	uint64_t busy_ppm;

	if (!e || !u) {
		log_error("out of memory");
		return -ENOMEM;
	}
	/* A window without length, so that the next begins here. */
	u->window.begin_mono_ns = u->window.end_mono_ns = clock_mono_ns();
	u->window.begin_real_us = u->window.end_real_us = clock_real_us();
	power_read(p, u, e);
	calibrate_wait(p, u->window.begin_mono_ns + o->duration_ns);
	u->window.end_mono_ns = clock_mono_ns();
	u->window.end_real_us = clock_real_us();
	power_read(p, u, e);
	after = calibrate_cpu_time(o->root);
	busy_ppm = calibrate_busy_ppm(&before, &after);
	if (busy_ppm > BUSY_REFUSE_PPM && !o->force) {
		log_error("the machine is not idle (%.0f %% busy): what it draws now is not its "
			  "static power; stop what runs, or --force",
			  (double)busy_ppm / 1e4);
		return -EBUSY;
	}
	if (busy_ppm > BUSY_NOTE_PPM)
		log_warning("the machine was %.1f %% busy: its static power is less than this",
			    (double)busy_ppm / 1e4);
	buf_printf(out, "# measured over %.1f s, CPUs %.1f %% busy, with %s\n",
		   jt_ns_to_s(window_length_ns(&u->window)), (double)busy_ppm / 1e4,
		   power_choice(p));
	calibrate_write_domains(out, e, window_length_ns(&u->window));
	return 0;
}

/* Appends what the wall meter shows. Returns 0 or -EINVAL, logged. */
static int calibrate_wall(const struct calibrate_options *o, struct buf *out)
{
	uint64_t idle_uw, max_uw;

	if (!o->wall_idle || !o->wall_max || calibration_parse_watts(o->wall_idle, &idle_uw) ||
	    calibration_parse_watts(o->wall_max, &max_uw) || max_uw < idle_uw) {
		log_error("--wall-idle and --wall-max go together: watts, as 38.5, the second not "
			  "less than the first");
		return -EINVAL;
	}
	buf_puts(out, "# as a wall meter shows it\n");
	buf_printf(out, "idle_w = %.6f\nmax_w = %.6f\nboundary = wall\nerror_percent = 5\n",
		   jt_uj_to_j(idle_uw), jt_uj_to_j(max_uw));
	return 0;
}

static int calibrate_save(const char *path, const struct buf *out)
{
	CLEANUP(fclose_ptr) FILE *f = fopen(path, "we");

	if (!f || fwrite(out->data, 1, out->len, f) != out->len || fflush(f)) {
		log_error("cannot write %s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

int calibrate_main(int argc, char **argv)
{
	struct calibrate_options o = { .duration_ns = 30 * JT_NS_PER_S, .power = "auto" };
	CLEANUP(buf_free) struct buf out = { 0 };
	struct power_options po = { 0 };
	struct options_arguments args;
	struct power *p = NULL;
	struct why why = { "" };
	int code, err;

	(void)argc;
	if (!options_begin(&calibrate_spec, argv, &o, &args, &code))
		return code;
	buf_puts(&out, "# jouletrail calibration: jouletrail run --calibration THIS -- CMD\n");
	if ((o.wall_idle || o.wall_max) && calibrate_wall(&o, &out))
		return EXIT_USAGE;
	po.meter = o.power;
	po.root = o.power_root ? o.power_root : o.root;
	po.proc_root = o.root ? o.root : "";
	po.now_mono_ns = clock_mono_ns();
	err = power_new(&po, &p, &why);
	if (err) {
		log_error("%s", why.text);
	} else if (calibrate_measures(p)) {
		err = calibrate_measure(&o, p, &out);
	} else if (!o.wall_idle) {
		log_error("no meter to measure with (see jouletrail doctor): read a wall meter, "
			  "once idle and once with every CPU busy, and give --wall-idle and "
			  "--wall-max");
		err = -ENOENT;
	}
	power_free(p);
	if (err)
		return EXIT_FAILED;
	return o.output ? calibrate_save(o.output, &out) : output_finish(&out, EXIT_DONE);
}
