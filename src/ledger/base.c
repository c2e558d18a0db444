/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* base.c - see base.h. */
#include "ledger/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/disk.h"
#include "ledger/format.h"
#include "ledger/walk.h"

static void base_put_hash(struct json_writer *w, const struct hash *h)
{
	char hex[HASH_HEX_LEN + 1];

	hash_hex(h->byte, HASH_LEN, hex);
	json_str(w, hex);
}

static void base_put_epoch(struct json_writer *w, const struct check *c)
{
	char vkey[NOTE_VKEY_LEN] = "";

	json_key(w, "epoch");
	if (!c->has_epoch) {
		json_put_null(w);
		return;
	}
	/* Parsed once, so it can be written. */
	note_vkey_format(&c->epoch_key, vkey);
	json_object_begin(w);
	format_count(w, "index", c->epoch_index);
	json_kv_str(w, "key", vkey);
	format_count(w, "number", c->epoch);
	json_object_end(w);
}

void base_format(struct json_writer *w, const struct check *c, const struct tree *t,
		 const char *vkey)
{
	json_key(w, "at");
	json_object_begin(w);
	json_kv_str(w, "boot_id", c->boot_id);
	json_kv_big(w, "end_mono_ns", c->end_mono_ns);
	base_put_epoch(w, c);
	format_count(w, "heartbeat_us", c->heartbeat_us);
	json_kv_str(w, "key", vkey);
	format_count(w, "mono_us", c->mono_us);
	json_key(w, "prev");
	base_put_hash(w, &c->prev);
	format_count(w, "rolled", c->rolled);
	json_key(w, "tree");
	json_array_begin(w);
	for (int b = 63; b >= 0; b--)
		if (t->size >> b & 1)
			base_put_hash(w, &t->peak[b]);
	json_array_end(w);
	json_object_end(w);
}

static int base_text(struct scan_value v, const char *name, char *ret, size_t size)
{
	if (scan_member(v, name, &v) || scan_text(v, &v) || v.len >= size)
		return -EINVAL;
	memcpy(ret, v.at, v.len);
	ret[v.len] = '\0';
	return 0;
}

static int base_u64(struct scan_value v, const char *name, uint64_t *ret)
{
	return scan_member(v, name, &v) ? -EINVAL : scan_u64(v, ret);
}

static int base_key(struct scan_value v, struct note_verifier *ret)
{
	char vkey[NOTE_VKEY_LEN];

	return base_text(v, "key", vkey, sizeof(vkey)) ? -EINVAL : note_vkey_parse(vkey, ret);
}

static int base_hash(struct scan_value v, struct hash *ret)
{
	if (scan_text(v, &v))
		return -EINVAL;
	return hash_from_hex(v.at, v.len, ret->byte, HASH_LEN);
}

/* The peaks, largest first: as many as the size has bits. */
static int base_tree(struct scan_value at, struct base *b)
{
	struct scan_value list, v;
	size_t pos = 0;

	b->tree.size = b->first;
	if (scan_member(at, "tree", &list))
		return -EINVAL;
	for (int bit = 63; bit >= 0; bit--)
		if (b->first >> bit & 1 &&
		    (!scan_element(list, &pos, &v) || base_hash(v, &b->tree.peak[bit])))
			return -EINVAL;
	return scan_element(list, &pos, &v) ? -EINVAL : 0;
}

static int base_epoch(struct scan_value at, struct check *c)
{
	struct scan_value v;

	if (scan_member(at, "epoch", &v))
		return -EINVAL;
	if (scan_is_null(v))
		return 0;
	c->has_epoch = true;
	if (base_u64(v, "index", &c->epoch_index) || base_u64(v, "number", &c->epoch) ||
	    base_key(v, &c->epoch_key))
		return -EINVAL;
	return 0;
}

static int base_at(struct scan_value at, struct base *b)
{
	struct check *c = &b->check;
	struct scan_value v;

	if (base_text(at, "boot_id", c->boot_id, sizeof(c->boot_id)) ||
	    scan_member(at, "end_mono_ns", &v) || scan_big(v, &c->end_mono_ns) ||
	    base_epoch(at, c) || base_u64(at, "heartbeat_us", &c->heartbeat_us) ||
	    base_key(at, &b->key) || base_u64(at, "mono_us", &c->mono_us) ||
	    scan_member(at, "prev", &v) || base_hash(v, &c->prev) ||
	    base_u64(at, "rolled", &c->rolled))
		return -EINVAL;
	return base_tree(at, b);
}

int base_parse(const char *line, size_t len, struct base *ret, const char **ret_what)
{
	CLEANUP(cleanup_free) struct scan_shapes *shapes = calloc(1, sizeof(*shapes));
	struct check_facts f = { 0 };
	struct scan_value v = { line, len };

	if (!shapes)
		return -ENOMEM;
	*ret = (struct base){ .len = len };
	*ret_what = "not the line of a rollup";
	if (len > SCAN_MAX_LINE)
		return -EBADMSG;
	check_facts(shapes, line, len, &f);
	if (f.what || f.kind != CHECK_ROLLUP || f.n_more != 0)
		return -EBADMSG;
	ret->first = f.to;
	ret->index = f.index;
	ret->leaf = f.leaf;
	if (scan_member(v, "at", &v) || base_at(v, ret))
		return -EBADMSG;
	memcpy(ret->line, line, len);
	return 0;
}

int base_read(int dir, const char *name, struct base *ret, const char **ret_what)
{
	CLEANUP(cleanup_free) char *line = malloc(SCAN_MAX_LINE + 1);
	size_t len;
	int err = line ? disk_read(dir, name, line, SCAN_MAX_LINE + 1, &len) : -ENOMEM;

	*ret_what = "not a small regular file";
	if (err == -EFBIG || err == -EINVAL || err == -ELOOP)
		return -EBADMSG;
	if (err)
		return err;
	*ret_what = "not one line";
	if (len == 0 || line[len - 1] != '\n')
		return -EBADMSG;
	return base_parse(line, len - 1, ret, ret_what);
}

static int base_try(uint64_t index, const char *line, size_t len, void *arg)
{
	struct base *b = arg;
	uint64_t first = b->first;
	const char *what;
	int err;

	(void)index;
	if (!memmem(line, len, "\"k\":\"rollup\"", 12))
		return 0;
	err = base_parse(line, len, b, &what);
	if (!err && b->first == first)
		return 1;
	b->first = first;
	return err == -ENOMEM ? err : 0;
}

int base_find(int seg_dir, struct base *ret)
{
	struct walk w;
	int err = walk_begin(&w, seg_dir, 0);

	if (err)
		return err;
	*ret = (struct base){ .first = w.n ? w.first[0] : 0 };
	walk_end(&w);
	if (ret->first == 0)
		return -ENOENT;
	err = walk_lines(seg_dir, ret->first, base_try, ret);
	return err == 1 ? 0 : err < 0 ? err : -EBADMSG;
}

int base_load(int dir, int seg_dir, struct base *ret)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	const char *what;
	int err = base_read(dir, BASE_FILE, ret, &what);

	if (err != -ENOENT && err != -EBADMSG)
		return err;
	err = base_find(seg_dir, ret);
	if (err == -ENOENT)
		*ret = (struct base){ 0 };
	if (err)
		return err == -ENOENT ? 0 : err;
	buf_append(&line, ret->line, ret->len);
	buf_putc(&line, '\n');
	err = line.err ? line.err : disk_replace(dir, BASE_FILE, line.data, line.len);
	return err == -ESTALE ? 0 : err;
}

void base_begin(const struct base *b, const char *origin, struct check *ret)
{
	char name[NOTE_ORIGIN_LEN];

	/* It may be ret's own. */
	snprintf(name, sizeof(name), "%s", origin);
	*ret = b->check;
	memcpy(ret->origin, name, sizeof(ret->origin));
	ret->n = ret->base = b->first;
	ret->base_index = b->index;
	ret->base_leaf = b->leaf;
}
