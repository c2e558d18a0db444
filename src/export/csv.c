/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* csv.c - consumers as RFC 4180 records, with plain newlines; what is missing is an empty field. */
#include <string.h>

#include "export/outputs.h"
#include "export/parts.h"
#include "types/derived.h"

static const char csv_header[] =
	"kind,id,name,pid,start_boottime_ns,comm,cgroup,cpu_ns,energy_uj,energy_low_uj,"
	"energy_high_uj,co2e_ug,co2e_low_ug,co2e_high_ug,quality,zone,"
	"allocation_ratio_ppm,uncertainty,user,exe,cmdline\n";

void export_csv_text(struct buf *out, const char *s)
{
	if (!s)
		return;
	if (!strpbrk(s, ",\"\r\n")) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			buf_putc(out, '"');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

static void csv_interval(struct buf *out, bool known, const struct quant_interval_u64 *v)
{
	if (!known) {
		buf_puts(out, ",,,");
		return;
	}
	buf_putc(out, ',');
	buf_put_u64(out, v->value);
	buf_putc(out, ',');
	buf_put_u64(out, v->low);
	buf_putc(out, ',');
	buf_put_u64(out, v->high);
}

static void csv_row(struct buf *out, const struct tick *t, const struct sample *s)
{
	bool is_process = record_kind_is_task(s->kind) && s->tgid;
	bool known = export_has_energy(t);
	uint64_t ratio_ppm;
	char id[PARTS_ID_LEN];

	buf_printf(out, "%s,", record_kind_name(s->kind));
	export_csv_text(out, parts_consumer_id(s, id));
	buf_putc(out, ',');
	export_csv_text(out, s->name);
	buf_putc(out, ',');
	if (is_process)
		buf_put_u64(out, s->tgid);
	buf_putc(out, ',');
	if (is_process)
		buf_put_u64(out, s->start_boottime_ns);
	buf_putc(out, ',');
	export_csv_text(out, is_process ? s->comm : NULL);
	buf_putc(out, ',');
	export_csv_text(out, s->cgroup);
	buf_putc(out, ',');
	buf_put_u64(out, s->cpu_ns);
	csv_interval(out, known, &s->energy);
	csv_interval(out, known, &s->co2e);
	buf_printf(out, ",%s,%s,", energy_quality_name(t->quality), t->intensity.zone);
	if (known && record_allocation_ppm(t, s, &ratio_ppm))
		buf_put_u64(out, ratio_ppm);
	buf_printf(out, ",%s,", t->uncertainty ? t->uncertainty : "");
	export_csv_text(out, s->labels.user);
	buf_putc(out, ',');
	export_csv_text(out, s->labels.exe);
	buf_putc(out, ',');
	export_csv_text(out, s->labels.cmdline);
	buf_putc(out, '\n');
}

void output_csv(struct buf *out, const struct tick *t)
{
	buf_puts(out, csv_header);
	for (size_t i = 0; i < t->n_samples; i++)
		csv_row(out, t, &t->sample[i]);
}
