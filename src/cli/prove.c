/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* prove.c - `jouletrail prove DIR`: a record, or an older state, as a proof that stands alone. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "ledger/proof.h"

#define PROVE_NOTHING UINT64_MAX

struct prove_settings {
	uint64_t index;
	uint64_t from;
	uint64_t to;
};

static const struct option_row prove_rows[] = {
	{ .name = "index",
	  .letter = 'i',
	  .type = OPTION_U64,
	  .offset = offsetof(struct prove_settings, index),
	  .arg = "N",
	  .help = "that record N is in the ledger" },
	{ .name = "from",
	  .type = OPTION_U64,
	  .offset = offsetof(struct prove_settings, from),
	  .arg = "SIZE",
	  .help = "that the first SIZE records are its beginning" },
	{ .name = "to",
	  .type = OPTION_U64,
	  .offset = offsetof(struct prove_settings, to),
	  .arg = "SIZE",
	  .help = "of that many (the last checkpoint's)" },
};

static const struct options_spec prove_spec = {
	.command = "prove",
	.arguments = "DIR",
	.about = "Writes a proof to standard output. Whoever has it and the verifier key needs "
		 "nothing\nelse of the ledger: jouletrail verify-proof.",
	.row = prove_rows,
	.n_rows = ARRAY_LENGTH(prove_rows),
	.min_arguments = 1,
	.max_arguments = 1,
};

int prove_main(int argc, char **argv)
{
	struct prove_settings s = { PROVE_NOTHING, PROVE_NOTHING, 0 };
	CLEANUP(buf_free) struct buf out = { 0 };
	struct options_arguments args;
	struct why why = { "" };
	int code, err;

	(void)argc;
	if (!options_begin(&prove_spec, argv, &s, &args, &code))
		return code;
	if ((s.index == PROVE_NOTHING) == (s.from == PROVE_NOTHING)) {
		log_error("prove: give --index N, or --from SIZE");
		return EXIT_USAGE;
	}
	err = s.index != PROVE_NOTHING ? proof_inclusion(args.v[0], s.index, &out, &why)
				       : proof_consistency(args.v[0], s.from, s.to, &out, &why);
	if (err) {
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		return EXIT_FAILED;
	}
	return output_finish(&out, EXIT_DONE);
}
