/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scan_record.c - scan.h: a line whose members are listed, quickly where its names are known. */
#include <string.h>

#include "ledger/lanes.h"
#include "ledger/scan_value.h"
#include "ledger/tree.h"

static const char *const scan_known_name[SCAN_N_KNOWN] = {
	[SCAN_BOOT_ID] = "boot_id",
	[SCAN_CGROUP] = "cgroup",
	[SCAN_CO2E_UG] = "co2e_ug",
	[SCAN_COMM] = "comm",
	[SCAN_DOMAINS] = "domains",
	[SCAN_ENERGY_UJ] = "energy_uj",
	[SCAN_HOST] = "host",
	[SCAN_I] = "i",
	[SCAN_K] = "k",
	[SCAN_MONO_US] = "mono_us",
	[SCAN_N] = "n",
	[SCAN_N_TICKS] = "n_ticks",
	[SCAN_NAME] = "name",
	[SCAN_PREV] = "prev",
	[SCAN_SALT] = "salt",
	[SCAN_T] = "t",
	[SCAN_TICK] = "tick",
	[SCAN_V] = "v",
	[SCAN_WINDOW] = "window",
};

/* Does the line, from at on, go on with the shape's member j? */
static inline bool scan_same_name(const char *at, const char *end, const struct scan_shape *shape,
				  size_t j)
{
	const char *text = shape->text + shape->at[j];
	size_t len = shape->len[j];

	if (end - at < SCAN_TEXT_LEN)
		return (size_t)(end - at) >= len && memcmp(at, text, len) == 0;
	for (; len > LANES_LEN; len -= LANES_LEN, at += LANES_LEN, text += LANES_LEN)
		if (lanes_first((lanes)(lanes_at(at) != lanes_at(text))) < LANES_LEN)
			return false;
	return lanes_first((lanes)(lanes_at(at) != lanes_at(text))) >= len;
}

/* `,"name":` of member j of r, as it stands in the line; of the first, `{"name":`. */
static struct scan_value scan_name_of(const struct scan_record *r, size_t j)
{
	const char *from = j ? r->member[j - 1].at + r->member[j - 1].len : r->line;

	return (struct scan_value){ from, (size_t)(r->member[j].at - from) };
}

static void scan_learn(struct scan_shapes *c, struct scan_record *r)
{
	struct scan_shape *shape = &c->shape[c->next++ % SCAN_N_SHAPES];
	size_t at = 0;

	memset(shape, 0, sizeof(*shape));
	shape->n = r->n;
	for (size_t j = 0; j < r->n; j++) {
		struct scan_value name = scan_name_of(r, j);

		shape->at[j] = (uint16_t)at;
		shape->len[j] = (uint8_t)name.len;
		memcpy(shape->text + at, name.at, name.len);
		at += (name.len + LANES_LEN - 1) / LANES_LEN * LANES_LEN;
		for (int k = 0; k < SCAN_N_KNOWN; k++)
			if (strlen(scan_known_name[k]) + 4 == name.len &&
			    memcmp(scan_known_name[k], name.at + 2, name.len - 4) == 0)
				shape->place[k] = (uint8_t)(j + 1);
	}
	r->place = shape->place;
}

/*
 * A shape whose name j is at the reading point and which begins as `like` up to there (NULL: j is
 * 0); NULL = none is known.
 */
static const struct scan_shape *scan_shape_at(const struct scan *s, const struct scan_shapes *c,
					      const struct scan_shape *like, size_t j)
{
	for (size_t i = 0; i < SCAN_N_SHAPES; i++) {
		const struct scan_shape *shape = &c->shape[i];

		if (j >= shape->n || shape == like)
			continue;
		if (like &&
		    (shape->at[j - 1] != like->at[j - 1] || shape->len[j - 1] != like->len[j - 1] ||
		     memcmp(shape->text, like->text, (size_t)like->at[j - 1] + like->len[j - 1]) !=
			     0))
			continue;
		if (scan_same_name(s->line + s->at, s->line + s->len, shape, j))
			return shape;
	}
	return NULL;
}

/* Comma or brace, the name of member j and its colon, where they are not the shape's. */
static int scan_new_name(struct scan *s, const struct scan_record *r, size_t j,
			 struct scan_value *prev)
{
	int err;

	if (j > 0 && j <= SCAN_MAX_MEMBERS && !prev->at) {
		*prev = scan_name_of(r, j - 1);
		prev->at += 2;
		prev->len -= 4;
	}
	s->at++;
	err = scan_name(s, prev);
	if (err)
		return err;
	return scan_take(s, ':') ? 0 : scan_fail(s, "':' expected");
}

/* Behind the string that begins at at; NULL: to be looked at by scan_string(). */
static inline const char *scan_quick_string(const char *at, const char *end)
{
	for (at++; end - at >= LANES_LEN; at += LANES_LEN) {
		unsigned int n = scan_first_special(at);

		if (n < LANES_LEN)
			return at[n] == '"' ? at + n + 1 : NULL;
	}
	return NULL;
}

/* Behind the number that begins at at; NULL: to be looked at by scan_number(). */
static inline const char *scan_quick_number(const char *at, const char *end)
{
	unsigned int n;

	if (end - at <= LANES_LEN)
		return NULL;
	n = scan_first_other(at);
	/* Of 16 digits, those that are too many begin with a 9. */
	if (n == 0 || (n > 1 && *at == '0') || (n == LANES_LEN && *at == '9'))
		return NULL;
	return at[n] == ',' ? at + n : NULL;
}

/* The line's own object, whose members are listed. What was looked at is hashed. */
static int scan_members(struct scan *s, struct scan_shapes *c, struct scan_record *r,
			struct hash_run *run)
{
	const struct scan_shape *shape = scan_shape_at(s, c, NULL, 0);
	const char *at = s->line, *end = s->line + s->len, *from;
	struct scan_value prev = { 0 };
	size_t j = 0;
	int err;

	do {
		s->at = (size_t)(at - s->line);
		if (shape && (j >= shape->n || !scan_same_name(at, end, shape, j)))
			shape = j ? scan_shape_at(s, c, shape, j) : NULL;
		if (shape) {
			from = at + shape->len[j];
		} else {
			err = scan_new_name(s, r, j, &prev);
			if (err)
				return err;
			from = s->line + s->at;
		}
		at = from == end    ? NULL
		     : *from == '"' ? scan_quick_string(from, end)
				    : scan_quick_number(from, end);
		if (!at) {
			s->at = (size_t)(from - s->line);
			err = scan_value_at(s, 1);
			if (err)
				return err;
			at = s->line + s->at;
		}
		hash_upto(run, (size_t)(at - s->line));
		if (j < SCAN_MAX_MEMBERS)
			r->member[j] = (struct scan_value){ from, (size_t)(at - from) };
		j++;
	} while (at < end && *at == ',');
	s->at = (size_t)(at - s->line);
	if (!scan_take(s, '}'))
		return scan_fail(s, "',' or '}' expected");
	r->n = j;
	if (shape && j == shape->n)
		r->place = shape->place;
	else if (j <= SCAN_MAX_MEMBERS)
		scan_learn(c, r);
	return 0;
}

int scan_record(struct scan_shapes *c, const char *line, size_t len, struct scan_record *r,
		const char **ret_what, size_t *ret_at)
{
	struct scan s = { .line = line, .len = len };
	struct hash_run run;
	int err = 0;

	r->line = line;
	r->len = len;
	r->n = 0;
	r->place = NULL;
	tree_leaf_begin(&run, line, len);
	if (len > SCAN_MAX_LINE)
		err = scan_fail(&s, "line longer than 65535 bytes");
	else if (scan_peek(&s) != '{')
		err = scan_fail(&s, "'{' expected");
	else if (len == 2 && line[1] == '}')
		s.at = 2;
	else
		err = scan_members(&s, c, r, &run);
	if (!err && s.at != len)
		err = scan_fail(&s, "bytes after the object");
	if (err) {
		*ret_what = s.what;
		*ret_at = s.at;
		return err;
	}
	hash_end(&run, &r->leaf);
	return 0;
}

int scan_get(const struct scan_record *r, enum scan_known k, struct scan_value *ret)
{
	if (!r->place)
		return scan_member((struct scan_value){ r->line, r->len }, scan_known_name[k], ret);
	if (!r->place[k])
		return -ENOENT;
	*ret = r->member[r->place[k] - 1];
	return 0;
}
