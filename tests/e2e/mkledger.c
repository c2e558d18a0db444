/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mkledger.c - writes a ledger of made-up ticks: mkledger DIR KEY_DIR N_TICKS [SEGMENT_BYTES
 * [EPOCH_NS [RETAIN_NS]]]. Goes on after errors; says "acked" on standard error for each tick
 * written.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/ledger.h"
#include "../unit/ledger/made_up.h"

int main(int argc, char **argv)
{
	struct ledger_options o = { .host = "host.example", .build_id = "test" };
	struct ledger_opening how;
	struct ledger *l = NULL;
	struct why why = { "" };
	struct made_up m;
	int err;

	if (argc < 4)
		return 2;
	o.dir = argv[1];
	o.key_dir = argv[2];
	o.segment_bytes = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
	o.epoch_ns = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
	o.retain_ns = argc > 6 ? strtoull(argv[6], NULL, 10) : 0;
	err = ledger_open(&o, &l, &how, &why);
	if (err)
		fprintf(stderr, "mkledger: %s\n", why.text);
	for (uint64_t i = 0; l && i < strtoull(argv[3], NULL, 10); i++) {
		if (ledger_append(l, made_up_tick(&m, i), &why)) {
			err = fprintf(stderr, "mkledger: %s\n", why.text);
			continue;
		}
		/* What was said must be there, whatever happens next. Stdout may be the log. */
		fprintf(stderr, "acked tick\n");
	}
	if (ledger_close(l, &why) && !err)
		err = fprintf(stderr, "mkledger: %s\n", why.text);
	return err ? 1 : 0;
}
