/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ledger.c - `jouletrail ledger info|repair|export DIR`. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "export/export.h"
#include "export/text.h"
#include "ledger/check.h"
#include "ledger/inspect.h"
#include "ledger/verify.h"

struct ledger_settings {
	enum export_format format;
	const char *key;
	const char *key_dir;
};

static const struct option_row ledger_rows[] = {
	OPTION_FORMAT_ROW(struct ledger_settings, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "key",
	  .letter = 'k',
	  .offset = offsetof(struct ledger_settings, key),
	  .arg = "VKEY",
	  .help = "export: trust only this key, or its file" },
	{ .name = "key-dir",
	  .offset = offsetof(struct ledger_settings, key_dir),
	  .arg = "DIR",
	  .help = "export: trust the keys there" },
};

static const struct options_spec ledger_spec = {
	.command = "ledger",
	.arguments = "info|repair|export DIR",
	.about =
		"info: what is there, not verified. repair: tiles made anew, segments that are no "
		"part of\nthe log moved to aside/; records are never touched. export: the records, "
		"as they were\nwritten, once more verified; exit code as verify's.",
	.row = ledger_rows,
	.n_rows = ARRAY_LENGTH(ledger_rows),
	.min_arguments = 2,
	.max_arguments = 2,
};

static void ledger_info_human(struct buf *out, const char *dir, const struct inspect *i)
{
	char root[HASH_HEX_LEN + 1];

	hash_hex(i->root.byte, HASH_LEN, root);
	text_put_escaped(out, dir, 0);
	if (i->has_checkpoint)
		buf_printf(out, ": %s\n  %" PRIu64 " records, root %s\n", i->origin, i->size, root);
	else
		buf_puts(out, ": no checkpoint: nothing is signed\n");
	if (i->first)
		buf_printf(out, "  records before %" PRIu64 " were retired\n", i->first);
	buf_printf(out,
		   "  %" PRIu64 " segments, %" PRIu64 " of them packed, %" PRIu64 " bytes; %" PRIu64
		   " checkpoints kept\n  %s\n",
		   i->n_segments, i->n_packed, i->segment_bytes, i->n_kept,
		   i->held ? "a writer has it" : "no writer has it");
}

static void ledger_info_json(struct buf *out, const char *dir, const struct inspect *i)
{
	char root[HASH_HEX_LEN + 1];
	struct json_writer w;

	hash_hex(i->root.byte, HASH_LEN, root);
	json_begin(&w, out);
	json_object_begin(&w);
	json_kv_bytes(&w, "dir", dir);
	json_kv_u64(&w, "first", i->first);
	json_kv_bool(&w, "held", i->held);
	json_kv_u64(&w, "n_kept", i->n_kept);
	json_kv_u64(&w, "n_packed", i->n_packed);
	json_kv_u64(&w, "n_segments", i->n_segments);
	json_kv_bytes(&w, "origin", i->has_checkpoint ? i->origin : NULL);
	json_kv_str(&w, "root", i->has_checkpoint ? root : NULL);
	json_kv_str(&w, "schema", "jouletrail.ledger/1");
	json_kv_u64(&w, "segment_bytes", i->segment_bytes);
	json_kv_u64(&w, "size", i->size);
	json_object_end(&w);
	buf_putc(out, '\n');
}

static int ledger_info(const char *dir, enum export_format f)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct why why = { "" };
	struct inspect i;
	int err = inspect_run(dir, &i, &why);

	if (err) {
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		return EXIT_FAILED;
	}
	if (f == EXPORT_JSON)
		ledger_info_json(&out, dir, &i);
	else
		ledger_info_human(&out, dir, &i);
	return output_finish(&out, EXIT_DONE);
}

static int ledger_repair(const char *dir)
{
	struct inspect_mended m;
	struct why why = { "" };
	int err = inspect_repair(dir, &m, &why);

	if (err) {
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		return EXIT_FAILED;
	}
	log_info("%s: %" PRIu64 " records are as signed; their tiles %s; %" PRIu64
		 " segments that are no part of it were moved to aside/",
		 dir, m.size,
		 m.n_tiles ? "were made anew" : "stay, for those of retired records cannot be",
		 m.n_aside);
	return EXIT_DONE;
}

static int ledger_export_line(const struct check_facts *f, void *arg)
{
	(void)arg;
	return fwrite(f->line, 1, f->len, stdout) != f->len || putchar('\n') == EOF;
}

static int ledger_export(const char *dir, const struct ledger_settings *s)
{
	struct verify_options o = {
		.dir = dir, .key = s->key, .key_dir = s->key_dir, .record = ledger_export_line
	};
	struct verify_result r = { .verdict = VERIFY_UNREADABLE };
	int err = verify_run(&o, &r);

	if (!err && fflush(stdout))
		err = -EIO;
	if (err) {
		log_error("cannot export %s: %s", dir, strerror(-err));
		return EXIT_FAILED;
	}
	if (r.verdict != VERIFY_SIGNED)
		log_warning("%s: %s after %" PRIu64 " records: %s", dir,
			    verify_verdict_name(r.verdict), r.n_records, r.reason);
	return (int)r.verdict;
}

int ledger_main(int argc, char **argv)
{
	struct ledger_settings s = { 0 };
	struct options_arguments args;
	int code;

	(void)argc;
	if (!options_begin(&ledger_spec, argv, &s, &args, &code))
		return code;
	if (!strcmp(args.v[0], "info"))
		return ledger_info(args.v[1], s.format);
	if (!strcmp(args.v[0], "repair"))
		return ledger_repair(args.v[1]);
	if (!strcmp(args.v[0], "export"))
		return ledger_export(args.v[1], &s);
	log_error("ledger: takes info, repair or export, and a directory");
	return EXIT_USAGE;
}
