/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* site_options.c - see site_options.h. */
#include "cli/site_options.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "carbon/estimate.h"
#include "carbon/site.h"
#include "intensity/stamp.h"

bool site_options_any(const struct site_options *o)
{
	return o->pue || o->embodied || o->share || o->water || o->sci_per;
}

static int number(const char *option, const char *text, double min, double *ret, struct why *why)
{
	if (stamp_read_number(text, strlen(text), ret) || *ret < min)
		return why_set(why, -EINVAL, "--%s: '%.40s' is no number from %g on", option, text,
			       min);
	return 0;
}

/* "1.2", "1.2:1.1:1.4", a site of the table; without it what the zone's provider has, else 1. */
static int read_pue(const char *text, const char *zone, struct site_pue *ret, struct why *why)
{
	double v[3];
	size_t n = 0;

	if (!text) {
		if (zone && strchr(zone, ':'))
			site_pue_lookup(zone, ret);
		return 0;
	}
	if (site_pue_lookup(text, ret) == 0)
		return 0;
	for (const char *p = text; n < 3; n++) {
		size_t len = strcspn(p, ":");

		if (stamp_read_number(p, len, &v[n]) || v[n] < 1 || v[n] > 5)
			break;
		p += len;
		if (!*p++) {
			n++;
			break;
		}
	}
	if (n == 1)
		v[1] = v[2] = v[0];
	if ((n != 1 && n != 3) || v[1] > v[0] || v[0] > v[2])
		return why_set(why, -EINVAL,
			       "--pue: '%.40s' is neither 1.2, nor 1.2:1.1:1.4, nor a site "
			       "(on-prem, colo, workstation, aws, gcp, azure, ovh, aws:eu-west-3)",
			       text);
	*ret = (struct site_pue){ "given",
				  (uint64_t)llround(v[0] * 1e6),
				  (uint64_t)llround(v[1] * 1e6),
				  (uint64_t)llround(v[2] * 1e6),
				  0,
				  "given" };
	return 0;
}

static int read_embodied(const struct site_options *o, struct site_terms *ret, struct why *why)
{
	if (o->share && (number("share", o->share, 0, &ret->share, why) || ret->share > 1))
		return why_set(why, -EINVAL, "--share: '%.40s' is no part from 0 to 1", o->share);
	if (!o->embodied)
		return o->share ? why_set(why, -EINVAL, "--share goes with --embodied") : 0;
	if (site_embodied_lookup(o->embodied, &ret->embodied))
		return why_set(why, -ENOENT,
			       "--embodied: '%.40s' is not known: server, or an instance like "
			       "aws:c5.large, azure:D2 v3 or gcp:e2-standard-2",
			       o->embodied);
	return 0;
}

int site_options_terms(const struct site_options *o, const char *zone, struct site_terms *ret,
		       struct why *why)
{
	int err;

	*ret = (struct site_terms)SITE_TERMS_NONE;
	err = read_pue(o->pue, zone, &ret->pue, why);
	if (!err)
		err = read_embodied(o, ret, why);
	if (!err && o->water)
		err = number("water", o->water, 0, &ret->water_l_per_kwh, why);
	return err;
}

int site_options_sci(const struct site_options *o, struct export_site *ret, struct why *why)
{
	const char *equals = o->sci_per ? strchr(o->sci_per, '=') : NULL;

	ret->sci_units = 0;
	ret->sci_name = o->sci_per;
	if (!o->sci_per)
		return 0;
	if (!equals || equals == o->sci_per ||
	    stamp_read_number(equals + 1, strlen(equals + 1), &ret->sci_units) ||
	    ret->sci_units <= 0)
		return why_set(why, -EINVAL, "--sci-per: '%.40s' is not like request=1200",
			       o->sci_per);
	return 0;
}

bool site_options_begin(const struct site_options *o, const char *command, const char *zone,
			struct export_site *ret, int *ret_code)
{
	struct why why = { "" };
	int err;

	*ret = (struct export_site){ .known = false };
	err = site_options_terms(o, zone, &ret->terms, &why);
	if (!err)
		err = site_options_sci(o, ret, &why);
	if (!err)
		return true;
	log_error("%s: %s", command, why.text);
	*ret_code = err == -ENOENT ? EXIT_FAILED : EXIT_USAGE;
	return false;
}

void site_apply(const struct quant_interval_u64 *energy_uj,
		const struct quant_interval_u64 *co2e_ug, uint64_t duration_ns,
		struct export_site *ret)
{
	const struct estimate_input in = {
		.energy_uj = *energy_uj,
		.duration_ns = duration_ns,
		.pue = ret->terms.pue,
		.embodied = ret->terms.embodied.host ? &ret->terms.embodied : NULL,
		.share = ret->terms.share,
	};

	ret->known = estimate_measured(&in, co2e_ug, &ret->figures) == 0;
}
