/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* estimate.c - `jouletrail estimate`: carbon of energy that was measured elsewhere. */
#include "cli/estimate.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/grid_rows.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/quantity.h"
#include "intensity/intensity.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

#define ROW(name_, field_, arg_, help_)                                              \
	{                                                                            \
		.name = (name_), .type = OPTION_STRING,                              \
		.offset = offsetof(struct estimate_settings, field_), .arg = (arg_), \
		.help = (help_)                                                      \
	}

static const struct option_row estimate_rows[] = {
	OPTION_FORMAT_ROW(struct estimate_settings, format,
			  OPTION_HUMAN | OPTION_JSON | OPTION_CSV),
	ROW("energy", energy, "ENERGY", "what was drawn: 0.5Wh, 1.2kWh, 300J"),
	ROW("energy-low", energy_low, "ENERGY", "its 95 % interval, with --energy-high"),
	ROW("energy-high", energy_high, "ENERGY", "its 95 % interval, with --energy-low"),
	ROW("power", power, "POWER", "or its power, 300W, and how long it was drawn"),
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct estimate_settings, duration_ns),
	  .arg = "TIME",
	  .help = "how long it was drawn" },
	ROW("from", from, "TIME", "since when: 2026-01-01T12:00:00Z (now)"),
	ROW("to", to, "TIME", "until when: 2026-01-01T14:00:00Z"),
	{ .name = "zone",
	  .letter = 'z',
	  .type = OPTION_STRING,
	  .offset = offsetof(struct estimate_settings, zone),
	  .arg = "ZONE",
	  .help = "grid: FR, US-CA, aws:eu-west-3 (else WORLD)" },
	GRID_ROWS(struct estimate_settings, grid),
	SITE_ROWS(struct estimate_settings, site),
	SCI_ROW(struct estimate_settings, site),
	ROW("csv", csv, "FILE", "a table of energies in; - for standard input"),
};

static const struct options_spec estimate_spec = {
	.command = "estimate",
	.about = "Carbon of energy measured elsewhere, at its place and time, with its interval.\n"
		 "The energy is taken as drawn evenly from --from to --to.",
	.row = estimate_rows,
	.n_rows = ARRAY_LENGTH(estimate_rows),
	.configured = true,
};

static int read_times(const struct estimate_settings *s, struct estimate_figure *f, struct why *why)
{
	const char *text[2] = { s->from, s->to };
	int64_t t_s[2] = { 0 };
	bool assumed_utc;

	for (int i = 0; i < 2; i++)
		if (text[i] && stamp_read_time(text[i], strlen(text[i]), &t_s[i], &assumed_utc))
			return why_set(why, -EINVAL, "'%.40s' is no time like 2026-01-01T12:30:00Z",
				       text[i]);
	f->has_time = s->from || s->to;
	f->in.duration_ns = s->duration_ns;
	if (s->from && s->to) {
		if (t_s[1] <= t_s[0])
			return why_set(why, -EINVAL, "--to %s is not after --from %s", s->to,
				       s->from);
		if (s->duration_ns)
			return why_set(why, -EINVAL, "--duration with --from and --to: give two");
		f->in.duration_ns = (uint64_t)(t_s[1] - t_s[0]) * JT_NS_PER_S;
	}
	f->from_us = s->from ? t_s[0] * (int64_t)JT_US_PER_S : clock_real_us();
	if (s->to && !s->from)
		f->from_us =
			t_s[1] * (int64_t)JT_US_PER_S - (int64_t)(f->in.duration_ns / JT_NS_PER_US);
	f->to_us = f->from_us + (int64_t)(f->in.duration_ns / JT_NS_PER_US);
	return 0;
}

static int read_energy(const struct estimate_settings *s, struct estimate_figure *f,
		       struct why *why)
{
	struct quant_interval_u64 *e = &f->in.energy_uj;
	uint64_t uw;

	if (!s->energy == !s->power)
		return why_set(why, -EINVAL, "give --energy 0.5Wh, or --power 300W and how long");
	if (!s->energy_low != !s->energy_high || (s->power && s->energy_low))
		return why_set(why, -EINVAL, "--energy-low and --energy-high go with --energy");
	if (s->power) {
		if (quantity_parse_power(s->power, &uw))
			return why_set(why, -EINVAL, "--power: '%.40s' is no power like 300W",
				       s->power);
		if (!f->in.duration_ns)
			return why_set(why, -EINVAL,
				       "--power needs --duration, or --from and --to");
		if ((double)uw * (double)f->in.duration_ns / 1e9 > 9.2e18)
			return why_set(why, -ERANGE, "--power: more energy than can be counted");
		e->value = (uint64_t)llround((double)uw * (double)f->in.duration_ns / 1e9);
		e->low = e->high = e->value;
		return 0;
	}
	if (quantity_parse_energy(s->energy, &e->value))
		return why_set(why, -EINVAL, "--energy: '%.40s' is no energy like 0.5Wh or 300J",
			       s->energy);
	e->low = e->high = e->value;
	if (s->energy_low && (quantity_parse_energy(s->energy_low, &e->low) ||
			      quantity_parse_energy(s->energy_high, &e->high) ||
			      e->low > e->value || e->value > e->high || e->low == 0))
		return why_set(why, -EINVAL,
			       "--energy-low, --energy, --energy-high are no interval");
	return 0;
}

/* What the site and the machine add. */
static int read_site(const struct estimate_settings *s, struct estimate_figure *f, struct why *why)
{
	struct site_terms *t = &f->site.terms;
	int err = site_options_terms(&s->site, s->zone, t, why);

	if (!err)
		err = site_options_sci(&s->site, &f->site, why);
	if (!err && t->embodied.host && !f->in.duration_ns)
		err = why_set(why, -EINVAL, "--embodied needs --duration, or --from and --to");
	f->in.pue = t->pue;
	f->in.share = t->share;
	f->in.embodied = t->embodied.host ? &t->embodied : NULL;
	return err;
}

int estimate_figure_of(const struct estimate_settings *s, struct intensity_source *source,
		       struct estimate_figure *ret, struct why *why)
{
	struct estimate_input marginal;
	int err;

	*ret = (struct estimate_figure){ .has_marginal = false };
	err = read_times(s, ret, why);
	if (!err)
		err = read_energy(s, ret, why);
	if (!err)
		err = read_site(s, ret, why);
	if (err)
		return err;
	intensity_source_at(source, ret->from_us, ret->to_us, &ret->in.intensity);
	err = estimate_run(&ret->in, &ret->site.figures);
	ret->site.known = !err;
	if (err)
		return why_set(why, err, "these figures do not go together: %s", strerror(-err));

	/* The other signal, beside it: only where this one is the average. */
	if (!strcmp(ret->in.intensity.kind, "average") && !ret->in.intensity.is_default &&
	    intensity_lookup_marginal(s->zone ? s->zone : "", &ret->marginal, NULL) == 0) {
		marginal = ret->in;
		marginal.intensity = ret->marginal;
		/* Its ends are those of models, not of a distribution in time. */
		marginal.intensity.is_annual_mean = false;
		ret->has_marginal = estimate_run(&marginal, &ret->out_marginal) == 0;
	}
	return 0;
}

int estimate_main(int argc, char **argv)
{
	struct estimate_settings s = { 0 };
	CLEANUP(buf_free) struct buf out = { 0 };
	struct intensity_source *source = NULL;
	struct options_arguments args;
	struct estimate_figure f;
	struct why why = { "" };
	int code, err;

	(void)argc;
	if (!options_begin(&estimate_spec, argv, &s, &args, &code))
		return code;
	if (s.csv)
		return estimate_table(&s);
	err = grid_open(&s.grid, s.zone, &source, &why);
	if (!err)
		err = estimate_figure_of(&s, source, &f, &why);
	if (err) {
		log_error("estimate: %s", why.text);
		intensity_source_free(source);
		return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	if (f.in.intensity.is_default)
		log_warning("NO ZONE WAS GIVEN: the carbon is that of the world's average grid; "
			    "name it: --zone FR (see jouletrail intensity list)");
	if (intensity_source_trouble(source)[0])
		log_warning("intensity: %s", intensity_source_trouble(source));
	estimate_write(&f, s.format, &out);
	intensity_source_free(source);
	return output_finish(&out, EXIT_DONE);
}
