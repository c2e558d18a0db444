/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.c - see options.h. */
#include "cli/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli/config.h"
#include "cli/nearest.h"
#include "export/export.h"
#include "export/text.h"

#define OPTIONS_MAX_THREADS 64
#define OPTIONS_HELP_COLUMN 28

/* Where one option stands on the command line, for messages. */
struct option_use {
	const struct options_spec *spec;
	const struct option_row *row;
	const char *value; /* NULL for flags */
	struct why *why;
};

static void *option_field(const struct option_row *row, void *into)
{
	return (char *)into + row->offset;
}

static int option_set_duration(const struct option_use *u, uint64_t *ret)
{
	const struct option_row *row = u->row;
	char least[32], most[32];
	uint64_t ns;

	if (options_parse_duration(u->value, &ns))
		return why_set(u->why, -EINVAL,
			       "--%s: '%s' is no duration; write a number and a unit, such as "
			       "1s, 500ms or 2m",
			       row->name, u->value);
	if (ns < row->min)
		return why_set(u->why, -EINVAL, "--%s: %s is too short; the least is %s", row->name,
			       u->value, options_duration_text(row->min, least, sizeof(least)));
	if (row->max && ns > row->max)
		return why_set(u->why, -EINVAL, "--%s: %s is too long; the most is %s", row->name,
			       u->value, options_duration_text(row->max, most, sizeof(most)));
	*ret = ns;
	return 0;
}

static int option_set_u64(const struct option_use *u, uint64_t *ret)
{
	const struct option_row *row = u->row;
	uint64_t v;

	if (fs_parse_u64(u->value, &v))
		return why_set(u->why, -EINVAL, "--%s: '%s' is no whole number", row->name,
			       u->value);
	if (v < row->min)
		return why_set(u->why, -EINVAL, "--%s: %s is too small; the least is %" PRIu64,
			       row->name, u->value, row->min);
	if (row->max && v > row->max)
		return why_set(u->why, -EINVAL, "--%s: %s is too big; the most is %" PRIu64,
			       row->name, u->value, row->max);
	*ret = v;
	return 0;
}

/* "human, json, csv or html": the formats that a row allows. */
static const char *option_formats(unsigned int formats)
{
	switch (formats) {
	case OPTION_HUMAN | OPTION_JSON | OPTION_CSV | OPTION_HTML:
		return "human, json, csv or html";
	case OPTION_HUMAN | OPTION_JSON | OPTION_CSV:
		return "human, json or csv";
	case OPTION_HUMAN | OPTION_JSON:
		return "human or json";
	case OPTION_HUMAN | OPTION_CSV:
		return "human or csv";
	case OPTION_JSON | OPTION_CSV:
		return "json or csv";
	default:
		return formats == OPTION_JSON ? "json" : formats == OPTION_CSV ? "csv" : "human";
	}
}

static int option_set_format(const struct option_use *u, enum export_format *ret)
{
	enum export_format f;

	if (export_parse_format(u->value, &f) || !(u->row->formats & (1U << f)))
		return why_set(u->why, -EINVAL, "--%s: '%s' is no format of %s; it has %s",
			       u->row->name, u->value, u->spec->command,
			       option_formats(u->row->formats));
	*ret = f;
	return 0;
}

static int option_set(const struct option_use *u, void *into)
{
	void *field = option_field(u->row, into);

	switch (u->row->type) {
	case OPTION_STRING:
		if (!*u->value)
			return why_set(u->why, -EINVAL, "--%s: the %s is empty", u->row->name,
				       u->row->arg);
		*(const char **)field = u->value;
		return 0;
	case OPTION_DURATION:
		return option_set_duration(u, field);
	case OPTION_U64:
		return option_set_u64(u, field);
	case OPTION_FORMAT:
		return option_set_format(u, field);
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	}
	return -EINVAL;
}

int options_set(const struct options_spec *spec, const struct option_row *row, const char *text,
		void *into, struct why *why)
{
	const struct option_use u = { .spec = spec, .row = row, .value = text, .why = why };
	bool yes = !strcmp(text, "yes");

	if (row->type != OPTION_FLAG)
		return option_set(&u, into);
	if (!yes && strcmp(text, "no") != 0)
		return why_set(why, -EINVAL, "%s is yes or no", row->name);
	*(bool *)option_field(row, into) = yes;
	return 0;
}

const struct option_row *options_named(const struct options_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->n_rows; i++)
		if (!strcmp(spec->row[i].name, name))
			return &spec->row[i];
	return NULL;
}

const struct option_row *options_nearest(const struct options_spec *spec, const char *name)
{
	const struct option_row *best = NULL;

	for (size_t i = 0; i < spec->n_rows; i++) {
		const struct option_row *row = &spec->row[i];

		if (nearest_is_near(name, row->name) &&
		    (!best ||
		     nearest_distance(name, row->name) < nearest_distance(name, best->name)))
			best = row;
	}
	return best;
}

static int option_unknown(const struct options_spec *spec, const char *word, const char *name,
			  struct why *why)
{
	const struct option_row *near = name ? options_nearest(spec, name) : NULL;

	if (near)
		return why_set(why, -EINVAL, "%s: unknown option '%s'; did you mean --%s?",
			       spec->command, word, near->name);
	return why_set(why, -EINVAL, "%s: unknown option '%s'; see jouletrail %s --help",
		       spec->command, word, spec->command);
}

/* The row that "--name", "--name=value", "-x" or "-xvalue" names, and the value within the word. */
static const struct option_row *option_find(const struct options_spec *spec, const char *word,
					    const char **ret_value)
{
	size_t len = strcspn(word, "=");

	*ret_value = NULL;
	for (size_t i = 0; i < spec->n_rows; i++) {
		const struct option_row *row = &spec->row[i];

		if (word[1] != '-') {
			if (row->letter != word[1])
				continue;
			*ret_value = word[2] ? word + 2 : NULL;
			return row;
		}
		if (strlen(row->name) == len - 2 && !strncmp(row->name, word + 2, len - 2)) {
			*ret_value = word[len] ? word + len + 1 : NULL;
			return row;
		}
	}
	return NULL;
}

/* Takes the option at argv[*i] and its value; *i is left at the last word used. */
static int option_take(const struct options_spec *spec, char **argv, int *i, void *into,
		       struct why *why)
{
	struct option_use u = { .spec = spec, .why = why };
	const char *word = argv[*i];

	u.row = option_find(spec, word, &u.value);
	if (!u.row) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 1, "=") - 1, word + 2);
		return option_unknown(spec, word, word[1] == '-' ? name : NULL, why);
	}
	if (u.row->type == OPTION_FLAG && u.value)
		return why_set(why, -EINVAL, "--%s takes no value", u.row->name);
	if (u.row->type != OPTION_FLAG && !u.value) {
		u.value = argv[*i + 1];
		if (!u.value)
			return why_set(why, -EINVAL, "--%s needs a value: --%s %s", u.row->name,
				       u.row->name, u.row->arg);
		(*i)++;
	}
	return option_set(&u, into);
}

static int options_check_count(const struct options_spec *spec, const struct options_arguments *a,
			       struct why *why)
{
	if (a->n < spec->min_arguments)
		return why_set(why, -EINVAL, "%s: needs %s; see jouletrail %s --help",
			       spec->command, spec->arguments, spec->command);
	if (spec->max_arguments >= 0 && a->n > spec->max_arguments)
		return why_set(why, -EINVAL, "%s: '%s' is one argument too many; %s%s",
			       spec->command, a->v[spec->max_arguments],
			       spec->arguments ? "it takes only " : "it takes none",
			       spec->arguments ? spec->arguments : "");
	return 0;
}

int options_parse(const struct options_spec *spec, char **argv, void *into,
		  struct options_arguments *ret, struct why *why)
{
	struct options_arguments a = { .v = argv + 1 };
	int i, err;

	for (i = 1; argv[i]; i++) {
		char *word = argv[i];

		if (!strcmp(word, "--")) {
			i++;
			break;
		}
		if (word[0] != '-' || !word[1]) {
			if (spec->stop_at_argument)
				break;
			a.v[a.n++] = word;
			continue;
		}
		if (!strcmp(word, "--help") || !strcmp(word, "-h"))
			return OPTIONS_HELP;
		err = option_take(spec, argv, &i, into, why);
		if (err)
			return err;
	}
	while (argv[i])
		a.v[a.n++] = argv[i++];
	a.v[a.n] = NULL;
	err = options_check_count(spec, &a, why);
	if (err)
		return err;
	*ret = a;
	return 0;
}

/* ": time, smt or cycles" of "time smt cycles". */
static void options_help_values(struct buf *out, const char *words)
{
	const char *separator = ": ";

	while (*words) {
		size_t len = strcspn(words, " ");

		buf_puts(out, separator);
		buf_append(out, words, len);
		words += len + (words[len] == ' ');
		separator = strchr(words, ' ') ? ", " : " or ";
	}
}

/* "  -f, --format FORMAT", and what it does from OPTIONS_HELP_COLUMN on. */
static void options_help_row(struct buf *out, const struct option_row *row)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	size_t start = out->len;

	if (row->letter)
		buf_printf(out, "  -%c, --%s", row->letter, row->name);
	else
		buf_printf(out, "      --%s", row->name);
	if (row->type != OPTION_FLAG)
		buf_printf(out, " %s", row->arg);
	/* One blank tells a value from its option, two what follows. */
	if (text_columns(out, start) + (row->type == OPTION_FLAG ? 2 : 1) > OPTIONS_HELP_COLUMN) {
		buf_putc(out, '\n');
		start = out->len;
	}
	text_pad(out, start, OPTIONS_HELP_COLUMN);
	buf_puts(&text, row->help);
	if (row->type == OPTION_FORMAT)
		buf_printf(&text, ": %s", option_formats(row->formats));
	if (row->values)
		options_help_values(&text, row->values);
	text_put_hanging(out, text.err ? "" : text.data, OPTIONS_HELP_COLUMN);
}

void options_help(const struct options_spec *spec, struct buf *out)
{
	static const struct option_row help = {
		.name = "help", .letter = 'h', .type = OPTION_FLAG, .help = "this text"
	};
	CLEANUP(buf_free) struct buf usage = { 0 };

	buf_printf(&usage, "usage: jouletrail %s [options]%s%s", spec->command,
		   spec->arguments ? " " : "", spec->arguments ? spec->arguments : "");
	text_put_hanging(out, usage.err ? "" : usage.data, strlen("usage: "));
	buf_putc(out, '\n');
	text_put_hanging(out, spec->about, 0);
	buf_putc(out, '\n');
	for (size_t i = 0; i < spec->n_rows; i++)
		options_help_row(out, &spec->row[i]);
	options_help_row(out, &help);
}

unsigned int options_n_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > OPTIONS_MAX_THREADS ? OPTIONS_MAX_THREADS : (unsigned int)n;
}

bool options_begin(const struct options_spec *spec, char **argv, void *into,
		   struct options_arguments *ret, int *ret_code)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct why why = { "" }, unsaid;
	int err = config_apply(spec, into, &why);

	if (!err)
		err = options_parse(spec, argv, into, ret, &why);
	else if (options_parse(spec, argv, into, ret, &unsaid) == OPTIONS_HELP)
		err = OPTIONS_HELP; /* what --help says mends a configuration, too */
	if (!err)
		return true;
	if (err == OPTIONS_HELP) {
		options_help(spec, &text);
		fputs(text.err ? "" : text.data, stdout);
		*ret_code = text.err ? EXIT_FAILED : EXIT_DONE;
		return false;
	}
	log_error("%s", why.text);
	*ret_code = EXIT_USAGE;
	return false;
}
