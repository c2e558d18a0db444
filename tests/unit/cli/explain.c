/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* explain.c - is a budget told by size, with what would shrink it, in 80 columns? */
#include "cli/explain.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/export.h"
#include "export/text.h"

static const struct record_budget list[] = {
	{ "intensity", "systematic", 700000, 1209000, 207000, false },
	{ "cpu_model", "systematic", 460000, 395000, 522000, true },
	{ "annual_mean", "temporal", 331000, 331000, 331000, false },
	{ "a_name_that_is_far_too_long", "systematic", 100000, 3000000, 9000000, true },
	{ "counter", "random", 2, 2, 2, true },
};

Test(explain, table)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	explain_write(&out, "the command", list, 2, true);
	cr_assert_str_eq(
		out.data,
		"\n Uncertainty of the command, by source:\n"
		"    co2e  energy    by itself      source          less of it by\n"
		"    78 %       -   -91 %   +50 %   intensity       give --zone\n"
		"    22 %   100 %   -54 %  +178 %   cpu_model       calibrate --wall-idle, "
		"--wall-max\n");
	buf_reset(&out);
	explain_write(&out, "nothing", list, 0, true);
	cr_expect_str_eq(out.data, "\n Uncertainty of nothing: none is known.\n");
}

Test(explain, no_line_is_wider_than_a_screen)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	size_t from = 0;

	explain_write(&out,
		      "/a/cgroup\x1b[2J/whose/path/is/longer/than/a/line/of/a/screen/would/be",
		      list, 5, false);
	for (size_t i = 0; i < out.len; i++) {
		cr_expect(out.data[i] != '\x1b');
		if (out.data[i] != '\n')
			continue;
		out.data[i] = '\0';
		cr_expect(strlen(out.data + from) < TEXT_COLUMNS + 8, "%s", out.data + from);
		from = i + 1;
	}
}

Test(explain, every_source_has_a_remedy)
{
	static const char *const names[] = { "annual_mean",    "attribution",	"counter",
					     "cpu_model",      "cpu_model_low", "dram_model",
					     "hwmon_gain",     "intensity",	"nvml_gain",
					     "rapl_dram_gain", "rapl_gain" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct record_budget b = { .source = names[i] };

		cr_expect_not_null(export_remedy(&b, false), "%s", names[i]);
	}
	cr_expect_str_eq(export_remedy(&list[0], true), "give --zone");
	cr_expect_null(export_remedy(&list[3], true));
}
