/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* batch.c - builds the lines of one commit in memory, chained and hashed. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "ledger/scan.h"
#include "ledger/store.h"

void ledger_now(const struct ledger *l, uint64_t *ret_mono_ns, int64_t *ret_real_us)
{
	if (l->scene && l->scene->now) {
		l->scene->now(l->scene->arg, ret_mono_ns, ret_real_us);
		return;
	}
	*ret_mono_ns = clock_mono_ns();
	*ret_real_us = clock_real_us();
}

uint64_t ledger_now_mono_ns(const struct ledger *l)
{
	uint64_t mono_ns;
	int64_t real_us;

	ledger_now(l, &mono_ns, &real_us);
	return mono_ns;
}

void batch_begin(struct ledger *l)
{
	struct batch *b = &l->batch;

	buf_reset(&b->lines);
	buf_reset(&b->leaves);
	b->tree = l->tree;
	b->prev = l->prev;
	b->err = 0;
	b->why.text[0] = '\0';
}

void batch_head(struct ledger *l, struct format_head *ret)
{
	struct batch *b = &l->batch;
	uint8_t index[8];
	struct hash salt;
	uint64_t mono_ns, mono_us;
	int64_t real_us;

	for (int i = 0; i < 8; i++)
		index[i] = (uint8_t)(b->tree.size >> (56 - 8 * i));
	if (hash_hmac(&l->salt_key, index, sizeof(index), &salt) && !b->err)
		b->err = -ENOMEM;
	ledger_now(l, &mono_ns, &real_us);
	mono_us = mono_ns / JT_NS_PER_US;
	if (mono_us > l->mono_us)
		l->mono_us = mono_us;
	*ret = (struct format_head){
		.index = b->tree.size,
		.prev = b->prev,
		.real_us = real_us,
		.mono_us = l->mono_us,
	};
	memcpy(ret->salt, salt.byte, sizeof(ret->salt));
}

void batch_seal(struct ledger *l, size_t from)
{
	struct batch *b = &l->batch;
	struct scan_record record;
	const char *what;
	size_t at;

	if (!b->err)
		b->err = b->lines.err;
	if (b->err)
		return;
	/* What verify would refuse is never signed. */
	if (scan_record(&l->shapes, b->lines.data + from, b->lines.len - from, &record, &what,
			&at)) {
		b->err = why_set(&b->why, -EMSGSIZE, "record %" PRIu64 " at byte %zu: %s",
				 b->tree.size, at, what);
		return;
	}
	b->err = tree_add(&b->tree, &record.leaf);
	b->prev = record.leaf;
	buf_append(&b->leaves, &record.leaf, sizeof(record.leaf));
	buf_putc(&b->lines, '\n');
	if (!b->err)
		b->err = b->lines.err ? b->lines.err : b->leaves.err;
}

void batch_open(struct ledger *l, const struct format_open *o)
{
	size_t from = l->batch.lines.len;
	struct format_head h;

	batch_head(l, &h);
	format_open_line(&l->batch.lines, &h, o);
	batch_seal(l, from);
}

void batch_gap(struct ledger *l, const struct format_gap *g)
{
	size_t from = l->batch.lines.len;
	struct format_head h;

	batch_head(l, &h);
	format_gap_line(&l->batch.lines, &h, g);
	batch_seal(l, from);
}

void batch_recover(struct ledger *l, const struct format_recover *r)
{
	size_t from = l->batch.lines.len;
	struct format_head h;

	batch_head(l, &h);
	format_recover_line(&l->batch.lines, &h, r);
	batch_seal(l, from);
}

void batch_key(struct ledger *l, const struct epoch *e)
{
	size_t from = l->batch.lines.len;
	struct format_key k = { .epoch = e->number };
	char vkey[NOTE_VKEY_LEN] = "";
	struct format_head h;

	if (note_vkey_format(&e->verifier, vkey) && !l->batch.err)
		l->batch.err = -ENOMEM;
	k.vkey = vkey;
	batch_head(l, &h);
	format_key_line(&l->batch.lines, &h, &k);
	batch_seal(l, from);
}

void batch_close(struct ledger *l)
{
	size_t from = l->batch.lines.len;
	struct format_head h;

	batch_head(l, &h);
	format_close_line(&l->batch.lines, &h);
	batch_seal(l, from);
}

/* Samples that do not add up to their host are a bug upstream, and must not be signed. */
static int batch_tick_sums(const struct tick *t, struct why *why)
{
	__extension__ __int128 energy = (__int128)t->host.idle_uj + t->host.unattributed_uj;
	__extension__ __int128 co2e = (__int128)t->idle_co2e_ug + t->unattributed_co2e_ug;

	for (size_t i = 0; i < t->n_samples; i++) {
		energy += t->sample[i].energy_uj;
		co2e += t->sample[i].co2e_ug;
	}
	if (energy != t->host.energy_uj)
		return why_set(why, -EBADMSG,
			       "tick %" PRIu64 ": energy of the samples, idle and unattributed is "
			       "not the host's; not written",
			       t->window.index);
	if (co2e != t->host_co2e.value)
		return why_set(why, -EBADMSG,
			       "tick %" PRIu64 ": co2e of the samples, idle and unattributed is "
			       "not the host's; not written",
			       t->window.index);
	return 0;
}

void batch_tick(struct ledger *l, const struct tick *t)
{
	struct batch *b = &l->batch;
	uint64_t tick_index = b->tree.size;
	size_t from = b->lines.len;
	struct format_head h;

	if (!b->err)
		b->err = batch_tick_sums(t, &b->why);
	if (b->err)
		return;
	batch_head(l, &h);
	format_tick_line(&b->lines, &h, t);
	batch_seal(l, from);
	for (size_t i = 0; i < t->n_samples && !b->err; i++) {
		from = b->lines.len;
		batch_head(l, &h);
		format_sample_line(&b->lines, &h, t, i, tick_index);
		batch_seal(l, from);
	}
}
