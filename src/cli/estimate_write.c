/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* estimate_write.c - an estimate for people, as JSON, or as a line of CSV. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "cli/estimate.h"
#include "export/number.h"
#include "export/parts.h"
#include "jouletrail/units.h"

/*
 * What people know. Water of 1 litre from 20 to 100 °C: 4.186 kJ/(kg K) x 80 K. An average car:
 * docs/data-sources.md, "Constants with a source".
 */
#define LAMP_W	     10.0
#define BOIL_J_PER_L 334880.0
#define CAR_G_PER_KM 170.0

static void write_json(const struct estimate_figure *f, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	parts_json_interval(&w, "co2e_ug", true, &f->site.figures.total_ug);
	json_kv_u64(&w, "duration_ns", f->in.duration_ns);
	parts_json_interval(&w, "embodied_ug", true, &f->site.figures.embodied_ug);
	parts_json_interval(&w, "energy_uj", true, &f->site.figures.energy_uj);
	json_kv_i64(&w, "from_us", f->from_us);
	parts_json_intensity(&w, "intensity_mg_per_kwh", &f->in.intensity);
	json_key(&w, "marginal");
	if (f->has_marginal) {
		json_object_begin(&w);
		parts_json_intensity(&w, "intensity_mg_per_kwh", &f->marginal);
		parts_json_interval(&w, "operational_ug", true, &f->out_marginal.operational_ug);
		json_kv_str(&w, "zone", f->marginal.zone);
		json_object_end(&w);
	} else {
		json_put_null(&w);
	}
	parts_json_interval(&w, "operational_ug", true, &f->site.figures.operational_ug);
	parts_json_pue(&w, &f->in.pue);
	json_kv_str(&w, "schema", "jouletrail.estimate/1");
	parts_json_sci(&w, &f->site);
	json_kv_i64(&w, "to_us", f->to_us);
	parts_json_water(&w, &f->site);
	json_kv_str(&w, "zone", f->in.intensity.zone);
	json_object_end(&w);
	buf_putc(out, '\n');
}

static void put_equivalents(const struct estimate_figure *f, struct buf *out)
{
	double j = jt_uj_to_j(f->site.figures.energy_uj.value);
	double lamp_h = j / LAMP_W / 3600;

	buf_printf(
		out,
		"\n  As much energy as a %.0f W lamp in %.3g %s, or as makes %.3g l of water boil;"
		"\n  as much carbon as %.3g km in an average car.\n",
		LAMP_W, lamp_h < 1 ? lamp_h * 60 : lamp_h, lamp_h < 1 ? "minutes" : "hours",
		j / BOIL_J_PER_L, jt_ug_to_g(f->site.figures.total_ug.value) / CAR_G_PER_KM);
}

static void put_grid(const char *what, const struct intensity *i, struct buf *out)
{
	buf_printf(out, "  %s: %s, %.1f g/kWh [%.1f, %.1f], %s%s of %d, %s; %s%s%s%s\n", what,
		   i->zone, jt_mg_to_g(i->mg_per_kwh), jt_mg_to_g(i->low_mg_per_kwh),
		   jt_mg_to_g(i->high_mg_per_kwh), i->is_annual_mean ? "annual " : "", i->kind,
		   i->year, i->boundary, i->source, i->flags && i->flags[0] ? " (" : "",
		   i->flags ? i->flags : "", i->flags && i->flags[0] ? ")" : "");
}

static void write_human(const struct estimate_figure *f, struct buf *out)
{
	export_human_site(out, &f->site);
	put_equivalents(f, out);
	buf_putc(out, '\n');
	put_grid("Grid", &f->in.intensity, out);
	export_human_terms(out, &f->site.terms);
}

/* The other signal is another question: what one more kWh causes. */
static void write_marginal(const struct estimate_figure *f, struct buf *out)
{
	if (!f->has_marginal)
		return;
	buf_puts(out, "\n  Marginally, which is another signal and adds to nothing above:\n");
	buf_puts(out, "  ");
	export_human_co2e(out, &f->out_marginal.operational_ug);
	buf_puts(out, "  carbon (a range over models)\n");
	put_grid("Grid", &f->marginal, out);
}

static void write_csv(const struct estimate_figure *f, struct buf *out)
{
	const struct estimate *e = &f->site.figures;

	buf_puts(out,
		 "zone,energy_uj,mg_per_kwh,co2e_ug,co2e_low_ug,co2e_high_ug,embodied_ug,flags\n");
	buf_printf(out,
		   "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
		   ",%s\n",
		   f->in.intensity.zone, e->energy_uj.value, f->in.intensity.mg_per_kwh,
		   e->total_ug.value, e->total_ug.low, e->total_ug.high, e->embodied_ug.value,
		   f->in.intensity.flags ? f->in.intensity.flags : "");
}

void estimate_write(const struct estimate_figure *f, enum export_format format, struct buf *out)
{
	if (format == EXPORT_JSON) {
		write_json(f, out);
	} else if (format == EXPORT_CSV) {
		write_csv(f, out);
	} else {
		write_human(f, out);
		write_marginal(f, out);
	}
}
