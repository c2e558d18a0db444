/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_site.c - the site and the machine that a ledger says its records are of. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/report_site.h"
#include "jouletrail/units.h"
#include "ledger/figures.h"
#include "ledger/scan.h"

void report_site_open(struct report_site *s, struct scan_value line)
{
	struct scan_value v;

	s->now[0] = '\0';
	if (scan_member(line, "site", &v))
		return;
	/* Canonical: the same terms are the same bytes. */
	snprintf(s->now, sizeof(s->now), "%.*s", (int)v.len, v.at);
	s->cut |= v.len >= sizeof(s->now);
}

void report_site_tick(struct report_site *s)
{
	if (s->n_ticks++ == 0)
		memcpy(s->text, s->now, sizeof(s->text));
	s->mixed |= strcmp(s->text, s->now) != 0;
}

static void read_pue(struct report_site *s, struct scan_value pue)
{
	figures_bytes(pue, "site", s->pue_site, sizeof(s->pue_site));
	figures_bytes(pue, "source", s->pue_source, sizeof(s->pue_source));
	s->of.terms.pue = (struct site_pue){ s->pue_site,
					     figures_u64(pue, "value_ppm"),
					     figures_u64(pue, "low_ppm"),
					     figures_u64(pue, "high_ppm"),
					     0,
					     s->pue_source };
}

static void read_embodied(struct report_site *s, struct scan_value m)
{
	if (!figures_bytes(m, "host", s->host, sizeof(s->host)))
		return;
	figures_bytes(m, "source", s->host_source, sizeof(s->host_source));
	s->of.terms.embodied = (struct site_embodied){ s->host,
						       figures_u64(m, "g"),
						       figures_u64(m, "low_g"),
						       figures_u64(m, "high_g"),
						       (int)figures_u64(m, "years"),
						       s->host_source };
	s->of.terms.share = (double)figures_u64(m, "share_ppm") / (double)JT_PPM_PER_1;
}

void report_site_settle(struct report_site *s)
{
	struct scan_value site = { s->text, strlen(s->text) }, v;

	if (s->asked)
		return;
	if (s->mixed || s->cut)
		log_warning("report: its records are of several sites or machines: what those add "
			    "is not in here; give --pue and the like");
	if (s->mixed || s->cut)
		return;
	s->asked = s->text[0] || s->of.sci_units > 0;
	if (!s->text[0])
		return;
	if (!scan_member(site, "pue", &v))
		read_pue(s, v);
	if (!scan_member(site, "embodied", &v) && !scan_is_null(v))
		read_embodied(s, v);
	if (!scan_member(site, "water_ml_per_kwh", &v) && !scan_is_null(v))
		s->of.terms.water_l_per_kwh = (double)figures_u64(site, "water_ml_per_kwh") / 1000;
}
