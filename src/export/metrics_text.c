/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics_text.c - the families as Prometheus text 0.0.4: metrics_put(). */
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/metrics_parts.h"

/* A family: "# HELP", "# TYPE", and what its samples are called. */
static void put_family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_puts(out, "# HELP ");
	buf_puts(out, name);
	buf_putc(out, ' ');
	buf_puts(out, help);
	buf_puts(out, "\n# TYPE ");
	buf_puts(out, name);
	buf_putc(out, ' ');
	buf_puts(out, type);
	buf_putc(out, '\n');
}

/* v in units of 10^-decimals, exactly. */
static void put_decimal(struct buf *out, uint64_t v, unsigned int decimals)
{
	char digits[24];
	size_t at = sizeof(digits);

	for (unsigned int i = 0; v || i <= decimals; i++) {
		if (i == decimals && decimals)
			digits[--at] = '.';
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	}
	buf_append(out, digits + at, sizeof(digits) - at);
}

/* labels: what stands between the braces; "" = none. */
static void put_sample(struct buf *out, const char *name, const char *labels, size_t len,
		       uint64_t v, unsigned int decimals)
{
	buf_puts(out, name);
	if (len) {
		buf_putc(out, '{');
		buf_append(out, labels, len);
		buf_putc(out, '}');
	}
	buf_putc(out, ' ');
	put_decimal(out, v, decimals);
	buf_putc(out, '\n');
}

static void put_labelled(struct buf *out, const char *name, const char *labels, uint64_t v,
			 unsigned int decimals)
{
	put_sample(out, name, labels, strlen(labels), v, decimals);
}

/* ---- what is counted by consumer ---- */

static const struct {
	const char *name; /* of consumers */
	const char *help;
	const char *host; /* of the host as a whole */
	const char *host_help;
	const char *evicted; /* of consumers whose series is gone; NULL = not told */
	unsigned int decimals;
} amounts[METRICS_N_AMOUNTS] = {
	[METRICS_ENERGY_UJ] = { "jouletrail_energy_joules_total",
				"Energy by consumer, with what was idle and what is nobody's.",
				"jouletrail_host_energy_joules_total",
				"Energy of the whole host, nested domains not counted twice.",
				"jouletrail_evicted_energy_joules_total", 6 },
	[METRICS_ENERGY_LOW_UJ] = { "jouletrail_energy_low_joules_total",
				    "Lower bounds of energy: sums of the ticks' 95 % intervals.",
				    "jouletrail_host_energy_low_joules_total",
				    "Lower bounds of the host's energy, summed over ticks.", NULL,
				    6 },
	[METRICS_ENERGY_HIGH_UJ] = { "jouletrail_energy_high_joules_total",
				     "Upper bounds of energy: sums of the ticks' 95 % intervals.",
				     "jouletrail_host_energy_high_joules_total",
				     "Upper bounds of the host's energy, summed over ticks.", NULL,
				     6 },
	[METRICS_CO2E_UG] = { "jouletrail_co2e_grams_total",
			      "Operational CO2 equivalent by consumer, with idle and nobody's.",
			      "jouletrail_host_co2e_grams_total",
			      "Operational CO2 equivalent of the whole host.",
			      "jouletrail_evicted_co2e_grams_total", 6 },
	[METRICS_CO2E_LOW_UG] = { "jouletrail_co2e_low_grams_total",
				  "Lower bounds of CO2e: sums of the ticks' 95 % intervals.",
				  "jouletrail_host_co2e_low_grams_total",
				  "Lower bounds of the host's CO2e, summed over ticks.", NULL, 6 },
	[METRICS_CO2E_HIGH_UG] = { "jouletrail_co2e_high_grams_total",
				   "Upper bounds of CO2e: sums of the ticks' 95 % intervals.",
				   "jouletrail_host_co2e_high_grams_total",
				   "Upper bounds of the host's CO2e, summed over ticks.", NULL, 6 },
	[METRICS_CPU_NS] = { "jouletrail_cpu_seconds_total", "CPU time by consumer.", NULL, NULL,
			     "jouletrail_evicted_cpu_seconds_total", 9 },
};

static bool is_known(const struct metrics_amounts *a, enum metrics_amount what)
{
	return a->known & (1U << what);
}

static void put_known(struct buf *out, const char *name, const char *labels,
		      const struct metrics_amounts *a, enum metrics_amount what)
{
	if (is_known(a, what))
		put_labelled(out, name, labels, a->value[what], amounts[what].decimals);
}

static bool is_known_of_any(const struct metrics *m, enum metrics_amount what)
{
	bool known = is_known(&m->other, what) || is_known(&m->idle, what) ||
		     is_known(&m->unattributed, what) || is_known(&m->evicted, what);

	for (size_t i = 0; i < m->n && !known; i++)
		known = is_known(&m->series[i].amounts, what);
	return known;
}

static void put_consumers(struct buf *out, const struct metrics *m, enum metrics_amount what)
{
	const char *name = amounts[what].name;

	put_family(out, name, "counter", amounts[what].help);
	for (size_t i = 0; i < m->n; i++) {
		const struct metrics_series *s = &m->series[i];

		if (is_known(&s->amounts, what))
			put_sample(out, name, s->name[METRICS_LABELS].data,
				   s->name[METRICS_LABELS].len, s->amounts.value[what],
				   amounts[what].decimals);
	}
	put_known(out, name, "kind=\"other\"", &m->other, what);
	put_known(out, name, "kind=\"idle\"", &m->idle, what);
	put_known(out, name, "kind=\"unattributed\"", &m->unattributed, what);
}

static void put_amounts(struct buf *out, const struct metrics *m)
{
	for (enum metrics_amount what = 0; what < METRICS_N_AMOUNTS; what++) {
		if (!is_known_of_any(m, what))
			continue;
		put_consumers(out, m, what);
		if (is_known(&m->host, what)) {
			put_family(out, amounts[what].host, "counter", amounts[what].host_help);
			put_known(out, amounts[what].host, "", &m->host, what);
		}
		if (!amounts[what].evicted)
			continue;
		put_family(out, amounts[what].evicted, "counter",
			   "What consumers without a series any more had counted.");
		put_labelled(out, amounts[what].evicted, "", m->evicted.value[what],
			     amounts[what].decimals);
	}
}

/* ---- the host's books ---- */

static void put_domains(struct buf *out, const struct metrics *m)
{
	static const char name[] = "jouletrail_host_domain_energy_joules_total";
	CLEANUP(buf_free) struct buf labels = { 0 };
	bool begun = false;

	for (size_t i = 0; i < m->n_domains; i++) {
		const struct energy_domain *d = &m->domain[i];

		if (!is_known(&m->domain_sum[i], METRICS_ENERGY_UJ))
			continue;
		if (!begun)
			put_family(out, name, "counter",
				   "Energy of each metered domain; those that are not counted lie "
				   "within others.");
		begun = true;
		buf_reset(&labels);
		buf_puts(&labels, "domain=\"");
		metrics_put_label_value(&labels, d->name);
		buf_printf(&labels, "\",type=\"%s\",counted=\"%s\"",
			   energy_domain_kind_name(d->kind), d->counted ? "true" : "false");
		if (d->package >= 0)
			buf_printf(&labels, ",package=\"%d\"", d->package);
		if (labels.err)
			out->err = out->err ? out->err : labels.err;
		else
			put_known(out, name, labels.data, &m->domain_sum[i], METRICS_ENERGY_UJ);
	}
}

/* Families of one sample, or of one for each value of a label; a row without help goes on. */
static const struct sum_row {
	const char *name;
	const char *help;
	const char *labels;
	size_t offset; /* into struct metrics_sums, uint64_t */
	unsigned int decimals;
} sums[] = {
#define SUM(field_) offsetof(struct metrics_sums, field_)
	{ "jouletrail_accounted_seconds_total",
	  "Time that the counters are of: divide by its rate, not by the clock's, for power.", "",
	  SUM(accounted_ns), 9 },
	{ "jouletrail_energy_missing_seconds_total",
	  "Accounted time for which a meter's energy is not known, or not whole.", "",
	  SUM(missing_ns), 9 },
	{ "jouletrail_ticks_total", "Ticks that were closed.", "", SUM(n_ticks), 0 },
	{ "jouletrail_windows_total", "Windows that were measured.", "", SUM(n_windows), 0 },
	{ "jouletrail_host_cpu_seconds_total", "CPU time of the host's books, over all CPUs.",
	  "mode=\"task\"", SUM(task_ns), 9 },
	{ "jouletrail_host_cpu_seconds_total", NULL, "mode=\"idle\"", SUM(idle_ns), 9 },
	{ "jouletrail_host_cpu_seconds_total", NULL, "mode=\"excluded\"", SUM(excluded_ns), 9 },
	{ "jouletrail_self_cpu_seconds_total", "CPU time of the measuring process itself.", "",
	  SUM(self_cpu_ns), 9 },
	{ "jouletrail_meter_gaps_total", "Gaps of meters: resets, jumps, unreadable ones.", "",
	  SUM(n_gaps), 0 },
	{ "jouletrail_conservation_breaches_total",
	  "Windows whose books did not close within 0.1 %.", "", SUM(n_breaches), 0 },
	{ "jouletrail_audits_total", "Cgroups whose time was compared with the kernel's.", "",
	  SUM(audit.n_audits), 0 },
	{ "jouletrail_audit_breaches_total", "Audits beyond 0.1 % and a tick.", "",
	  SUM(audit.n_breaches), 0 },
	{ "jouletrail_audit_abandoned_total", "Audits whose cgroup changed meanwhile.", "",
	  SUM(audit.n_abandoned), 0 },
	{ "jouletrail_audit_cpu_seconds_total", "CPU time that was audited.", "",
	  SUM(audit.cells_ns), 9 },
	{ "jouletrail_audit_residue_seconds_total",
	  "Audited CPU time that the kernel's figures do not explain.", "", SUM(audit.residue_ns),
	  9 },
	{ "jouletrail_lost_cpu_seconds_total",
	  "CPU time whose detail was lost; the time itself is in the sums.", "what=\"untracked\"",
	  SUM(losses.untracked_ns), 9 },
	{ "jouletrail_lost_cpu_seconds_total", NULL, "what=\"unsplit\"", SUM(losses.unsplit_ns),
	  9 },
	{ "jouletrail_lost_total", "Details lost, by kind: no time is lost by any.",
	  "what=\"no_cell\"", SUM(losses.n_no_cell), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"no_storage\"", SUM(losses.n_no_storage), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"global\"", SUM(losses.n_global), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"unsplit\"", SUM(losses.n_unsplit), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"backwards\"", SUM(losses.n_backwards), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"unflushed\"", SUM(losses.n_unflushed), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"unread\"", SUM(losses.n_unread), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"cgroup_name\"", SUM(losses.n_cgroup_names), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"exec_name\"", SUM(losses.n_exec_names), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"forgotten\"", SUM(n_forgotten), 0 },
	{ "jouletrail_lost_total", NULL, "what=\"missed_switch\"", SUM(n_missed), 0 },
	{ "jouletrail_metrics_evicted_total", "Consumers whose series is gone: they were silent.",
	  "", SUM(n_evicted), 0 },
	{ "jouletrail_metrics_folded_total",
	  "Consumers of a tick that had no room for a series and went to kind=\"other\".", "",
	  SUM(n_folded), 0 },
#undef SUM
};

static void put_sums(struct buf *out, const struct metrics *m)
{
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		const struct sum_row *r = &sums[i];
		uint64_t v;

		memcpy(&v, (const char *)&m->sums + r->offset, sizeof(v));
		if (r->help)
			put_family(out, r->name, "counter", r->help);
		put_labelled(out, r->name, r->labels, v, r->decimals);
	}
}

/* ---- the last tick's gauges ---- */

static void put_gauge(struct buf *out, const char *name, const char *help, const char *labels,
		      uint64_t v, unsigned int decimals)
{
	put_family(out, name, "gauge", help);
	put_labelled(out, name, labels, v, decimals);
}

static void put_intensity(struct buf *out, const struct intensity *i)
{
	CLEANUP(buf_free) struct buf labels = { 0 };

	buf_puts(&labels, "zone=\"");
	metrics_put_label_value(&labels, i->zone);
	buf_puts(&labels, "\",type=\"");
	metrics_put_label_value(&labels, i->kind);
	buf_puts(&labels, "\",boundary=\"");
	metrics_put_label_value(&labels, i->boundary);
	buf_putc(&labels, '"');
	if (labels.err) {
		out->err = out->err ? out->err : labels.err;
		return;
	}
	put_gauge(out, "jouletrail_intensity_grams_per_kwh",
		  "Carbon intensity of the last tick, gCO2e/kWh.", labels.data, i->mg_per_kwh, 3);
	put_gauge(out, "jouletrail_intensity_low_grams_per_kwh", "Lower end of its 95 % interval.",
		  labels.data, i->low_mg_per_kwh, 3);
	put_gauge(out, "jouletrail_intensity_high_grams_per_kwh", "Upper end of its 95 % interval.",
		  labels.data, i->high_mg_per_kwh, 3);
}

static void put_method(struct buf *out, const struct metrics_last *l)
{
	put_family(out, "jouletrail_method_info", "gauge",
		   "By what rules energy is divided; its value is 1.");
	buf_printf(out,
		   "jouletrail_method_info{by=\"%s\",idle_policy=\"%s\",static_power=\"%s\","
		   "weight=\"%s\",uncertainty=\"%s\"} 1\n",
		   record_kind_name(l->by), method_idle_policy_name(l->method.idle_policy),
		   method_static_power_name(l->method.static_power),
		   usage_weight_name(l->method.weight), l->uncertainty ? l->uncertainty : "");
}

static void put_conservation(struct buf *out, const struct record_conservation *c)
{
	static const char name[] = "jouletrail_conservation_energy_residue_joules";
	uint64_t size = c->energy_uj < 0 ? -(uint64_t)c->energy_uj : (uint64_t)c->energy_uj;

	put_gauge(out, "jouletrail_conservation_time_residue_ratio",
		  "CPU time that the books of the last tick's worst window lack, by wall time.", "",
		  c->time_ppm, 6);
	put_gauge(out, "jouletrail_conservation_cells_residue_ratio",
		  "Consumers' CPU time against the books', in that window, by wall time.", "",
		  c->cells_ppm, 6);
	put_family(out, name, "gauge",
		   "Consumers, idle and unattributed less the host in the last tick: 0 or a bug.");
	buf_puts(out, name);
	buf_puts(out, c->energy_uj < 0 ? " -" : " ");
	put_decimal(out, size, 6);
	buf_putc(out, '\n');
}

static void put_self(struct buf *out, const struct metrics *m)
{
	static const char name[] = "jouletrail_self_energy_joules_total";

	if (!is_known(&m->self, METRICS_ENERGY_UJ))
		return;
	put_family(out, name, "counter",
		   "Energy of the measuring process: its part of the consumers' CPU time.");
	put_known(out, name, "", &m->self, METRICS_ENERGY_UJ);
}

/* Since local midnight, or since we began. */
static void put_day(struct buf *out, const struct metrics *m)
{
	static const struct {
		const char *name;
		const char *help;
	} days[METRICS_N_AMOUNTS] = {
		[METRICS_ENERGY_UJ] = { "jouletrail_today_energy_joules",
					"Energy of the host today." },
		[METRICS_ENERGY_LOW_UJ] = { "jouletrail_today_energy_low_joules",
					    "Its lower bound." },
		[METRICS_ENERGY_HIGH_UJ] = { "jouletrail_today_energy_high_joules",
					     "Its upper bound." },
		[METRICS_CO2E_UG] = { "jouletrail_today_co2e_grams",
				      "Operational CO2 equivalent of the host today." },
		[METRICS_CO2E_LOW_UG] = { "jouletrail_today_co2e_low_grams", "Its lower bound." },
		[METRICS_CO2E_HIGH_UG] = { "jouletrail_today_co2e_high_grams", "Its upper bound." },
	};

	for (enum metrics_amount what = 0; what < METRICS_N_AMOUNTS; what++)
		if (is_known(&m->day.sum, what))
			put_gauge(out, days[what].name, days[what].help, "", m->day.sum.value[what],
				  amounts[what].decimals);
	if (m->day.begin_real_us > 0)
		put_gauge(out, "jouletrail_today_since_timestamp_seconds",
			  "Since when that is: local midnight, or when measuring began.", "",
			  (uint64_t)m->day.begin_real_us, 6);
}

static void put_last(struct buf *out, const struct metrics *m)
{
	const struct metrics_last *l = &m->last;

	put_method(out, l);
	if (l->end_real_us > 0)
		put_gauge(out, "jouletrail_last_tick_timestamp_seconds",
			  "End of the last tick, in seconds since 1970.", "",
			  (uint64_t)l->end_real_us, 6);
	put_gauge(out, "jouletrail_last_tick_seconds", "Length of the last tick.", "", l->length_ns,
		  9);
	put_gauge(out, "jouletrail_energy_quality",
		  "How the last tick's energy is known: 0 missing, 1 modelled, 2 measured.", "",
		  l->quality, 0);
	if (l->has_energy)
		put_gauge(out, "jouletrail_host_power_watts",
			  "Mean power of the host in the last tick.", "", l->power_uw, 6);
	put_intensity(out, &l->intensity);
	put_conservation(out, &l->conservation);
	if (!m->state.has_ledger)
		return;
	put_gauge(out, "jouletrail_ledger_writable",
		  "1, or 0 where the last tick could not be written.", "", !m->state.ledger_failed,
		  0);
	put_family(out, "jouletrail_ledger_records_total", "counter", "Records of the ledger.");
	put_labelled(out, "jouletrail_ledger_records_total", "", m->state.n_ledger_records, 0);
}

void metrics_put(const struct metrics *m, struct buf *out)
{
	put_family(out, "jouletrail_build_info", "gauge", "The program; its value is 1.");
	buf_printf(out, "jouletrail_build_info{version=\"%s\"} 1\n", m->version);
	put_gauge(out, "jouletrail_metrics_series", "Consumers with a series of their own.", "",
		  m->n, 0);
	put_gauge(out, "jouletrail_metrics_series_limit", "How many may have one.", "", m->max, 0);
	put_sums(out, m);
	if (m->sums.n_ticks == 0)
		return;
	put_last(out, m);
	put_self(out, m);
	put_day(out, m);
	put_domains(out, m);
	put_amounts(out, m);
}
