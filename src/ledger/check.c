/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* check.c - see check.h. The rules are those of docs/ledger.md, "What a verifier checks". */
#include "ledger/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "jouletrail/units.h"
#include "ledger/tree.h"

static int check_fail(struct check *c, struct why *why, const char *what)
{
	c->bad = c->n;
	return why_set(why, -EBADMSG, "record %" PRIu64 ": %s", c->n, what);
}

/* Place, chain and clock. */
static int check_head(struct check *c, const struct check_facts *f, struct why *why)
{
	if (f->index != c->n)
		return check_fail(c, why, "i is not the next index");
	if (memcmp(&f->prev, &c->prev, sizeof(c->prev)) != 0) {
		check_fail(c, why, "prev is not the hash of the record before it");
		c->bad = c->n ? c->n - 1 : 0;
		return -EBADMSG;
	}
	/* An open record may begin another boot: check_open() looks. */
	if (f->kind == CHECK_OPEN)
		return 0;
	if (f->mono_us < c->mono_us)
		return check_fail(c, why, "mono_us goes back within one boot");
	c->mono_us = f->mono_us;
	return 0;
}

static int check_open(struct check *c, const struct check_facts *f, struct why *why)
{
	struct scan_value line = { f->line, f->len }, v, boot;

	if (scan_member(line, "origin", &v) || scan_text(v, &v) || v.len >= sizeof(c->origin))
		return check_fail(c, why, "no origin");
	if (c->origin[0] == '\0')
		memcpy(c->origin, v.at, v.len);
	if (v.len != strlen(c->origin) || memcmp(v.at, c->origin, v.len) != 0)
		return check_fail(c, why, "origin is not the checkpoint's");
	if (scan_member(line, "boot_id", &boot) || scan_text(boot, &boot) ||
	    boot.len >= sizeof(c->boot_id))
		return check_fail(c, why, "no boot_id");
	if (boot.len == strlen(c->boot_id) && memcmp(boot.at, c->boot_id, boot.len) == 0 &&
	    f->mono_us < c->mono_us)
		return check_fail(c, why, "mono_us goes back within one boot");
	memset(c->boot_id, 0, sizeof(c->boot_id));
	memcpy(c->boot_id, boot.at, boot.len);
	c->mono_us = f->mono_us;
	c->end_mono_ns = 0;
	c->heartbeat_us = 0;
	if (!scan_member(line, "heartbeat_us", &v) && scan_u64(v, &c->heartbeat_us))
		return check_fail(c, why, "heartbeat_us is no number");
	return 0;
}

/* Epochs follow each other, each with a key under the log's own name. */
static int check_key(struct check *c, const struct check_facts *f, struct why *why)
{
	struct scan_value line = { f->line, f->len }, v;
	char vkey[NOTE_VKEY_LEN], name[NOTE_ORIGIN_LEN];
	struct note_verifier key;
	uint64_t epoch;

	if (scan_member(line, "epoch", &v) || scan_u64(v, &epoch))
		return check_fail(c, why, "no epoch");
	if (c->has_epoch ? epoch != c->epoch + 1 : epoch != 0)
		return check_fail(c, why, "epoch gap: not the number after the last one");
	if (scan_member(line, "key", &v) || scan_text(v, &v) || v.len >= sizeof(vkey))
		return check_fail(c, why, "no key");
	memcpy(vkey, v.at, v.len);
	vkey[v.len] = '\0';
	if (note_epoch_name(c->origin, epoch, name) || note_vkey_parse(vkey, &key) ||
	    strcmp(key.name, name) != 0)
		return check_fail(c, why, "no verifier key of that epoch");
	c->epoch_before = c->epoch_key;
	c->epoch_key = key;
	c->has_epoch = true;
	c->epoch = epoch;
	c->epoch_index = c->n;
	return 0;
}

/* What follows must add up to it: a tick, or a rollup of ticks. */
static void check_begin_sums(struct check *c, const struct check_facts *f)
{
	c->tick = c->n;
	c->n_left = f->n;
	c->missing = f->missing;
	c->energy_left_uj = f->energy_left_uj;
	c->co2e_left_ug = f->co2e_left_ug;
}

/* Each rollup stands for what follows on what the one before it stood for. */
static int check_rollup(struct check *c, const struct check_facts *f, struct why *why)
{
	if (c->n_rollups_left > 0) {
		if (f->from != c->rolled_from || f->to != c->rolled ||
		    f->n_more != c->n_rollups_left - 1)
			return check_fail(c, why, "a rollup of other records than the one before");
	} else if (f->from != c->rolled) {
		return check_fail(c, why, "a rollup that does not go on where the last one ended");
	}
	c->rolled_from = f->from;
	c->rolled = f->to;
	c->n_rollups_left = f->n_more;
	check_begin_sums(c, f);
	/* While the records themselves are here they count, and it does not. */
	if (f->to > c->base)
		return 0;
	c->energy_uj += f->energy_uj;
	c->n_ticks += f->n_ticks;
	c->n_rolled_up += f->n_ticks;
	return 0;
}

static int check_tick(struct check *c, const struct check_facts *f, struct why *why)
{
	uint64_t silent_ns = f->begin_mono_ns - c->end_mono_ns;

	if (c->heartbeat_us && c->end_mono_ns && f->begin_mono_ns > c->end_mono_ns &&
	    silent_ns / JT_NS_PER_US > c->heartbeat_us) {
		c->bad = c->n;
		return why_set(why, -EBADMSG,
			       "record %" PRIu64 ": silence of %" PRIu64
			       " s before it, without a gap record",
			       c->n, silent_ns / JT_NS_PER_S);
	}
	c->end_mono_ns = f->end_mono_ns;
	check_begin_sums(c, f);
	c->energy_uj += f->energy_uj;
	c->n_ticks++;
	return 0;
}

static int check_sample(struct check *c, const struct check_facts *f, struct why *why)
{
	if (c->n_left == 0)
		return check_fail(c, why, "a sample that its tick did not announce");
	if (f->n != c->tick)
		return check_fail(c, why, "a sample of another tick");
	if (f->missing && !c->missing)
		return check_fail(c, why, "no energy_uj or co2e_ug, but its tick has energy");
	c->n_left--;
	c->n_samples++;
	c->energy_left_uj -= f->energy_uj;
	c->co2e_left_ug -= f->co2e_ug;
	return 0;
}

/* After a tick's last sample nothing may be left over. */
static int check_sums(struct check *c, struct why *why)
{
	if (c->energy_left_uj != 0 || c->co2e_left_ug != 0) {
		why_set(why, 0,
			"record %" PRIu64 ": conservation: samples + idle + unattributed differ "
			"from the host's %s",
			c->tick, c->energy_left_uj ? "energy" : "co2e");
		c->bad = c->tick;
		return -EBADMSG;
	}
	return 0;
}

static int check_kind(struct check *c, const struct check_facts *f, struct why *why)
{
	int err = 0;

	c->closed = f->kind == CHECK_CLOSE;
	if (f->kind == CHECK_SAMPLE)
		err = check_sample(c, f, why);
	else if (c->n_left > 0 || (c->n_rollups_left > 0 && f->kind != CHECK_ROLLUP))
		return check_complete(c, why);
	else if (f->kind == CHECK_ROLLUP)
		err = check_rollup(c, f, why);
	else if (f->kind == CHECK_TICK)
		err = check_tick(c, f, why);
	else if (f->kind == CHECK_OPEN)
		err = check_open(c, f, why);
	else if (f->kind == CHECK_KEY)
		err = check_key(c, f, why);
	else if (f->kind == CHECK_GAP)
		c->end_mono_ns = 0;
	if (!err && c->n_left == 0)
		err = check_sums(c, why);
	return err;
}

int check_take(struct check *c, const struct check_facts *f, struct why *why)
{
	int err;

	c->bad = c->n;
	if (f->canonical)
		return why_set(why, -EBADMSG, "record %" PRIu64 ": not canonical at byte %zu: %s",
			       c->n, f->at, f->canonical);
	if (f->what)
		return check_fail(c, why, f->what);
	if (c->n == 0 && f->kind != CHECK_OPEN)
		return check_fail(c, why, "the first record is not an open");
	err = check_head(c, f, why);
	if (!err)
		err = check_kind(c, f, why);
	if (err)
		return err;
	if (c->base && c->n == c->base_index)
		c->base_said = memcmp(&f->leaf, &c->base_leaf, sizeof(f->leaf)) == 0;
	c->prev = f->leaf;
	c->n++;
	return 0;
}

int check_complete(struct check *c, struct why *why)
{
	if (c->n_left == 0 && c->n_rollups_left == 0)
		return 0;
	c->bad = c->tick;
	if (c->n_left == 0)
		return why_set(why, -EBADMSG,
			       "record %" PRIu64 ": completeness: %" PRIu64
			       " more rollups of those records are missing",
			       c->tick, c->n_rollups_left);
	return why_set(why, -EBADMSG,
		       "record %" PRIu64 ": completeness: %" PRIu64 " of its samples are missing",
		       c->tick, c->n_left);
}
