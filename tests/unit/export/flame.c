/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame.c - is a graph whole in every form, and sound whatever the names are? */
#include "export/flame.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_read.h"
#include "export/flame_tree.h"
#include "unit/random.h"

static struct tick total = { .n_windows = 3,
			     .n_domains = 1,
			     .quality = ENERGY_MODELLED,
			     .domain = { { .counted = true } } };

static const char *const hostile[] = {
	"</title><script>alert(1)</script>",
	"]]>",
	"a;b",
	"a b 12",
	"&amp;",
	"\"'<>&",
	"\xff\xfe",
	"\xc3\xa9",
	"\x01\x1f\x7f\n\r\t",
	"\xef\xbf\xbf",
	"\xf0\x9f\x94\xa5",
	"operator<",
	"name (1 J, 2 %, 3 samples)",
	"-->",
	"<!--",
	"x",
};

#define N_HOSTILE (sizeof(hostile) / sizeof(*hostile))

static struct stack_frame frames[64][12];
static struct stack stacks[64];
static char *command[] = { "cmd <&>\x01", "--\xff", NULL };

static struct export_flame made(uint64_t seed, size_t n)
{
	struct random_source r = { .seed = seed };
	struct export_flame x = { .command = command,
				  .total = &total,
				  .frequency_hz = 99,
				  .n_stacks = n,
				  .stack = stacks };

	for (size_t i = 0; i < n; i++) {
		size_t depth = 1 + random_below(&r, 12);

		for (size_t d = 0; d < depth; d++)
			frames[i][d] = (struct stack_frame){
				hostile[random_below(&r, seed ? 3 : N_HOSTILE)],
				(enum stack_kind)random_below(&r, STACK_N_KINDS)
			};
		stacks[i] = (struct stack){ frames[i], depth, random_any_size(&r) >> 12,
					    random_below(&r, 5) };
		x.energy.value += stacks[i].energy_uj;
		x.n_samples += stacks[i].n_samples;
	}
	x.energy.low = x.energy.value / 2;
	x.energy.high = x.energy.value * 2;
	return x;
}

static char *written(enum flame_format f, const struct export_flame *x)
{
	struct buf out = { 0 };

	export_flame(&out, f, x);
	cr_assert_eq(out.err, 0);
	return out.data;
}

/* Σ of the numbers at the lines' ends. */
static uint64_t folded_sum(const char *text)
{
	uint64_t sum = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n"), at = len;

		cr_assert_eq(line[len], '\n');
		while (at && line[at] != ' ')
			at--;
		sum += strtoull(line + at, NULL, 10);
	}
	return sum;
}

static uint64_t json_sum(const char *text)
{
	const struct json_limits limits = { 1U << 20, 8, 1U << 16 };
	struct why why = { "" };
	json_t *d, *s;
	uint64_t sum = 0;
	size_t i;

	cr_assert_eq(json_read_document(text, strlen(text), &limits, &d, &why), 0, "%s: %s",
		     why.text, text);
	json_array_foreach(json_object_get(d, "stacks"), i, s) sum +=
		(uint64_t)json_integer_value(json_object_get(s, "energy_uj"));
	json_decref(d);
	return sum;
}

Test(flame, every_microjoule_is_in_every_form)
{
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct export_flame x = made(seed, 64);
		char *folded = written(FLAME_FOLDED, &x), *json = written(FLAME_JSON, &x);

		cr_assert_eq(folded_sum(folded), x.energy.value, "seed %d", (int)seed);
		cr_assert_eq(json_sum(json), x.energy.value, "seed %d", (int)seed);
		free(folded);
		free(json);
	}
}

Test(flame, the_order_of_stacks_does_not_matter)
{
	struct export_flame x = made(5, 64);
	char *a = written(FLAME_SVG, &x), *b;

	for (size_t i = 0; i < 32; i++) {
		struct stack s = stacks[i];

		stacks[i] = stacks[63 - i];
		stacks[63 - i] = s;
	}
	b = written(FLAME_SVG, &x);
	cr_expect_str_eq(a, b);
	free(a);
	free(b);
}

Test(flame, folded_lines)
{
	struct stack_frame f[] = { { "sh", STACK_PROCESS },
				   { "main", STACK_USER },
				   { "LFoo;::x", STACK_JIT },
				   { "sys\nread", STACK_KERNEL },
				   { "[no sample]", STACK_NOTE } };
	struct stack_frame none[] = { f[0], f[4] };
	struct stack s[] = { { f, 4, 10, 1 }, { f, 2, 7, 1 }, { none, 2, 5, 0 },
			     { f, 3, 0, 1 },  { f, 4, 1, 1 }, { f, 0, 99, 1 } };
	struct export_flame x = { .total = &total, .n_stacks = 6, .stack = s };
	char *text = written(FLAME_FOLDED, &x);

	cr_expect_str_eq(text, "sh;[no sample] 5\nsh;main 7\n"
			       "sh;main;LFoo:::x_[j];sys?read_[k] 11\n");
	free(text);
}

Test(flame, tree)
{
	struct stack_frame f[] = { { "a", STACK_USER }, { "b", STACK_USER } };
	struct stack s[] = { { f, 1, 1, 1 }, { f, 2, 2, 1 }, { f + 1, 1, 4, 3 } };
	struct flame_tree t;

	cr_assert_eq(flame_tree_build(s, 3, &t), 0);
	cr_assert_eq(t.n, 4);
	cr_expect_eq(t.depth, 2);
	cr_expect_eq(t.node[0].energy_uj, 7);
	cr_expect_eq(t.node[0].n_samples, 5);
	cr_expect_eq(t.node[1].energy_uj, 3);
	cr_expect_eq(t.node[1].self_uj, 1);
	cr_expect_eq(t.node[2].parent, 1);
	cr_expect_eq(t.node[3].parent, 0);
	flame_tree_free(&t);
	cr_assert_eq(flame_tree_build(NULL, 0, &t), 0);
	cr_expect_eq(t.n, 1);
	flame_tree_free(&t);
}

/* What an XML parser other than ours says of a picture with such names. */
static int parse_xml(const char *text)
{
	char path[] = "/tmp/jt-flame-XXXXXX", call[256];
	int fd = mkstemp(path), status;
	FILE *f = fdopen(fd, "w");

	cr_assert(f != NULL);
	fputs(text, f);
	fclose(f);
	snprintf(call, sizeof(call),
		 "python3 -c 'import sys, xml.etree.ElementTree as e\n"
		 "r = e.parse(sys.argv[1]).getroot()\n"
		 "ns = \"{http://www.w3.org/2000/svg}\"\n"
		 "assert len(r.findall(ns + \"script\")) == 1\n"
		 "assert len(list(r.iter(ns + \"script\"))) == 1' %s",
		 path);
	status = system(call);
	unlink(path);
	return status;
}

Test(flame, a_picture_is_sound_xml_whatever_the_names)
{
	for (uint64_t seed = 0; seed < 2; seed++) {
		struct export_flame x = made(seed, 64);
		char *text = written(FLAME_SVG, &x);

		cr_expect(json_utf8_valid(text, strlen(text)));
		cr_expect_null(strstr(text, "<script>alert"));
		cr_expect_null(strstr(text, "http://www.w3.org/1999"), "nothing from elsewhere");
		cr_expect_eq(parse_xml(text), 0);
		free(text);
	}
}

Test(flame, a_picture_of_nothing)
{
	struct export_flame x = { .total = &total, .pid = 7 };
	char *text = written(FLAME_SVG, &x);

	cr_expect_eq(parse_xml(text), 0);
	cr_expect(strstr(text, "process 7") != NULL);
	free(text);
}

Test(flame, words_of_formats)
{
	enum flame_format f;

	cr_expect_eq(flame_format_parse("json", &f), 0);
	cr_expect_eq(f, FLAME_JSON);
	cr_expect_neq(flame_format_parse("human", &f), 0);
	cr_expect_neq(flame_format_parse("", &f), 0);
}
