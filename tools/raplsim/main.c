/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c - raplsim: simulated energy meters at a mount point, for --power-root. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "jouletrail/units.h"
#include "raplsim/fuse.h"

enum { EXIT_USAGE = 2 };

struct settings {
	struct model_counter counter;
	struct tree_options tree;
	unsigned int parts;
	const char *ranges;
	const char *faults;
};

static const char help[] =
	"usage: raplsim [options] DIR\n\n"
	"Shows simulated RAPL meters below DIR until SIGINT or SIGTERM: jouletrail … --power-root "
	"DIR.\n"
	"DIR/truth.json says what was truly drawn, DIR/readings.tsv what was read; see "
	"docs/raplsim.md.\n\n"
	"      --packages N        packages (1); the online CPUs in equal parts\n"
	"      --dies N            dies of each package (1)\n"
	"      --domains LIST      of core,uncore,dram,psys,mmio,hwmon (dram)\n"
	"      --idle W            static power of a package (10)\n"
	"      --busy W            what a busy CPU draws besides (12)\n"
	"      --watts LIST        NAME=W: a process of that comm draws W per CPU second instead;\n"
	"                          cgroup:/PATH=W: so does everything in that cgroup\n"
	"      --tdp W             what constraint_0 says (idle + busy x (CPUs + 1))\n"
	"      --range J           where counters wrap (262143.32885); DOMAIN=J,… for some only\n"
	"      --step UJ           counters are multiples of it (1)\n"
	"      --update US         counters move that often (1000)\n"
	"      --jitter US         each update is up to that late (0)\n"
	"      --noise PPM         each increment errs by up to that (0)\n"
	"      --fault LIST        DOMAIN:KIND@START+LENGTH in seconds; KIND: eio, eacces, "
	"enodata,\n"
	"                          freeze, rubbish, vanish, reset, jump=J; DOMAIN: all or a label\n"
	"      --poll MS           how often processes are looked for by comm (100)\n"
	"      --seed N            of jitter, noise and where counters begin (1)\n"
	"  -h, --help              this text\n";

/* A finite number within [0, most]; exits through why. */
static int parse_number(const char *text, double most, double *ret, struct why *why)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !isfinite(v) || v < 0 || v > most)
		return why_set(why, -EINVAL, "'%s' is no number from 0 to %.0f", text, most);
	*ret = v;
	return 0;
}

static int parse_domains(const char *list, struct settings *s, struct why *why)
{
	static const struct {
		const char *name;
		enum model_part part;
	} parts[] = { { "core", MODEL_CORE },
		      { "uncore", MODEL_UNCORE },
		      { "dram", MODEL_DRAM },
		      { "psys", MODEL_PSYS } };

	s->parts = 0;
	while (*list) {
		size_t len = strcspn(list, ","), i;

		for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
			if (strlen(parts[i].name) == len && !strncmp(parts[i].name, list, len))
				break;
		if (i < sizeof(parts) / sizeof(*parts))
			s->parts |= 1U << parts[i].part;
		else if (len == 4 && !strncmp(list, "mmio", len))
			s->tree.mmio = true;
		else if (len == 5 && !strncmp(list, "hwmon", len))
			s->tree.hwmon = true;
		else if (len)
			return why_set(why, -EINVAL, "--domains: '%.*s' is none", (int)len, list);
		list += len + (list[len] == ',');
	}
	return 0;
}

/* "NAME=NUMBER,…": calls f for each. */
static int each_pair(const char *list, int (*f)(struct sim *s, const char *name, double v),
		     struct sim *s, struct why *why)
{
	while (*list) {
		char item[CPUTIME_NAME_LEN], *value;
		size_t len = strcspn(list, ",");
		double v;

		snprintf(item, sizeof(item), "%.*s", (int)len, list);
		value = strrchr(item, '=');
		if (!value)
			return why_set(why, -EINVAL, "'%s': want NAME=NUMBER", item);
		*value++ = '\0';
		if (parse_number(value, 1e9, &v, why))
			return -EINVAL;
		if (f(s, item, v))
			return why_set(why, -EINVAL, "'%s' is unknown, or one too many", item);
		list += len + (list[len] == ',');
	}
	return 0;
}

static int set_watts(struct sim *s, const char *name, double watts)
{
	struct cputime *c = &s->model.cpu;

	if (c->n_consumers == CPUTIME_MAX_CONSUMERS)
		return -ENOSPC;
	snprintf(c->consumer[c->n_consumers].name, CPUTIME_NAME_LEN, "%s", name);
	c->consumer[c->n_consumers++].mw = (uint64_t)llround(watts * 1000);
	return 0;
}

static int set_range(struct sim *s, const char *label, double joules)
{
	int i = model_find(&s->model, label);

	if (i < 0)
		return -ENOENT;
	s->model.domain[i].counter.range_uj = (uint64_t)llround(joules * 1e6);
	return 0;
}

static int set_faults(struct sim *s, const char *list, struct why *why)
{
	int err = 0;

	while (!err && *list) {
		size_t len = strcspn(list, ",");
		char item[128];

		snprintf(item, sizeof(item), "%.*s", (int)len, list);
		err = faults_add(&s->faults, &s->model, item, 0, why);
		list += len + (list[len] == ',');
	}
	return err;
}

/* What the numbers are of: option letter -> where it goes. */
static int set_number(int option, double v, struct sim *s, struct settings *set)
{
	switch (option) {
	case 'P':
		s->model.n_packages = (unsigned int)v;
		return v >= 1 && v <= CPUTIME_MAX_PACKAGES ? 0 : -ERANGE;
	case 'D':
		s->model.n_dies = (unsigned int)v;
		return v >= 1 && v <= 8 ? 0 : -ERANGE;
	case 'I':
		s->model.idle_mw = (uint64_t)llround(v * 1000);
		return 0;
	case 'B':
		s->model.default_mw = (uint64_t)llround(v * 1000);
		return 0;
	case 'T':
		s->model.tdp_mw = (uint64_t)llround(v * 1000);
		return 0;
	case 'S':
		set->counter.step_uj = (uint64_t)v;
		return v >= 1 ? 0 : -ERANGE;
	case 'U':
		set->counter.update_ns = (uint64_t)(v * 1e3);
		return v >= 1 ? 0 : -ERANGE;
	case 'J':
		set->counter.jitter_ns = (uint64_t)(v * 1e3);
		return 0;
	case 'N':
		set->counter.noise_ppm = (uint64_t)v;
		return v < JT_PPM_PER_1 ? 0 : -ERANGE;
	case 'L':
		s->poll_ns = (uint64_t)(v * 1e6);
		return v >= 1 ? 0 : -ERANGE;
	default:
		s->model.seed = (uint64_t)v;
		return 0;
	}
}

static const struct option options[] = {
	{ "packages", required_argument, NULL, 'P' },
	{ "dies", required_argument, NULL, 'D' },
	{ "domains", required_argument, NULL, 'd' },
	{ "idle", required_argument, NULL, 'I' },
	{ "busy", required_argument, NULL, 'B' },
	{ "watts", required_argument, NULL, 'w' },
	{ "range", required_argument, NULL, 'r' },
	{ "step", required_argument, NULL, 'S' },
	{ "tdp", required_argument, NULL, 'T' },
	{ "update", required_argument, NULL, 'U' },
	{ "jitter", required_argument, NULL, 'J' },
	{ "noise", required_argument, NULL, 'N' },
	{ "fault", required_argument, NULL, 'f' },
	{ "poll", required_argument, NULL, 'L' },
	{ "seed", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int take_option(int option, struct sim *s, struct settings *set, struct why *why)
{
	double v;
	int err;

	switch (option) {
	case 'd':
		return parse_domains(optarg, set, why);
	case 'w':
		return each_pair(optarg, set_watts, s, why);
	case 'f':
		set->faults = optarg;
		return 0;
	case 'r':
		if (strchr(optarg, '=')) {
			set->ranges = optarg;
			return 0;
		}
		err = parse_number(optarg, 1e9, &v, why);
		if (!err)
			set->counter.range_uj = (uint64_t)llround(v * 1e6);
		return err;
	default:
		err = parse_number(optarg, 1e9, &v, why);
		if (!err && set_number(option, v, s, set))
			err = why_set(why, -ERANGE, "'%s' is out of range", optarg);
		return err;
	}
}

/* Domains, ranges and faults in the order in which they need one another. */
static int build(struct sim *s, const struct settings *set, struct why *why)
{
	int err = 0;

	model_add_domains(&s->model, set->parts, &set->counter);
	if (set->ranges)
		err = each_pair(set->ranges, set_range, s, why);
	for (size_t i = 0; i < s->model.n_domains && !err; i++)
		if (s->model.domain[i].counter.range_uj <= s->model.domain[i].counter.step_uj)
			err = why_set(why, -EINVAL, "--range: not more than a step");
	if (!err && set->faults)
		err = set_faults(s, set->faults, why);
	if (!err)
		err = truth_open(&s->truth);
	if (!err)
		err = model_open(&s->model, clock_mono_ns());
	if (!err)
		err = tree_build(&s->tree, &s->model, &set->tree);
	if (!cputime_wants_polls(&s->model.cpu))
		s->poll_ns = 0;
	return err;
}

int main(int argc, char **argv)
{
	static struct sim s = { .model = { .seed = 1,
					   .idle_mw = 10000,
					   .default_mw = 12000,
					   .n_packages = 1,
					   .n_dies = 1 },
				.poll_ns = 100 * JT_NS_PER_MS };
	struct settings set = {
		.counter = { .range_uj = 262143328850, .step_uj = 1, .update_ns = JT_NS_PER_MS },
		.parts = 1U << MODEL_DRAM
	};
	struct why why = { "" };
	int option, err = 0;

	s.model.cpu.stat_fd = -1;
	while (!err && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (option == '?')
			return EXIT_USAGE;
		err = take_option(option, &s, &set, &why);
	}
	if (!err && optind != argc - 1)
		err = why_set(&why, -EINVAL, "want one DIR; see raplsim --help");
	if (err) {
		log_error("raplsim: %s", why.text);
		return EXIT_USAGE;
	}
	err = build(&s, &set, &why);
	if (!err)
		err = fuse_serve(&s, argv[optind], &why);
	if (err)
		log_error("raplsim: %s", why.text[0] ? why.text : strerror(-err));
	model_close(&s.model);
	tree_free(&s.tree);
	truth_close(&s.truth);
	return err ? EXIT_FAILURE : 0;
}
