/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify_proof.c - `jouletrail verify-proof FILE`: does it prove what it says? */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "export/export.h"
#include "export/text.h"
#include "ledger/disk.h"
#include "ledger/proof.h"
#include "ledger/scan.h"
#include "ledger/verify.h"

struct verify_proof_settings {
	enum export_format format;
	const char *key;
};

static const struct option_row verify_proof_rows[] = {
	OPTION_FORMAT_ROW(struct verify_proof_settings, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "key",
	  .letter = 'k',
	  .offset = offsetof(struct verify_proof_settings, key),
	  .arg = "VKEY",
	  .help = "the ledger's verifier key, or its file" },
};

static const struct options_spec verify_proof_spec = {
	.command = "verify-proof",
	.arguments = "FILE",
	.about = "Checks what jouletrail prove wrote, without the ledger. Exit code: 0 proven, "
		 "2 unreadable,\n10 not proven.",
	.row = verify_proof_rows,
	.n_rows = ARRAY_LENGTH(verify_proof_rows),
	.min_arguments = 1,
	.max_arguments = 1,
};

static void verify_proof_human(struct buf *out, const struct proof_said *s)
{
	char root[HASH_HEX_LEN + 1];

	hash_hex(s->root.byte, HASH_LEN, root);
	if (s->consistency)
		buf_printf(out,
			   "PROVEN: %" PRIu64
			   " records with root %s are the beginning of the %" PRIu64 " of %s\n",
			   s->index, root, s->covers.size, s->covers.origin);
	else
		buf_printf(out,
			   "PROVEN: record %" PRIu64 " is one of the %" PRIu64 " of %s\n%.*s\n",
			   s->index, s->covers.size, s->covers.origin, (int)s->line_len, s->line);
}

static void verify_proof_json(struct buf *out, const struct proof_said *s, const char *why,
			      int code)
{
	char root[HASH_HEX_LEN + 1];
	struct json_writer w;

	hash_hex(s->root.byte, HASH_LEN, root);
	json_begin(&w, out);
	json_object_begin(&w);
	json_kv_i64(&w, "exit_code", code);
	json_key(&w, "from");
	if (s->consistency)
		json_u64(&w, s->index);
	else
		json_put_null(&w);
	json_key(&w, "index");
	if (s->line)
		json_u64(&w, s->index);
	else
		json_put_null(&w);
	json_kv_bytes(&w, "origin", code ? NULL : s->covers.origin);
	json_kv_bytes(&w, "reason", code ? why : NULL);
	json_kv_str(&w, "root", s->consistency ? root : NULL);
	json_kv_str(&w, "schema", "jouletrail.proof/1");
	json_kv_u64(&w, "size", s->covers.size);
	json_kv_str(&w, "verdict", code ? "NOT-PROVEN" : "PROVEN");
	json_object_end(&w);
	buf_putc(out, '\n');
}

int verify_proof_main(int argc, char **argv)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	CLEANUP(cleanup_free) char *text = malloc(PROOF_MAX_LEN);
	struct verify_proof_settings s = { 0 };
	struct proof_said said = { 0 };
	struct options_arguments args;
	struct note_verifier key;
	struct why why = { "" };
	size_t len;
	int code, err;

	(void)argc;
	if (!options_begin(&verify_proof_spec, argv, &s, &args, &code))
		return code;
	if (!s.key) {
		log_error("verify-proof: give --key VKEY, the verifier key of the ledger");
		return EXIT_USAGE;
	}
	err = text ? verify_key(s.key, &key, &why) : -ENOMEM;
	if (!err)
		err = disk_read(AT_FDCWD, args.v[0], text, PROOF_MAX_LEN, &len);
	if (err) {
		log_error("%s: %s", args.v[0], why.text[0] ? why.text : strerror(-err));
		return VERIFY_UNREADABLE;
	}
	err = proof_verify(text, len, &key, &said, &why);
	code = err ? VERIFY_TAMPERED : EXIT_DONE;
	if (s.format == EXPORT_JSON) {
		verify_proof_json(&out, &said, why.text, code);
	} else if (err) {
		text_put_escaped(&out, args.v[0], 0);
		buf_puts(&out, ": NOT PROVEN: ");
		text_put_escaped(&out, why.text, 0);
		buf_putc(&out, '\n');
	} else {
		verify_proof_human(&out, &said);
	}
	return output_finish(&out, code);
}
