/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* comparable.c - what of a run another one can be held against: of this run, and from a file. */
#include "cli/comparable.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Ten thousand consumers take some five. */
#define COMPARABLE_MAX_BYTES (64U << 20)

#define PPM 1e6

static void put_word(char ret[COMPARABLE_WORD], const char *word)
{
	snprintf(ret, COMPARABLE_WORD, "%s", word ?: "");
}

/* Kinds in the order of their first domain. */
static void add_domain(char domains[COMPARABLE_WORD], const char *kind)
{
	size_t len = strlen(domains);

	if (!strstr(domains, kind))
		snprintf(domains + len, COMPARABLE_WORD - len, "%s%s", len ? " " : "", kind);
}

static void put_command(char *ret, size_t size, const char *word)
{
	size_t len = strlen(ret);

	snprintf(ret + len, size - len, "%s%s", len ? " " : "", word);
}

void comparable_of_run(const struct export_run *r, struct comparable *ret)
{
	const struct tick *t = r->total;
	const struct intensity *i = &t->intensity;
	const struct method *m = &t->method;

	*ret = (struct comparable){
		.year = (uint64_t)i->year,
		.energy_uj = r->command_total->energy_uj,
		.co2e_ug = r->command_total->co2e_ug,
		.exit_status = r->exit_status,
		.n = r->n_budget,
	};
	for (char *const *arg = r->command; *arg; arg++)
		put_command(ret->command, sizeof(ret->command), *arg);
	put_word(ret->machine, r->machine);
	put_word(ret->zone, i->zone);
	put_word(ret->kind, i->kind);
	put_word(ret->boundary, i->boundary);
	put_word(ret->accounting, i->accounting);
	put_word(ret->idle_policy, method_idle_policy_name(m->idle_policy));
	put_word(ret->static_power, method_static_power_name(m->static_power));
	put_word(ret->weight, usage_weight_name(m->weight));
	if (m->weight == JT_WEIGHT_SMT)
		ret->corun_percent = m->corun_percent;
	put_word(ret->quality, energy_quality_name(t->quality));
	for (size_t d = 0; d < t->n_domains; d++)
		if (t->domain[d].counted)
			add_domain(ret->domains, energy_domain_kind_name(t->domain[d].kind));
	for (size_t s = 0; s < r->n_budget; s++) {
		const struct record_budget *b = &r->budget[s];

		put_word(ret->source[s].name, b->source);
		ret->source[s].systematic = !strcmp(b->kind, "systematic");
		ret->source[s].of_energy = b->of_energy;
		ret->source[s].sides = (struct quant_sides){ (double)b->minus_ppm / PPM,
							     (double)b->plus_ppm / PPM };
	}
}

/* The text at a place of an object, or NULL. */
static const char *text_at(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* A whole number >= 0. False for anything else. */
static bool number_at(const json_t *object, const char *name, uint64_t *ret)
{
	const json_t *v = json_object_get(object, name);

	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}

static bool parse_source(const json_t *object, struct comparable_source *ret)
{
	const char *kind = text_at(object, "kind"), *name = text_at(object, "source");
	const json_t *of_energy = json_object_get(object, "of_energy");
	uint64_t minus, plus;

	if (!kind || !name || !json_is_boolean(of_energy) ||
	    !number_at(object, "minus_ppm", &minus) || !number_at(object, "plus_ppm", &plus))
		return false;
	put_word(ret->name, name);
	ret->systematic = !strcmp(kind, "systematic");
	ret->of_energy = json_is_true(of_energy);
	ret->sides = (struct quant_sides){ (double)minus / PPM, (double)plus / PPM };
	return true;
}

static int parse_total(const json_t *total, struct comparable *ret, struct why *why)
{
	const json_t *budget = json_object_get(total, "budget");

	if (json_is_null(json_object_get(total, "energy_uj")))
		return why_set(why, -EINVAL, "its energy is not known (no meter, or gaps)");
	if (!number_at(json_object_get(total, "energy_uj"), "value", &ret->energy_uj) ||
	    !number_at(json_object_get(total, "co2e_ug"), "value", &ret->co2e_ug))
		return why_set(why, -EINVAL, "it has no energy and co2e of the command");
	if (!json_is_array(budget))
		return why_set(why, -EINVAL,
			       "it has no budget of the command's uncertainty: an older version "
			       "wrote it; run the baseline again");
	if (json_array_size(budget) > RECORD_MAX_BUDGET)
		return why_set(why, -EINVAL, "its budget has more than %d sources",
			       RECORD_MAX_BUDGET);
	ret->n = json_array_size(budget);
	for (size_t i = 0; i < ret->n; i++)
		if (!parse_source(json_array_get(budget, i), &ret->source[i]))
			return why_set(why, -EINVAL, "source %zu of its budget is damaged", i);
	return 0;
}

static void parse_words(const json_t *root, struct comparable *ret)
{
	const json_t *i = json_object_get(root, "intensity_mg_per_kwh");
	const json_t *method = json_object_get(root, "method"), *v;
	size_t n;

	put_word(ret->machine, text_at(root, "machine"));
	put_word(ret->zone, text_at(root, "zone"));
	put_word(ret->quality, text_at(root, "quality"));
	put_word(ret->kind, text_at(i, "kind"));
	put_word(ret->boundary, text_at(i, "boundary"));
	put_word(ret->accounting, text_at(i, "accounting"));
	put_word(ret->idle_policy, text_at(method, "idle_policy"));
	put_word(ret->static_power, text_at(method, "static_power"));
	put_word(ret->weight, text_at(method, "weight"));
	number_at(method, "smt_corun_percent", &ret->corun_percent);
	number_at(i, "year", &ret->year);
	json_array_foreach(json_object_get(root, "domains"), n,
			   v) if (json_is_true(json_object_get(v, "counted")) && text_at(v, "kind"))
		add_domain(ret->domains, text_at(v, "kind"));
	json_array_foreach(json_object_get(root, "command"), n, v)
		put_command(ret->command, sizeof(ret->command), json_string_value(v) ?: "?");
	ret->exit_status = json_integer_value(json_object_get(root, "exit_status"));
}

DEFINE_CLEANUP(json_t *, json_decref)

int comparable_parse(const char *text, size_t len, struct comparable *ret, struct why *why)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;
	struct comparable c = { .n = 0 };
	const char *schema;
	json_error_t at;
	int err;

	/* jansson's own bound on depth holds; "trailing" text is an error without the flag. */
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &at);
	if (!root)
		return why_set(why, -EINVAL, "it is no JSON: line %d: %.100s", at.line, at.text);
	schema = text_at(root, "schema");
	if (!schema || strcmp(schema, "jouletrail.run/1") != 0)
		return why_set(
			why, -EINVAL,
			"it is not what `jouletrail run -f json` writes (schema '%.60s', not "
			"'jouletrail.run/1')",
			schema ?: "");
	err = parse_total(json_object_get(root, "command_total"), &c, why);
	if (err)
		return err;
	parse_words(root, &c);
	*ret = c;
	return 0;
}

/* All of a file of bounded size. */
static int read_all(const char *path, struct buf *ret, struct why *why)
{
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char part[65536];
	ssize_t n;

	if (fd < 0)
		return why_set(why, -errno, "%s", strerror(errno));
	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n < 0 && errno != EINTR)
			return why_set(why, -errno, "%s", strerror(errno));
		if (n > 0)
			buf_append(ret, part, (size_t)n);
		if (ret->len > COMPARABLE_MAX_BYTES)
			return why_set(why, -EFBIG, "it is larger than %u MiB",
				       COMPARABLE_MAX_BYTES >> 20);
	}
	return ret->err;
}

int comparable_read(const char *path, struct comparable *ret, struct why *why)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct why what = { "" };
	int err = read_all(path, &text, &what);

	if (!err)
		err = comparable_parse(text.data ?: "", text.len, ret, &what);
	if (err)
		why_set(why, err, "cannot compare with %s: %s", path,
			what.text[0] ? what.text : strerror(-err));
	return err;
}
