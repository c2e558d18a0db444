/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.c - `jouletrail verify DIR`: one line of verdict; the exit code is the verdict. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "export/export.h"
#include "export/number.h"
#include "export/text.h"
#include "ledger/verify.h"

struct verify_settings {
	enum export_format format;
	const char *key;
	const char *key_dir;
	const char *state;
	const char *witness;
	uint64_t quorum;
	uint64_t n_threads;
	bool strict;
	bool shown; /* a progress bar stands on the terminal */
};

static const struct option_row verify_rows[] = {
	OPTION_FORMAT_ROW(struct verify_settings, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "key",
	  .letter = 'k',
	  .offset = offsetof(struct verify_settings, key),
	  .arg = "VKEY",
	  .help = "trust only this key: origin+hash+base64, or its file" },
	{ .name = "key-dir",
	  .offset = offsetof(struct verify_settings, key_dir),
	  .arg = "DIR",
	  .help = "trust the keys there (/var/lib/jouletrail/keys)" },
	{ .name = "state",
	  .offset = offsetof(struct verify_settings, state),
	  .arg = "FILE",
	  .help = "remember how far it was good; less is a rollback" },
	{ .name = "witness",
	  .letter = 'w',
	  .offset = offsetof(struct verify_settings, witness),
	  .arg = "VKEYS",
	  .help = "who must have cosigned it: a key, a file of them" },
	{ .name = "quorum",
	  .type = OPTION_U64,
	  .offset = offsetof(struct verify_settings, quorum),
	  .arg = "N",
	  .help = "of the witnesses, at least so many (all)",
	  .min = 1,
	  .max = 16 },
	{ .name = "threads",
	  .letter = 'j',
	  .type = OPTION_U64,
	  .offset = offsetof(struct verify_settings, n_threads),
	  .arg = "N",
	  .help = "how many work at once (one per CPU)",
	  .min = 1,
	  .max = 16 },
	{ .name = "strict",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct verify_settings, strict),
	  .help = "exit 3 where a tail is not signed yet" },
};

static const struct options_spec verify_spec = {
	.command = "verify",
	.arguments = "DIR",
	.about = "Checks a ledger from its files alone. Exit code: 0 signed or witnessed,\n2 "
		 "unreadable, 3 not witnessed or, if strict, with a tail, 4 unanchored,\n5 "
		 "self-signed, 10 tampered, 11 truncated, 12 forked, "
		 "13 rolled back, 14 torn.",
	.row = verify_rows,
	.n_rows = ARRAY_LENGTH(verify_rows),
	.min_arguments = 1,
	.max_arguments = 1,
};

/* On a terminal only; from the first 16,384 records on. */
static void verify_progress(uint64_t n, uint64_t size, void *arg)
{
	struct verify_settings *s = arg;
	unsigned int part = size ? (unsigned int)(n * 40 / size) : 0;

	if (part > 40)
		part = 40;
	s->shown = true;
	fprintf(stderr, "\r[%.*s%*s] %" PRIu64 " of %" PRIu64 " records", (int)part,
		"########################################", 40 - (int)part, "", n, size);
}

static void verify_progress_end(const struct verify_settings *s)
{
	if (s->shown)
		fputs("\r\033[K", stderr);
}

/* Verdicts that say where it went wrong. */
static bool verify_has_index(const struct verify_result *r)
{
	return r->verdict >= VERIFY_TAMPERED && r->verdict != VERIFY_WITNESSED;
}

static void verify_human(struct buf *out, const struct verify_options *o,
			 const struct verify_result *r)
{
	text_put_escaped(out, o->dir, 0);
	buf_printf(out, ": %s", verify_verdict_name(r->verdict));
	if (verify_has_index(r))
		buf_printf(out, " at record %" PRIu64, r->index);
	else if (r->verdict != VERIFY_UNREADABLE) {
		buf_printf(out, ", %" PRIu64 " record%s, %" PRIu64 " tick%s, ", r->n_records,
			   r->n_records == 1 ? "" : "s", r->n_ticks, r->n_ticks == 1 ? "" : "s");
		number_put_plain(out, r->energy_uj, "J");
	}
	if (r->tail_bytes)
		buf_printf(out, ", a tail of %" PRIu64 " bytes is not vouched for", r->tail_bytes);
	if (r->reason[0]) {
		buf_puts(out, "; ");
		text_put_escaped(out, r->reason, 0);
	}
	buf_putc(out, '\n');
}

/* null where nobody witnessed. */
static void verify_json_known(struct json_writer *w, const char *name, uint64_t v)
{
	json_key(w, name);
	if (v)
		json_u64(w, v);
	else
		json_put_null(w);
}

static void verify_json(struct buf *out, const struct verify_options *o,
			const struct verify_result *r, int code)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_kv_bool(&w, "closed", r->closed);
	json_kv_bytes(&w, "dir", o->dir);
	json_kv_u64(&w, "energy_uj", r->energy_uj);
	json_kv_i64(&w, "exit_code", code);
	json_kv_u64(&w, "first", r->first);
	json_key(&w, "index");
	if (verify_has_index(r))
		json_u64(&w, r->index);
	else
		json_put_null(&w);
	json_kv_u64(&w, "n_epochs", r->n_epochs);
	json_kv_u64(&w, "n_records", r->n_records);
	json_kv_u64(&w, "n_rolled_up", r->n_rolled_up);
	json_kv_u64(&w, "n_samples", r->n_samples);
	json_kv_u64(&w, "n_seals", r->n_seals);
	json_kv_u64(&w, "n_ticks", r->n_ticks);
	json_kv_bytes(&w, "origin", r->origin[0] ? r->origin : NULL);
	json_kv_bytes(&w, "reason", r->reason[0] ? r->reason : NULL);
	json_kv_str(&w, "schema", "jouletrail.verify/1");
	json_kv_u64(&w, "tail_bytes", r->tail_bytes);
	json_kv_str(&w, "verdict", verify_verdict_name(r->verdict));
	json_kv_bytes(&w, "witnessed_by", r->witnesses[0] ? r->witnesses : NULL);
	verify_json_known(&w, "witnessed_size", r->witnessed_size);
	verify_json_known(&w, "witnessed_t", r->witnessed_at_s);
	json_object_end(&w);
	buf_putc(out, '\n');
}

int verify_main(int argc, char **argv)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct verify_settings s = { 0 };
	struct verify_result result = { 0 };
	struct verify_options o;
	struct options_arguments args;
	int code, err;

	(void)argc;
	if (!options_begin(&verify_spec, argv, &s, &args, &code))
		return code;
	o = (struct verify_options){
		.dir = args.v[0],
		.key = s.key,
		.key_dir = s.key_dir,
		.state = s.state,
		.witness = s.witness,
		.quorum = (unsigned int)s.quorum,
		.strict = s.strict,
		.n_threads = (unsigned int)s.n_threads,
		.progress = isatty(STDERR_FILENO) ? verify_progress : NULL,
		.arg = &s,
	};
	if (s.quorum && !s.witness) {
		log_error("verify: --quorum is of the witnesses that --witness names");
		return EXIT_USAGE;
	}
	err = verify_run(&o, &result);
	verify_progress_end(&s);
	if (err) {
		log_error("cannot verify %s: %s", o.dir, strerror(-err));
		return EXIT_FAILED;
	}
	code = verify_exit_code(result.verdict);
	if (s.format == EXPORT_JSON)
		verify_json(&out, &o, &result, code);
	else
		verify_human(&out, &o, &result);
	return output_finish(&out, code);
}
