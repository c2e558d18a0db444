/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz-scan.c - lines: both scanners agree, and on the leaf hash; readers stay inside, checks end
 * with a verdict.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base.h"
#include "ledger/check.h"
#include "ledger/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_members(const struct scan_record *r)
{
	struct scan_value v, element;
	uint64_t n;

	for (int k = 0; k < SCAN_N_KNOWN; k++) {
		size_t pos = 0;

		if (scan_get(r, (enum scan_known)k, &v))
			continue;
		scan_u64(v, &n);
		scan_big(v, &n);
		scan_text(v, &element);
		scan_member(v, "quality", &element);
		while (scan_element(v, &pos, &element))
			scan_member(element, "counted", &element);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scan_shapes shapes;
	static struct base base;
	const char *at = (const char *)data, *end = at + size;
	struct check c = { 0 };
	struct why why;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((lf ? lf : end) - at), where, where2;
		const char *what, *what2;
		struct scan_record r;
		struct check_facts f;
		struct hash leaf;
		int one = scan_line(at, len, &what, &where);
		int two = scan_record(&shapes, at, len, &r, &what2, &where2);

		if (!one != !two)
			abort();
		if (!two) {
			read_members(&r);
			if (tree_leaf(at, len, &leaf) || memcmp(&leaf, &r.leaf, sizeof(leaf)) != 0)
				abort();
		}
		check_facts(&shapes, at, len, &f);
		if (!one && f.canonical)
			abort();
		check_take(&c, &f, &why);
		if (base_parse(at, len, &base, &what) == 0)
			base_begin(&base, "h/ledger/0123456789abcdef", &c);
		at += len + 1;
	}
	check_complete(&c, &why);
	return 0;
}
