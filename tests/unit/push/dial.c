/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dial.c - which addresses are some? */
#include "push/dial.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(dial, addresses)
{
	static const struct {
		const char *where;
		const char *port; /* the default */
		const char *host; /* NULL = refused */
		const char *got;
	} cases[] = {
		{ "127.0.0.1:5555", NULL, "127.0.0.1", "5555" },
		{ "name.example:1", "5555", "name.example", "1" },
		{ "name", "5555", "name", "5555" },
		{ "[::1]:65535", NULL, "::1", "65535" },
		{ "[fe80::1]", "7", "fe80::1", "7" },
		{ "name", NULL, NULL, NULL },
		{ "", "5555", NULL, NULL },
		{ ":5555", NULL, NULL, NULL },
		{ "::1:5555", NULL, NULL, NULL },
		{ "[::1", "5555", NULL, NULL },
		{ "[]:5555", NULL, NULL, NULL },
		{ "[::1]5555", "5555", NULL, NULL },
		{ "a:0", NULL, NULL, NULL },
		{ "a:65536", NULL, NULL, NULL },
		{ "a:-1", NULL, NULL, NULL },
		{ "a:", "5555", NULL, NULL },
		{ "a:1/x", NULL, NULL, NULL },
		{ "u@a:1", NULL, NULL, NULL },
		{ "a b:1", NULL, NULL, NULL },
		{ "a\xff:1", NULL, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dial_address a = { "", "" };
		struct why why = { "" };
		int err = dial_read(cases[i].where, cases[i].port, &a, &why);

		cr_expect_eq(err, cases[i].host ? 0 : -EINVAL, "'%s'", cases[i].where);
		if (!cases[i].host) {
			cr_expect(why.text[0] != '\0');
			continue;
		}
		cr_expect_str_eq(a.host, cases[i].host);
		cr_expect_str_eq(a.port, cases[i].got);
	}
}
