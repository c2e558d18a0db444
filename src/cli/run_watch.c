/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_watch.c - see run_watch.h. */
#include "cli/run_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "carbon/carbon.h"
#include "export/export.h"
#include "export/number.h"
#include "export/text.h"

static const char header[] =
	"run,begin_mono_ns,end_mono_ns,begin_real_us,end_real_us,cpu_ns,energy_uj,energy_low_uj,"
	"energy_high_uj,co2e_ug,co2e_low_ug,co2e_high_ug,host_energy_uj,host_energy_low_uj,"
	"host_energy_high_uj,idle_energy_uj,intensity_mg_per_kwh,quality\n";

int run_watch_open(struct run_watch *w, const char *timeline, bool progress, struct why *why)
{
	*w = (struct run_watch){ .timeline_path = timeline,
				 .progress = progress && isatty(STDERR_FILENO) };
	if (!timeline)
		return 0;
	w->timeline = fopen(timeline, "we");
	if (!w->timeline)
		return why_set(why, -errno, "--timeline %s: %s", timeline, strerror(errno));
	fputs(header, w->timeline);
	return 0;
}

static void put_interval(FILE *f, bool known, const struct quant_interval_u64 *v)
{
	if (known)
		fprintf(f, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, v->value, v->low, v->high);
	else
		fputs(",,,", f);
}

static void put_row(struct run_watch *w, const struct tick *t, const struct sample *s)
{
	bool known = export_has_energy(t);
	FILE *f = w->timeline;

	if (w->run)
		fprintf(f, "%" PRIu64, w->run);
	fprintf(f, ",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRIu64,
		t->window.begin_mono_ns, t->window.end_mono_ns, t->window.begin_real_us,
		t->window.end_real_us, s->cpu_ns);
	put_interval(f, known, &s->energy);
	put_interval(f, known, &s->co2e);
	put_interval(f, known, &t->host_energy);
	if (known)
		fprintf(f, ",%" PRIu64, t->host.idle_uj);
	else
		fputc(',', f);
	fprintf(f, ",%" PRIu64 ",%s\n", (uint64_t)t->intensity.mg_per_kwh,
		energy_quality_name(t->quality));
	/* Whoever looks at it while it goes on sees whole windows. */
	if ((fflush(f) || ferror(f)) && !w->err)
		w->err = errno ? -errno : -EIO;
}

static void put_line(struct run_watch *w, const struct tick *t, const struct sample *s)
{
	uint64_t ns = window_length_ns(&t->window);
	CLEANUP(buf_free) struct buf line = { 0 };

	buf_puts(&line, "\r\033[K ");
	if (w->n_runs)
		buf_printf(&line, "run %" PRIu64 " of %" PRIu64 "   ", w->run, w->n_runs);
	text_put_time(&line, t->window.end_mono_ns - w->begin_mono_ns);
	buf_puts(&line, "   ");
	if (export_has_energy(t) && ns)
		number_put_plain(&line, jt_mean_power_uw(s->energy_uj, ns), "W");
	else
		buf_puts(&line, "power unknown");
	buf_puts(&line, "   ");
	number_put_plain(&line, w->energy_uj, "J");
	buf_puts(&line, w->energy_missing ? " that are known" : " so far");
	if (!line.err && write(STDERR_FILENO, line.data, line.len) > 0)
		w->shown = true;
}

void run_watch_tick(const struct tick *t, void *arg)
{
	struct run_watch *w = arg;
	struct sample sum;

	if (w->cgroup)
		carbon_sum_below(t, w->cgroup, &sum, NULL);
	else
		carbon_sum(t, JT_CELL_LINEAGE, &sum, NULL);
	if (!w->begin_mono_ns)
		w->begin_mono_ns = t->window.begin_mono_ns;
	w->energy_uj += sum.energy_uj;
	w->energy_missing |= t->quality == ENERGY_MISSING;
	if (w->timeline)
		put_row(w, t, &sum);
	if (w->progress)
		put_line(w, t, &sum);
}

void run_watch_clear(struct run_watch *w)
{
	if (w->shown && write(STDERR_FILENO, "\r\033[K", 4) < 0)
		w->progress = false;
	w->shown = false;
}

int run_watch_close(struct run_watch *w)
{
	run_watch_clear(w);
	if (!w->timeline)
		return 0;
	if (fclose(w->timeline) && !w->err)
		w->err = -errno;
	w->timeline = NULL;
	if (w->err)
		log_error("--timeline %s: %s: it is not whole", w->timeline_path,
			  strerror(-w->err));
	return w->err;
}
