/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* site.c - carbon with PUE, embodied share, water and SCI score: for people, and as JSON. */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "export/number.h"
#include "export/parts.h"
#include "export/text.h"

#define FIGURE_COLUMNS 32

/* Whole nanograms per unit: a request may be less than a microgram. */
static uint64_t sci_ng(const struct export_site *s, uint64_t ug)
{
	return (uint64_t)fmin((double)ug * 1e3 / s->sci_units, 9e15);
}

void parts_json_pue(struct json_writer *w, const struct site_pue *p)
{
	json_key(w, "pue_ppm");
	json_object_begin(w);
	json_kv_u64(w, "high", p->high_ppm);
	json_kv_u64(w, "low", p->low_ppm);
	json_kv_bytes(w, "site", p->site);
	json_kv_bytes(w, "source", p->source);
	json_kv_u64(w, "value", p->pue_ppm);
	json_object_end(w);
}

void parts_json_sci(struct json_writer *w, const struct export_site *s)
{
	const struct quant_interval_u64 *c = &s->figures.total_ug;

	json_key(w, "sci");
	if (!(s->sci_units > 0) || !s->known) {
		json_put_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_u64(w, "high_ng", sci_ng(s, c->high));
	json_kv_u64(w, "low_ng", sci_ng(s, c->low));
	json_key(w, "per");
	json_bytes(w, s->sci_name, strcspn(s->sci_name, "="));
	json_kv_u64(w, "value_ng", sci_ng(s, c->value));
	json_object_end(w);
}

void parts_json_water(struct json_writer *w, const struct export_site *s)
{
	double kwh = (double)s->figures.energy_uj.value / 3.6e12;

	json_key(w, "water_ml");
	if (s->terms.water_l_per_kwh >= 0 && s->known)
		json_u64(w, (uint64_t)fmin(kwh * 1000 * s->terms.water_l_per_kwh, 9e15));
	else
		json_put_null(w);
}

void parts_json_site(struct json_writer *w, const struct export_site *s)
{
	const struct estimate *e = &s->figures;

	json_key(w, "site");
	json_object_begin(w);
	parts_json_interval(w, "co2e_ug", s->known, &e->total_ug);
	json_kv_bytes(w, "embodied_host", s->terms.embodied.host);
	parts_json_interval(w, "embodied_ug", s->known, &e->embodied_ug);
	parts_json_interval(w, "energy_uj", s->known, &e->energy_uj);
	parts_json_interval(w, "operational_ug", s->known, &e->operational_ug);
	parts_json_pue(w, &s->terms.pue);
	parts_json_sci(w, s);
	parts_json_water(w, s);
	json_object_end(w);
}

/* "  FIGURE                      what it is" */
static void put_figure(const struct quant_interval_u64 *v, bool is_carbon, const char *what,
		       struct buf *out)
{
	size_t start = out->len;

	buf_puts(out, "  ");
	if (v->low == v->value && v->value == v->high)
		number_put_plain(out, v->value, is_carbon ? "g CO2e" : "J");
	else if (is_carbon)
		export_human_co2e(out, v);
	else
		export_human_energy(out, v);
	text_pad(out, start, FIGURE_COLUMNS);
	buf_printf(out, " %s\n", what);
}

/* "  0.0154 mg CO2e [0.006, 0.032]  per request: SCI score" */
static void put_sci(const struct export_site *s, struct buf *out)
{
	const struct quant_interval_u64 *c = &s->figures.total_ug;
	double per = 1e3 * s->sci_units;
	size_t start = out->len;

	buf_printf(out, "  %.4g mg CO2e [%.3g, %.3g]", (double)c->value / per, (double)c->low / per,
		   (double)c->high / per);
	text_pad(out, start, FIGURE_COLUMNS);
	buf_printf(out, " per %.*s: SCI score\n", (int)strcspn(s->sci_name, "="), s->sci_name);
}

static void put_water(const struct export_site *s, struct buf *out)
{
	double l = (double)s->figures.energy_uj.value / 3.6e12 * s->terms.water_l_per_kwh;
	size_t start = out->len;

	buf_printf(out, "  %.3g l", l);
	text_pad(out, start, FIGURE_COLUMNS);
	buf_printf(out, " of water, at %g l/kWh\n", s->terms.water_l_per_kwh);
}

void export_human_site(struct buf *out, const struct export_site *s)
{
	const struct estimate *e = &s->figures;
	bool embodied = s->terms.embodied.host;

	put_figure(&e->total_ug, true, embodied ? "carbon, with embodied" : "carbon", out);
	if (embodied) {
		put_figure(&e->operational_ug, true, "of it from the energy", out);
		put_figure(&e->embodied_ug, true, "of it from building the machine", out);
	}
	put_figure(&e->energy_uj, false, "energy, with PUE", out);
	if (s->sci_units > 0)
		put_sci(s, out);
	if (s->terms.water_l_per_kwh >= 0)
		put_water(s, out);
}

static void put_pue(struct buf *line, const struct site_pue *p)
{
	if (p->pue_ppm == 1000000 && !strcmp(p->site, "none")) {
		buf_puts(line, "PUE: none was given: 1.");
		return;
	}
	buf_printf(line, "PUE: %.3f [%.3f, %.3f], ", (double)p->pue_ppm / 1e6,
		   (double)p->low_ppm / 1e6, (double)p->high_ppm / 1e6);
	text_put_escaped(line, p->site, 0);
	if (strcmp(p->site, p->source) != 0) {
		buf_puts(line, "; ");
		text_put_escaped(line, p->source, 0);
	}
	buf_putc(line, '.');
}

static void put_embodied(struct buf *line, const struct site_terms *t)
{
	const struct site_embodied *m = &t->embodied;

	buf_puts(line, "Embodied: ");
	text_put_escaped(line, m->host, 0);
	buf_printf(line, ", %.0f kg over %d years, %.3g of it; ", (double)m->g / 1e3, m->years,
		   t->share);
	text_put_escaped(line, m->source, 0);
	buf_putc(line, '.');
}

/* Out of a ledger the names are whatever somebody wrote there. */
void export_human_terms(struct buf *out, const struct site_terms *t)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	put_pue(&line, &t->pue);
	text_put_folded(out, line.err ? "" : line.data);
	if (!t->embodied.host)
		return;
	buf_reset(&line);
	put_embodied(&line, t);
	text_put_folded(out, line.err ? "" : line.data);
}
