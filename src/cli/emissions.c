/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* emissions.c - CodeCarbon's columns, and what a run has of them. */
#include "cli/emissions.h"

#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/options.h"
#include "jouletrail/units.h"
#include "power/cpuinfo.h"

#define UUID_LEN 37

struct emissions {
	const struct export_run *run;
	bool known;
	double seconds;
	double kg;
	double kwh;
	double pue;
	struct cpuinfo cpu; /* n_cpus 0 = not known */
	char run_id[UUID_LEN];
};

static void put_number(struct buf *out, double value)
{
	buf_printf(out, "%.15g", value);
}

static void put_timestamp(struct buf *out, const struct emissions *e)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	(void)e;
	if (localtime_r(&now, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		buf_puts(out, text);
}

static void put_project(struct buf *out, const struct emissions *e)
{
	const char *command = e->run->command[0], *slash = command ? strrchr(command, '/') : NULL;

	export_csv_text(out, slash ? slash + 1 : command);
}

static void put_run_id(struct buf *out, const struct emissions *e)
{
	buf_puts(out, e->run_id);
}

static void put_duration(struct buf *out, const struct emissions *e)
{
	put_number(out, e->seconds);
}

static void put_emissions(struct buf *out, const struct emissions *e)
{
	if (e->known)
		put_number(out, e->kg);
}

static void put_rate(struct buf *out, const struct emissions *e)
{
	if (e->known && e->seconds > 0)
		put_number(out, e->kg / e->seconds);
}

static void put_energy(struct buf *out, const struct emissions *e)
{
	if (e->known)
		put_number(out, e->kwh);
}

/* Two letters are a country's, but for the union's. */
static void put_country(struct buf *out, const struct emissions *e)
{
	const struct intensity *i = &e->run->total->intensity;

	if (strlen(i->zone) == 2 && strcmp(i->zone, "EU") != 0)
		export_csv_text(out, i->zone_name);
}

/* The length of the provider in "aws:eu-west-3"; 0 for a zone that is a grid's. */
static size_t provider_len(const struct emissions *e)
{
	const char *zone = e->run->total->intensity.zone;

	return strchr(zone, ':') ? strcspn(zone, ":") : 0;
}

static void put_provider(struct buf *out, const struct emissions *e)
{
	buf_append(out, e->run->total->intensity.zone, provider_len(e));
}

static void put_cloud_region(struct buf *out, const struct emissions *e)
{
	if (provider_len(e))
		export_csv_text(out, e->run->total->intensity.zone + provider_len(e) + 1);
}

static void put_on_cloud(struct buf *out, const struct emissions *e)
{
	if (provider_len(e))
		buf_putc(out, 'Y');
}

static void put_os(struct buf *out, const struct emissions *e)
{
	struct utsname u;

	(void)e;
	if (!uname(&u))
		buf_printf(out, "%s-%s-%s", u.sysname, u.release, u.machine);
}

static void put_version(struct buf *out, const struct emissions *e)
{
	(void)e;
	buf_puts(out, "jouletrail-" JT_VERSION);
}

static void put_n_cpus(struct buf *out, const struct emissions *e)
{
	if (e->cpu.n_cpus)
		buf_put_u64(out, e->cpu.n_cpus);
}

static void put_cpu_model(struct buf *out, const struct emissions *e)
{
	export_csv_text(out, e->cpu.name);
}

/* In units of 2^30 bytes, as CodeCarbon has it. */
static void put_ram(struct buf *out, const struct emissions *e)
{
	long n_pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	(void)e;
	if (n_pages > 0 && page > 0)
		put_number(out, (double)n_pages * (double)page / (1 << 30));
}

static void put_mode(struct buf *out, const struct emissions *e)
{
	(void)e;
	buf_puts(out, "process");
}

static void put_cpu_utilization(struct buf *out, const struct emissions *e)
{
	double cpu_s = (double)e->run->command_total->cpu_ns / JT_NS_PER_S;

	if (e->cpu.n_cpus && e->seconds > 0)
		put_number(out, 100 * cpu_s / e->seconds / e->cpu.n_cpus);
}

static void put_pue(struct buf *out, const struct emissions *e)
{
	put_number(out, e->pue);
}

/* NULL: nothing here knows it. */
static const struct {
	const char *name;
	void (*put)(struct buf *out, const struct emissions *e);
} column[] = {
	{ "timestamp", put_timestamp },
	{ "project_name", put_project },
	{ "run_id", put_run_id },
	{ "experiment_id", NULL },
	{ "duration", put_duration },
	{ "emissions", put_emissions },
	{ "emissions_rate", put_rate },
	{ "cpu_power", NULL },
	{ "gpu_power", NULL },
	{ "ram_power", NULL },
	{ "cpu_energy", NULL },
	{ "gpu_energy", NULL },
	{ "ram_energy", NULL },
	{ "energy_consumed", put_energy },
	{ "water_consumed", NULL },
	{ "country_name", put_country },
	{ "country_iso_code", NULL },
	{ "region", NULL },
	{ "cloud_provider", put_provider },
	{ "cloud_region", put_cloud_region },
	{ "os", put_os },
	{ "python_version", NULL },
	{ "codecarbon_version", put_version },
	{ "cpu_count", put_n_cpus },
	{ "cpu_model", put_cpu_model },
	{ "gpu_count", NULL },
	{ "gpu_model", NULL },
	{ "longitude", NULL },
	{ "latitude", NULL },
	{ "ram_total_size", put_ram },
	{ "tracking_mode", put_mode },
	{ "cpu_utilization_percent", put_cpu_utilization },
	{ "gpu_utilization_percent", NULL },
	{ "ram_utilization_percent", NULL },
	{ "ram_used_gb", NULL },
	{ "on_cloud", put_on_cloud },
	{ "pue", put_pue },
	{ "wue", NULL },
};

void emissions_header(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LENGTH(column); i++)
		buf_printf(out, "%s%s", i ? "," : "", column[i].name);
	buf_putc(out, '\n');
}

void emissions_row(struct buf *out, const char *root, const struct export_run *r)
{
	const struct sample *s = r->command_total;
	struct emissions e = {
		.run = r,
		.known = export_has_energy(r->total) && s->quality != ENERGY_MISSING,
		.seconds = (double)r->wall_ns / JT_NS_PER_S,
		.pue = r->site ? (double)r->site->terms.pue.pue_ppm / 1e6 : 1,
	};

	e.kg = (double)s->co2e.value / 1e9 * e.pue;
	e.kwh = (double)s->energy.value / 3.6e12 * e.pue;
	if (cpuinfo_read(root, &e.cpu))
		e.cpu = (struct cpuinfo){ .name = "" };
	if (fs_read_text(root, "proc/sys/kernel/random/uuid", e.run_id, sizeof(e.run_id), NULL))
		e.run_id[0] = '\0';
	for (size_t i = 0; i < ARRAY_LENGTH(column); i++) {
		if (i)
			buf_putc(out, ',');
		if (column[i].put)
			column[i].put(out, &e);
	}
	buf_putc(out, '\n');
}
