/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* openmetrics.c - who gets which format, and is it that format? */
#include "serve/openmetrics.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/random.h"

Test(openmetrics, is_for_who_asks)
{
	static const struct {
		const char *accept;
		bool wanted;
	} cases[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ "text/plain", false },
		{ "application/openmetrics-text", true },
		{ "APPLICATION/OpenMetrics-Text ; Version=1.0.0", true },
		{ "application/openmetrics-text;version=\"1.0.0\"", true },
		{ "application/openmetrics-text;version=0.0.1", false },
		{ "application/openmetrics-text;version=2.0.0", false },
		{ "application/openmetrics-text;q=0", false },
		{ "application/openmetrics-text;q=0.000", false },
		{ "application/openmetrics-text;q=0.5,text/plain;q=0.6", false },
		{ "text/plain;q=0.5,application/openmetrics-text;q=0.50", true },
		{ "application/openmetrics-text;q=2", false },
		{ "application/openmetrics-text;q=1.001", false },
		{ "application/openmetrics-text;q=", false },
		{ "application/openmetrics-text;q=x.1", false },
		{ "application/openmetrics-textual", false },
		{ ",;,=, ;q,", false },
		/* Prometheus 2.42's own. */
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
		  "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(openmetrics_is_wanted(cases[i].accept), cases[i].wanted, "'%s'",
			     cases[i].accept);
}

Test(openmetrics, any_accept_is_read)
{
	static const char alphabet[] = "aq=;,./*10 \"\txtext/plainopenmetrics-versionapplication";
	struct random_source r = { .seed = 4 };

	for (int k = 0; k < 20000; k++) {
		size_t len = random_below(&r, 80);
		char *accept = malloc(len + 1); /* of its size, for the sanitizer */

		for (size_t i = 0; i < len; i++)
			accept[i] = alphabet[random_below(&r, sizeof(alphabet) - 1)];
		accept[len] = '\0';
		openmetrics_is_wanted(accept);
		free(accept);
	}
}

static void expect_text(const char *text, const char *want)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	openmetrics_from_text(text, strlen(text), &out);
	cr_expect_str_eq(out.data, want);
}

Test(openmetrics, families_of_counters_lose_their_suffix)
{
	expect_text("", "# EOF\n");
	expect_text(
		"# HELP a_total b_total c\n# TYPE a_total counter\na_total{x=\"\\n# TYPE\"} 1.5\n",
		"# HELP a b_total c\n# TYPE a counter\na_total{x=\"\\n# TYPE\"} 1.5\n# EOF\n");
	expect_text("# TYPE a gauge\na 1\n# TYPE b_total counter\nb_total 1\n",
		    "# TYPE a gauge\na 1\n# TYPE b counter\nb_total 1\n# EOF\n");
	/* Odd ones, as they are. */
	expect_text("#\n# \n# TYPE\n# TYPE a", "#\n# \n# TYPE\n# TYPE a# EOF\n");
	expect_text("# TYPE _total counter\n", "# TYPE  counter\n# EOF\n");
}
