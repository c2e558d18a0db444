/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rotate.c - is every epoch sealed by its own key, and does verify see when one is not? */
#include "fixture.h"

TestSuite(rotate, .init = fixture_begin, .fini = fixture_end);

static struct ledger *open_epochs(void)
{
	struct ledger_options o = fixture_options();
	struct ledger *l = NULL;
	struct why why = { "" };

	o.epoch_ns = 1000;
	cr_assert(ledger_open(&o, &l, NULL, &why) == 0, "%s", why.text);
	return l;
}

/* open key0 key1 tick+4 key2 tick+4 key3 close: each call ends the epoch before it. */
static void three_epochs(void)
{
	struct ledger *l = open_epochs();

	fixture_append(l, 0);
	fixture_append(l, 1);
	cr_assert(ledger_close(l, NULL) == 0);
}

static struct verify_result by_key(void)
{
	struct verify_options o = { .dir = "d", .key = fixture_vkey() };
	struct verify_result r;

	cr_assert(verify_run(&o, &r) == 0);
	return r;
}

Test(rotate, epochs_follow_each_other_and_are_sealed)
{
	struct verify_result r;

	three_epochs();
	r = fixture_verify();
	cr_assert(r.verdict == VERIFY_SIGNED, "%s", r.reason);
	cr_assert(r.n_epochs == 4 && r.n_records == 16 && r.closed, "%" PRIu64, r.n_epochs);
	/* Three ends of an epoch and the final seal. */
	cr_assert(r.n_seals == 4, "%" PRIu64, r.n_seals);
	/* Goes on with the key that it has. */
	three_epochs();
	r = fixture_verify();
	cr_assert(r.verdict == VERIFY_SIGNED, "%s", r.reason);
}

Test(rotate, an_epoch_without_a_tick_is_sealed_too)
{
	for (int i = 0; i < 3; i++)
		cr_assert(ledger_close(open_epochs(), NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_epochs == 4);
}

/* A quarter of an hour on with every look at it. */
static void scene_now(void *arg, uint64_t *ret_mono_ns, int64_t *ret_real_us)
{
	uint64_t *quarter = arg;
	uint64_t us = ++*quarter * 900 * 1000000;

	*ret_mono_ns = us * 1000;
	*ret_real_us = (int64_t)us;
}

/* A ledger of a scene, with the keys that are there and no more: its last checkpoint. */
static char *scene_checkpoint(bool repeatable)
{
	uint64_t quarter = 0;
	struct ledger_scene scene = {
		.now = scene_now, .arg = &quarter, .boot_id = "b", .repeatable = repeatable
	};
	struct ledger_options o = fixture_options();
	size_t pem_len, secret_len, len;
	char *pem = fixture_read("k/ledger.pem", &pem_len);
	char *secret = fixture_read("k/ledger.secret", &secret_len);
	struct ledger *l = NULL;
	struct why why = { "" };

	fixture_remove("d");
	fixture_remove("k");
	cr_assert(mkdir("k", 0700) == 0);
	fixture_write("k/ledger.pem", pem, pem_len);
	fixture_write("k/ledger.secret", secret, secret_len);
	cr_assert(chmod("k/ledger.pem", 0600) == 0 && chmod("k/ledger.secret", 0600) == 0);
	o.scene = &scene;
	cr_assert(ledger_open(&o, &l, NULL, &why) == 0, "%s", why.text);
	for (uint64_t i = 0; i < 4; i++)
		fixture_append(l, i);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_epochs > 2, "no hour went by");
	return fixture_read("d/checkpoint", &len);
}

Test(rotate, a_scene_has_the_same_keys_only_where_it_is_repeatable)
{
	char *once;

	fixture_ledger(0);
	once = scene_checkpoint(true);
	cr_assert_str_eq(once, scene_checkpoint(true));
	cr_assert_str_neq(once, scene_checkpoint(false));
	cr_assert_str_neq(scene_checkpoint(false), scene_checkpoint(false));
}

/* Its seal removed, or another one put in its place. */
Test(rotate, a_seal_that_is_missing_or_anothers)
{
	size_t len, other_len;
	char *seal, *other;

	three_epochs();
	seal = fixture_read("d/checkpoints/3", &len);
	unlink("d/checkpoints/3");
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(strstr(fixture_verify().reason, "epoch gap"), "%s", fixture_verify().reason);
	other = fixture_read("d/checkpoints/9", &other_len);
	fixture_write("d/checkpoints/3", other, other_len);
	cr_assert_verdict(VERIFY_TAMPERED);
	fixture_write("d/checkpoints/3", seal, len);
	cr_assert_verdict(VERIFY_SIGNED);
	/* Without the line of the epoch's key it is no seal. */
	other = strstr(strstr(seal, "\n\n"), "/epoch/");
	while (other[-1] != '\n')
		other--;
	fixture_write("d/checkpoints/3", seal, (size_t)(other - seal));
	cr_assert_verdict(VERIFY_TAMPERED);
}

/* Who takes the machine has the log's key and the present epoch's: the past stays as it was. */
Test(rotate, the_past_cannot_be_signed_again)
{
	char *line[64], path[64];
	struct epoch e = { 0 };
	struct key *k = NULL;
	struct buf note = { 0 };
	uint8_t signature[NOTE_SIGNATURE_LEN];
	struct checkpoint c = { .size = 3 };
	struct tree t = { 0 };
	struct hash leaf;
	size_t n;

	three_epochs();
	n = fixture_lines(line, 64);
	cr_assert(n == 16);
	fixture_set(line[0], "build_id", "\"forged\"");
	fixture_resign(line, n);
	/* The seal of epoch 0 anew, with every key that is still there. */
	cr_assert(mkdir("d/checkpoints", 0755) == 0);
	for (size_t i = 0; i < 3; i++) {
		tree_leaf(line[i], strlen(line[i]), &leaf);
		tree_add(&t, &leaf);
	}
	tree_root(&t, &c.root);
	cr_assert(key_open("k", false, &k, NULL) == 0);
	snprintf(c.origin, sizeof(c.origin), "%.*s", (int)strcspn(fixture_vkey(), "+"),
		 fixture_vkey());
	cr_assert(epoch_load(key_dir(k), c.origin, false, &e) == 0 && e.number == 3);
	note_checkpoint_format(&c, &note);
	n = note.len;
	struct note_verifier v;
	key_verifier(k, c.origin, &v);
	key_sign(k, note.data, n, signature);
	note_append_signature(&v, signature, &note);
	epoch_sign(&e, note.data, n, signature);
	note_append_signature(&e.verifier, signature, &note);
	fixture_write("d/checkpoints/3", note.data, note.len);
	snprintf(path, sizeof(path), "k/%s.seen", key_incarnation(c.origin));
	unlink(path);
	cr_assert_verdict(VERIFY_TAMPERED);
	cr_assert(strstr(fixture_verify().reason, "epoch/0"), "%s", fixture_verify().reason);
	buf_free(&note);
	epoch_end(&e);
	key_free(k);
}

Test(rotate, an_old_key_is_gone)
{
	struct epoch e = { 0 };
	char path[64];
	size_t len;

	three_epochs();
	snprintf(path, sizeof(path), "k/%s.epoch", key_incarnation(fixture_verify().origin));
	cr_assert(fixture_read(path, &len)[0] == '3');
	strcat(path, "-next");
	cr_assert(access(path, F_OK) != 0);
	epoch_end(&e);
}

/* The key directory restored from before: its epoch key cannot go on with this log. */
Test(rotate, a_key_from_before_begins_a_new_log)
{
	struct ledger_opening how;

	cr_assert(ledger_close(open_epochs(), NULL) == 0);
	cr_assert(system("cp -a k old-k") == 0);
	three_epochs();
	cr_assert(system("cp old-k/*.epoch k/") == 0);
	ledger_close(fixture_open(&how), NULL);
	cr_assert(how.new_incarnation);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* Killed between the seal and the promotion of the key, and before the seal was kept. */
Test(rotate, a_crash_between_seal_and_promotion)
{
	struct ledger *l = open_epochs();
	char command[128];

	fixture_append(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	/* As it was before the promotion: the present key still bears the name of the next. */
	snprintf(command, sizeof(command), "cd k && mv *.epoch %s.epoch-next",
		 key_incarnation(fixture_verify().origin));
	cr_assert(system(command) == 0);
	three_epochs();
	cr_assert_verdict(VERIFY_SIGNED);
}

Test(rotate, a_next_key_that_was_never_announced_is_dropped)
{
	char command[128];

	three_epochs();
	snprintf(command, sizeof(command),
		 "cd k && sed 's/^3 [0-9]* /9 15 /' *.epoch > %s.epoch-next",
		 key_incarnation(fixture_verify().origin));
	cr_assert(system(command) == 0);
	three_epochs();
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(by_key().verdict == VERIFY_SIGNED);
}

/* Then the epoch goes on longer than it should, and says so. */
Test(rotate, a_key_directory_that_cannot_be_written)
{
	struct ledger *l = open_epochs();

	fixture_append(l, 0);
	/* epoch-next cannot be made: the epoch goes on, the ticks are written. */
	char path[80];
	snprintf(path, sizeof(path), "k/%s.epoch-next", key_incarnation(fixture_verify().origin));
	cr_assert(mkdir(path, 0755) == 0);
	fixture_append(l, 1);
	fixture_append(l, 2);
	cr_assert(ledger_epoch_is_overdue(l));
	cr_assert(rmdir(path) == 0);
	fixture_append(l, 3);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_epochs == 4, "%" PRIu64, fixture_verify().n_epochs);
}
