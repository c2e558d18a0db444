/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* human_top.c - top's screen: power of the host in parts, then the consumers that draw most. */
#include <inttypes.h>
#include <time.h>

#include "base/cleanup.h"
#include "export/number.h"
#include "export/outputs.h"
#include "export/parts.h"
#include "export/text.h"
#include "types/derived.h"

#define TOP_MAX_CONSUMERS 20
#define TOP_NAME	  34

static void top_title(struct buf *out, const struct tick *t)
{
	time_t seconds = (time_t)(t->window.end_real_us / (int64_t)JT_US_PER_S);
	struct tm tm = { 0 };
	char text[32] = "";

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	buf_printf(out, " %s, mean over ", text);
	text_put_time(out, window_length_ns(&t->window));
	buf_printf(out, ", %u CPU%s, %s\n\n", t->n_cpus, t->n_cpus == 1 ? "" : "s",
		   energy_quality_name(t->quality));
}

/* Host power in parts that add up as printed. */
static void top_host(struct buf *out, const struct tick *t)
{
	static const char *const names[] = { "consumers", "idle", "not attributed" };
	uint64_t ns = window_length_ns(&t->window), sum = 0;
	uint64_t part[] = { jt_mean_power_uw(t->host.attributed_uj, ns),
			    jt_mean_power_uw(t->host.idle_uj, ns),
			    jt_mean_power_uw(t->host.unattributed_uj, ns) };
	struct quant_interval_u64 host = record_power_uw(&t->host_energy, ns);
	struct number_scale s = number_scale_interval(&host);
	CLEANUP(buf_free) struct buf cell = { 0 };

	if (!export_has_energy(t)) {
		buf_puts(out, " power unknown: no meter could be read\n");
		return;
	}
	/* The parts of one figure share its error: a digit more still says something of them. */
	if (s.digits < (int)s.exp10)
		s.digits++;
	number_round_parts(part, 3, &s);
	for (size_t i = 0; i < 4; i++) {
		buf_reset(&cell);
		number_put(&cell, i < 3 ? part[i] : sum, &s);
		buf_printf(&cell, " %sW", s.prefix);
		text_put_right(out, cell.err ? "" : cell.data, 14);
		if (i < 3) {
			buf_printf(out, "   %s\n", names[i]);
			sum += part[i];
		}
	}
	buf_puts(out, "   the host: ");
	number_put_interval(out, &host, "W");
	buf_putc(out, '\n');
}

static void top_consumer(struct buf *out, const struct tick *t, const struct sample *s)
{
	uint64_t ns = window_length_ns(&t->window);
	struct quant_interval_u64 power = record_power_uw(&s->energy, ns);
	/* Tenths of a per cent of one CPU, as top(1) counts. */
	uint64_t tenths = ns ? (s->cpu_ns + ns / 2000) / (ns / 1000 ? ns / 1000 : 1) : 0;
	size_t start = out->len;

	buf_putc(out, ' ');
	parts_human_name(out, s, TOP_NAME);
	text_pad(out, start, 1 + TOP_NAME);
	if (record_kind_is_task(s->kind) && s->tgid)
		buf_printf(out, " %9" PRIu32, s->pid ? s->pid : s->tgid);
	else
		buf_printf(out, " %9s", "-");
	buf_printf(out, " %5" PRIu64 ".%" PRIu64 "  ", tenths / 10, tenths % 10);
	if (export_has_energy(t))
		number_put_interval(out, &power, "W");
	else
		buf_puts(out, "unknown");
	buf_putc(out, '\n');
}

void output_human_top(struct buf *out, const struct tick *t)
{
	size_t n = t->n_samples < TOP_MAX_CONSUMERS ? t->n_samples : TOP_MAX_CONSUMERS;

	top_title(out, t);
	top_host(out, t);
	buf_printf(out, "\n %-34s %9s %7s  %s\n", "Consumers", "pid", "CPU %", "power");
	for (size_t i = 0; i < n; i++)
		top_consumer(out, t, &t->sample[i]);
	if (n < t->n_samples)
		buf_printf(out, " … and %zu more\n", t->n_samples - n);
	parts_human_branches(out, t);
	parts_human_method(out, t);
	if (t->conservation.breached)
		parts_human_conservation(out, t);
	parts_human_gaps(out, t);
	parts_human_lost(out, t);
}
