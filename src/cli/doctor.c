/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor.c - `jouletrail doctor`: what this machine can and cannot do, each `no` with its mend. */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "export/text.h"
#include "ledger/ledger.h"
#include "power/power.h"
#include "sched/sched.h"

struct doctor_settings {
	enum export_format format;
	const char *root;
	const char *power_root;
	const char *ledger;
	const char *key_dir;
	const char *bundle;
};

static const struct option_row doctor_rows[] = {
	OPTION_FORMAT_ROW(struct doctor_settings, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "root",
	  .offset = offsetof(struct doctor_settings, root),
	  .arg = "DIR",
	  .help = "read /sys and /proc below DIR" },
	{ .name = "power-root",
	  .offset = offsetof(struct doctor_settings, power_root),
	  .arg = "DIR",
	  .help = "read only the meters below DIR" },
	{ .name = "ledger",
	  .letter = 'l',
	  .offset = offsetof(struct doctor_settings, ledger),
	  .arg = "DIR",
	  .help = "look at that ledger's directory too" },
	{ .name = "key-dir",
	  .offset = offsetof(struct doctor_settings, key_dir),
	  .arg = "DIR",
	  .help = "where its keys are (/var/lib/jouletrail/keys)" },
	{ .name = "bundle",
	  .offset = offsetof(struct doctor_settings, bundle),
	  .arg = "FILE",
	  .help = "what a bug report needs, without secrets: .tar.gz" },
};

static const struct options_spec doctor_spec = {
	.command = "doctor",
	.about = "What this machine can and cannot do, and what would mend it.\n"
		 "Exit code: 0 if `jouletrail run` would work, 1 if not, 2 usage.",
	.row = doctor_rows,
	.n_rows = ARRAY_LENGTH(doctor_rows),
};

struct doctor_check *doctor_add(struct doctor *d, const char *area, const char *what, bool ok)
{
	struct doctor_check *c;

	if (d->n == DOCTOR_MAX_CHECKS)
		return NULL;
	c = &d->check[d->n++];
	*c = (struct doctor_check){ .area = area, .ok = ok };
	snprintf(c->what, sizeof(c->what), "%s", what);
	return c;
}

void doctor_say(struct doctor_check *c, const char *fmt, ...)
{
	va_list ap;

	if (!c)
		return;
	va_start(ap, fmt);
	vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
}

void doctor_mend(struct doctor_check *c, const char *fmt, ...)
{
	va_list ap;

	if (!c)
		return;
	va_start(ap, fmt);
	vsnprintf(c->fix, sizeof(c->fix), fmt, ap);
	va_end(ap);
}

static void doctor_found_sched(const char *what, bool ok, const char *text, void *arg)
{
	struct doctor_check *c = doctor_add(arg, "kernel", what, ok);

	doctor_say(c, "%s", text);
	if (c)
		c->needed = true;
}

static void doctor_found_meter(const char *meter, bool usable, const char *text, void *arg)
{
	doctor_say(doctor_add(arg, "meter", meter, usable), "%s", text);
}

/* Everything needed is there, and some meter or the model. */
static bool doctor_works(const struct doctor *d)
{
	bool works = true, power = false;

	for (size_t i = 0; i < d->n; i++) {
		works = works && (d->check[i].ok || !d->check[i].needed);
		power = power || (d->check[i].ok && !strcmp(d->check[i].area, "meter"));
	}
	return works && power;
}

/* p may be NULL: no meter opens, not even the model. */
static void doctor_human(struct buf *out, const struct doctor *d, const struct power *p)
{
	const char *area = "";

	for (size_t i = 0; i < d->n; i++) {
		const struct doctor_check *c = &d->check[i];

		if (strcmp(area, c->area) != 0)
			buf_printf(out, "%s%s\n", i ? "\n" : "", c->area);
		area = c->area;
		buf_printf(out, "  %-3s  ", c->ok ? "yes" : "NO");
		buf_printf(out, "%-20s  ", c->what);
		text_put_escaped(out, c->text, 0);
		buf_putc(out, '\n');
		if (!c->ok && c->fix[0]) {
			buf_puts(out, "                             -> ");
			text_put_escaped(out, c->fix, 0);
			buf_putc(out, '\n');
		}
	}
	if (p)
		doctor_domains_human(out, p);
	buf_puts(out, doctor_works(d) ? "\n`jouletrail run` works here.\n"
				      : "\n`jouletrail run` does NOT work here: see each NO.\n");
}

void doctor_json(struct buf *out, const struct doctor *d, const struct power *p)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_key(&w, "checks");
	json_array_begin(&w);
	for (size_t i = 0; i < d->n; i++) {
		const struct doctor_check *c = &d->check[i];

		json_object_begin(&w);
		json_kv_str(&w, "area", c->area);
		json_kv_bytes(&w, "fix", !c->ok && c->fix[0] ? c->fix : NULL);
		json_kv_bool(&w, "needed", c->needed);
		json_kv_bool(&w, "ok", c->ok);
		json_kv_bytes(&w, "text", c->text);
		json_kv_bytes(&w, "what", c->what);
		json_object_end(&w);
	}
	json_array_end(&w);
	if (p) {
		json_key(&w, "domains");
		doctor_domains_json(&w, p);
	}
	json_kv_bool(&w, "run_works", doctor_works(d));
	json_kv_str(&w, "schema", "jouletrail.doctor/1");
	json_object_end(&w);
	buf_putc(out, '\n');
}

/* As `run` would choose. NULL where nothing opens. */
static struct power *doctor_open(const struct doctor_settings *s)
{
	const struct power_options o = { .meter = "auto",
					 .root = s->power_root ? s->power_root : s->root,
					 .proc_root = s->root ? s->root : "" };
	struct power *p = NULL;

	return power_new(&o, &p, NULL) ? NULL : p;
}

static void doctor_look(const struct doctor_settings *s, struct doctor *d)
{
	d->root = s->root;
	d->ledger = s->ledger;
	d->key_dir = s->key_dir;
	sched_probe(doctor_found_sched, d);
	doctor_check_kernel(d);
	doctor_check_privileges(d);
	doctor_check_limits(d);
	power_probe(s->power_root ? s->power_root : s->root, doctor_found_meter, d);
	doctor_check_pmu(d);
	doctor_check_cgroups(d);
	doctor_check_clock(d);
	doctor_check_service(d);
	doctor_fix(d);
}

int doctor_main(int argc, char **argv)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct doctor_settings s = { .key_dir = LEDGER_DEFAULT_KEY_DIR };
	struct options_arguments args;
	struct doctor d = { 0 };
	struct power *p;
	int code;

	(void)argc;
	if (!options_begin(&doctor_spec, argv, &s, &args, &code))
		return code;
	doctor_look(&s, &d);
	p = doctor_open(&s);
	if (s.bundle) {
		code = doctor_bundle(s.bundle, &d, p);
		power_free(p);
		return code;
	}
	if (s.format == EXPORT_JSON)
		doctor_json(&out, &d, p);
	else
		doctor_human(&out, &d, p);
	power_free(p);
	return output_finish(&out, doctor_works(&d) ? EXIT_DONE : EXIT_FAILED);
}
