/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* daemon_config.c - see daemon_config.h. */
#include "cli/daemon_config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"

/* These and retain can change while it runs: also told in docs/operations.md. */
static const char *const of_grid[] = { "zone", "intensity", "intensity-location", "kind" };

static bool is_shown(const struct option_row *row)
{
	return strcmp(row->name, "check") != 0 && row->type != OPTION_FORMAT;
}

static void put_human(const struct options_spec *spec, const void *options, struct buf *out)
{
	for (size_t i = 0; i < spec->n_rows; i++) {
		size_t before = out->len;

		if (!is_shown(&spec->row[i]))
			continue;
		buf_printf(out, "%s = ", spec->row[i].name);
		if (options_put(&spec->row[i], options, out))
			buf_putc(out, '\n');
		else if (!out->err)
			out->len = before;
	}
}

static void put_json(const struct options_spec *spec, const void *options, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_kv_str(&w, "format", "jouletrail.config/1");
	json_kv_str(&w, "path", config_path());
	json_key(&w, "options");
	json_object_begin(&w);
	for (size_t i = 0; i < spec->n_rows; i++) {
		CLEANUP(buf_free) struct buf value = { 0 };

		if (!is_shown(&spec->row[i]) || !options_put(&spec->row[i], options, &value))
			continue;
		json_kv_str(&w, spec->row[i].name, value.err ? "" : value.data);
	}
	json_object_end(&w);
	json_object_end(&w);
	buf_putc(out, '\n');
}

int daemon_config_show(const struct options_spec *spec, const void *options,
		       enum export_format format)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	if (format == EXPORT_JSON)
		put_json(spec, options, &out);
	else
		put_human(spec, options, &out);
	if (out.err || fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout)) {
		log_error("standard output: %s", strerror(out.err ? -out.err : errno));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

int daemon_config_again(const struct options_spec *spec, char *const argv[], void *into,
			struct config **ret, struct why *why)
{
	CLEANUP(cleanup_free) char **words = NULL;
	struct config *c = NULL;
	struct options_arguments args;
	size_t n = 0;
	int err;

	while (argv[n])
		n++;
	words = calloc(n + 1, sizeof(*words));
	if (!words)
		return -ENOMEM;
	memcpy(words, argv, n * sizeof(*words));
	err = config_read(&c, why);
	if (!err)
		err = config_fill(c, spec, into, why);
	if (!err)
		err = options_parse(spec, words, into, &args, why);
	if (err)
		config_free(c);
	else
		*ret = c;
	return err;
}

static bool is_of_grid(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(of_grid); i++)
		if (!strcmp(of_grid[i], name))
			return true;
	return false;
}

bool daemon_config_compare(const struct options_spec *spec, const void *now, const void *fresh)
{
	bool any = false;

	for (size_t i = 0; i < spec->n_rows; i++) {
		const struct option_row *row = &spec->row[i];

		if (options_is_same(row, now, fresh) || !strcmp(row->name, "retain"))
			continue;
		any |= is_of_grid(row->name);
		if (!is_of_grid(row->name))
			log_warning("reload: %s has changed, which takes a restart", row->name);
	}
	return any;
}
