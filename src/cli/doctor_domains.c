/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_domains.c - doctor's tree of energy domains: what is added, what is shown, and why. */
#include <string.h>

#include "base/json.h"
#include "cli/doctor.h"
#include "export/text.h"
#include "jouletrail/units.h"
#include "power/power.h"

#define MAX_DEPTH 4

static void put_domain(struct buf *out, const struct energy_domain *d, const char *how,
		       unsigned int depth)
{
	size_t from = out->len;

	buf_printf(out, "  %*s", (int)(2 * depth), "");
	text_put_escaped(out, d->name, 0);
	text_pad(out, from, 30);
	buf_printf(out, "%-8s  ", how);
	text_put_escaped(out, d->source, 0);
	if (d->range_uj)
		buf_printf(out, ", round at %.0f J", jt_uj_to_j(d->range_uj));
	if (d->why_not) {
		buf_puts(out, ": ");
		text_put_escaped(out, d->why_not, 0);
	}
	buf_putc(out, '\n');
}

/* The domains whose parent is `parent`, each followed by its own. */
static void put_children(struct buf *out, const struct energy *e, int parent, unsigned int depth)
{
	for (size_t i = 0; i < e->n_domains && depth < MAX_DEPTH; i++) {
		const struct energy_domain *d = &e->domain[i];

		if (d->parent != parent)
			continue;
		put_domain(out, d, d->counted ? "added" : "shown", depth);
		put_children(out, e, (int)i, depth + 1);
	}
}

void doctor_domains_human(struct buf *out, const struct power *p)
{
	struct energy_domain mirror;

	buf_puts(out, "\nenergy domains with --power auto: ");
	text_put_escaped(out, power_choice(p), 0);
	buf_putc(out, '\n');
	put_children(out, power_domains(p), -1, 0);
	for (size_t i = 0; power_mirror(p, i, &mirror); i++)
		put_domain(out, &mirror, "mirrored", 0);
}

static void put_json(struct json_writer *w, const struct energy *e, const struct energy_domain *d,
		     bool mirrored)
{
	json_object_begin(w);
	json_kv_bool(w, "counted", d->counted && !mirrored);
	json_kv_str(w, "kind", energy_domain_kind_name(d->kind));
	json_kv_bool(w, "mirrored", mirrored);
	json_kv_bytes(w, "name", d->name);
	json_key(w, "package");
	if (d->package < 0)
		json_put_null(w);
	else
		json_i64(w, d->package);
	json_key(w, "parent");
	if (d->parent < 0 || mirrored)
		json_put_null(w);
	else
		json_bytes(w, e->domain[d->parent].name, strlen(e->domain[d->parent].name));
	json_kv_str(w, "quality", energy_quality_name(d->quality));
	json_kv_big(w, "range_uj", d->range_uj);
	json_kv_bytes(w, "source", d->source);
	json_kv_str(w, "why_not", d->why_not);
	json_object_end(w);
}

void doctor_domains_json(struct json_writer *w, const struct power *p)
{
	const struct energy *e = power_domains(p);
	struct energy_domain mirror;

	json_array_begin(w);
	for (size_t i = 0; i < e->n_domains; i++)
		put_json(w, e, &e->domain[i], false);
	for (size_t i = 0; power_mirror(p, i, &mirror); i++)
		put_json(w, e, &mirror, true);
	json_array_end(w);
}
