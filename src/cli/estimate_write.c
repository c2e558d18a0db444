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
 * 167 g CO2e per km (UK government conversion factors 2023, average car, unknown fuel).
 */
#define LAMP_W	     10.0
#define BOIL_J_PER_L 334880.0
#define CAR_G_PER_KM 167.0

/* Whole nanograms per unit: a request may be less than a microgram. */
static uint64_t sci_ng(const struct estimate_figure *f, uint64_t ug)
{
	return (uint64_t)fmin((double)ug * 1e3 / f->sci_units, 9e15);
}

static void write_json(const struct estimate_figure *f, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	parts_json_interval(&w, "co2e_ug", true, &f->out.total_ug);
	json_kv_u64(&w, "duration_ns", f->in.duration_ns);
	parts_json_interval(&w, "embodied_ug", true, &f->out.embodied_ug);
	parts_json_interval(&w, "energy_uj", true, &f->out.energy_uj);
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
	parts_json_interval(&w, "operational_ug", true, &f->out.operational_ug);
	json_key(&w, "pue_ppm");
	json_object_begin(&w);
	json_kv_u64(&w, "high", f->in.pue.high_ppm);
	json_kv_u64(&w, "low", f->in.pue.low_ppm);
	json_kv_str(&w, "site", f->in.pue.site);
	json_kv_str(&w, "source", f->in.pue.source);
	json_kv_u64(&w, "value", f->in.pue.pue_ppm);
	json_object_end(&w);
	json_kv_str(&w, "schema", "jouletrail.estimate/1");
	json_key(&w, "sci");
	if (f->sci_units > 0) {
		json_object_begin(&w);
		json_kv_u64(&w, "high_ng", sci_ng(f, f->out.total_ug.high));
		json_kv_u64(&w, "low_ng", sci_ng(f, f->out.total_ug.low));
		json_key(&w, "per");
		json_bytes(&w, f->sci_name, strcspn(f->sci_name, "="));
		json_kv_u64(&w, "value_ng", sci_ng(f, f->out.total_ug.value));
		json_object_end(&w);
	} else {
		json_put_null(&w);
	}
	json_kv_i64(&w, "to_us", f->to_us);
	json_key(&w, "water_ml");
	if (f->water_l_per_kwh >= 0)
		json_u64(&w,
			 (uint64_t)((double)f->out.energy_uj.value / 3.6e9 * f->water_l_per_kwh));
	else
		json_put_null(&w);
	json_kv_str(&w, "zone", f->in.intensity.zone);
	json_object_end(&w);
	buf_putc(out, '\n');
}

static void put_equivalents(const struct estimate_figure *f, struct buf *out)
{
	double j = jt_uj_to_j(f->out.energy_uj.value);
	double lamp_h = j / LAMP_W / 3600;

	buf_printf(
		out,
		"\n  As much energy as a %.0f W lamp in %.3g %s, or as makes %.3g l of water boil;"
		"\n  as much carbon as %.3g km in an average car.\n",
		LAMP_W, lamp_h < 1 ? lamp_h * 60 : lamp_h, lamp_h < 1 ? "minutes" : "hours",
		j / BOIL_J_PER_L, jt_ug_to_g(f->out.total_ug.value) / CAR_G_PER_KM);
}

static void put_pue(const struct site_pue *p, struct buf *out)
{
	if (p->pue_ppm == 1000000 && !strcmp(p->site, "none"))
		buf_puts(out, "  PUE: none was given: 1\n");
	else
		buf_printf(out, "  PUE: %.3f [%.3f, %.3f], %s; %s\n", (double)p->pue_ppm / 1e6,
			   (double)p->low_ppm / 1e6, (double)p->high_ppm / 1e6, p->site, p->source);
}

static void put_grid(const char *what, const struct intensity *i, struct buf *out)
{
	buf_printf(out, "  %s: %s, %.1f g/kWh [%.1f, %.1f], %s%s of %d, %s; %s%s%s%s\n", what,
		   i->zone, jt_mg_to_g(i->mg_per_kwh), jt_mg_to_g(i->low_mg_per_kwh),
		   jt_mg_to_g(i->high_mg_per_kwh), i->is_annual_mean ? "annual " : "", i->kind,
		   i->year, i->boundary, i->source, i->flags && i->flags[0] ? " (" : "",
		   i->flags ? i->flags : "", i->flags && i->flags[0] ? ")" : "");
}

static void put_figure(const struct quant_interval_u64 *v, bool is_carbon, const char *what,
		       struct buf *out)
{
	buf_puts(out, "  ");
	if (v->low == v->value && v->value == v->high)
		number_put_plain(out, v->value, is_carbon ? "g CO2e" : "J");
	else if (is_carbon)
		export_human_co2e(out, v);
	else
		export_human_energy(out, v);
	buf_printf(out, "  %s\n", what);
}

static void write_human(const struct estimate_figure *f, struct buf *out)
{
	put_figure(&f->out.total_ug, true, f->in.embodied ? "carbon, with embodied" : "carbon",
		   out);
	if (f->in.embodied) {
		put_figure(&f->out.operational_ug, true, "of it from the energy", out);
		put_figure(&f->out.embodied_ug, true, "of it from building the machine", out);
	}
	put_figure(&f->out.energy_uj, false, "energy, with PUE", out);
	if (f->sci_units > 0)
		buf_printf(out, "  %.4g mg CO2e per %.*s [%.4g, %.4g]: SCI score\n",
			   (double)f->out.total_ug.value / 1e3 / f->sci_units,
			   (int)strcspn(f->sci_name, "="), f->sci_name,
			   (double)f->out.total_ug.low / 1e3 / f->sci_units,
			   (double)f->out.total_ug.high / 1e3 / f->sci_units);
	if (f->water_l_per_kwh >= 0)
		buf_printf(out, "  %.3g l of water, at %g l/kWh\n",
			   (double)f->out.energy_uj.value / 3.6e12 * f->water_l_per_kwh,
			   f->water_l_per_kwh);
	put_equivalents(f, out);
	buf_putc(out, '\n');
	put_grid("Grid", &f->in.intensity, out);
	put_pue(&f->in.pue, out);
	if (!f->in.embodied)
		return;
	buf_printf(out, "  Embodied: %s, %.0f kg over %d years, %.3g of it; %s\n", f->embodied.host,
		   (double)f->embodied.g / 1e3, f->embodied.years, f->in.share, f->embodied.source);
}

/* The other signal is another question: what one more kWh causes. */
static void write_marginal(const struct estimate_figure *f, struct buf *out)
{
	if (!f->has_marginal)
		return;
	buf_puts(out, "\n  Marginally, which is another signal and adds to nothing above:\n");
	put_figure(&f->out_marginal.operational_ug, true, "carbon (a range over models)", out);
	put_grid("Grid", &f->marginal, out);
}

static void write_csv(const struct estimate_figure *f, struct buf *out)
{
	const struct estimate *e = &f->out;

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
