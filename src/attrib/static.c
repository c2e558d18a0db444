/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* static.c - how much of a domain's energy would have been drawn with every CPU idle. */
#include <string.h>

#include "attrib/parts.h"
#include "jouletrail/units.h"
#include "quant/interval.h"

/*
 * What a calibration says is off by up to so much (95 %), in ln space: it was measured once, and
 * temperature, firmware and attached devices have changed since. Not a published figure.
 */
#define CALIBRATION_ERROR 0.10

static double busy_part(const struct usage *u, int package)
{
	const struct usage_books *b = package >= 0 ? &u->package[package] : &u->books;

	return b->wall_ns ? (double)b->task_ns / (double)b->wall_ns : -1;
}

/* The envelope of the domain, with this window in it. */
static struct envelope *learn(struct attrib *a, const struct part *p)
{
	const struct energy_domain *d = &p->energy->domain[p->domain];
	const struct energy_reading *r = &p->energy->reading[p->domain];
	struct learnt *l = &a->learnt[p->domain];
	double s = jt_ns_to_s(window_length_ns(&p->usage->window));
	struct envelope_point point = {
		.power_w = jt_uj_to_j(r->energy_uj) / s,
		.busy = busy_part(p->usage, d->package),
		.noise_w = r->random_sd_uj / 1e6 / s,
	};

	if (strncmp(l->name, d->name, sizeof(l->name)) != 0) {
		*l = (struct learnt){ 0 };
		memcpy(l->name, d->name, sizeof(l->name));
	}
	envelope_add(&l->envelope, p->usage->window.end_mono_ns, &point);
	return &l->envelope;
}

static struct static_energy of_envelope(struct attrib *a, const struct part *p)
{
	struct static_energy none = { .from = SHARES_STATIC_NONE };
	double s = jt_ns_to_s(window_length_ns(&p->usage->window));
	struct envelope_level level;

	if (!envelope_level(learn(a, p), &level))
		return none;
	return (struct static_energy){
		.uj = (uint64_t)(level.power_w * s * 1e6),
		.sd_uj = level.sd_w * s * 1e6,
		.from = SHARES_STATIC_LEARNT,
	};
}

struct static_energy attrib_static(struct attrib *a, const struct part *p)
{
	const struct energy_domain *d = &p->energy->domain[p->domain];
	const struct energy_reading *r = &p->energy->reading[p->domain];
	struct static_energy e = { .uj = r->idle_uj };

	if (d->quality == ENERGY_MODELLED) {
		/* Its error is the model's, which static and dynamic energy have in common. */
		e.from = e.uj ? SHARES_STATIC_MODEL : SHARES_STATIC_NONE;
	} else if (a->method.static_power == METHOD_LEARNT) {
		e = of_envelope(a, p);
	} else if (a->method.static_power == METHOD_NONE || e.uj == 0) {
		e.uj = 0;
	} else {
		e.sd_uj = (double)e.uj * CALIBRATION_ERROR / QUANT_Z95;
		e.from = SHARES_STATIC_CALIBRATION;
	}
	if (e.uj > r->energy_uj)
		e.uj = r->energy_uj;
	return e;
}
