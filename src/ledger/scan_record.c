/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scan_record.c - scan.h: a line whose members are listed, quickly where its names are known. */
#include <string.h>

#include "ledger/scan_value.h"

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

/* Does the name at the reading point read as the shape's member j? */
static bool scan_same_name(const struct scan *s, const struct scan_shape *shape, size_t j)
{
	const uint64_t *text = shape->text + shape->at[j];
	size_t len = shape->len[j];
	const char *at = s->line + s->at;
	uint64_t word;

	if (s->len - s->at < (len + 7) / 8 * 8)
		return s->len - s->at >= len && memcmp(at, text, len) == 0;
	for (; len >= 8; len -= 8, at += 8) {
		memcpy(&word, at, 8);
		if (word != *text++)
			return false;
	}
	if (len == 0)
		return true;
	memcpy(&word, at, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return ((word ^ *text) << (64 - 8 * len)) == 0;
#else
	return ((word ^ *text) >> (64 - 8 * len)) == 0;
#endif
}

/* `"name":` of member j of r, as it stands in the line. */
static struct scan_value scan_name_of(const struct scan_record *r, size_t j)
{
	const char *from = j ? r->member[j - 1].at + r->member[j - 1].len + 1 : r->line + 1;

	return (struct scan_value){ from, (size_t)(r->member[j].at - from) };
}

static void scan_learn(struct scan_shapes *c, struct scan_record *r)
{
	struct scan_shape *shape = &c->shape[c->next++ % SCAN_N_SHAPES];
	size_t word = 0;

	memset(shape, 0, sizeof(*shape));
	shape->n = r->n;
	for (size_t j = 0; j < r->n; j++) {
		struct scan_value name = scan_name_of(r, j);

		shape->at[j] = (uint16_t)word;
		shape->len[j] = (uint8_t)name.len;
		memcpy(shape->text + word, name.at, name.len);
		word += (name.len + 7) / 8;
		for (int k = 0; k < SCAN_N_KNOWN; k++)
			if (strlen(scan_known_name[k]) + 3 == name.len &&
			    memcmp(scan_known_name[k], name.at + 1, name.len - 3) == 0)
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
		     memcmp(shape->text, like->text,
			    8 * (size_t)like->at[j - 1] + like->len[j - 1]) != 0))
			continue;
		if (scan_same_name(s, shape, j))
			return shape;
	}
	return NULL;
}

/* The name of member j and its colon, where it is not the shape's. */
static int scan_new_name(struct scan *s, const struct scan_record *r, size_t j,
			 struct scan_value *prev)
{
	int err;

	if (j > 0 && j <= SCAN_MAX_MEMBERS && !prev->at) {
		*prev = scan_name_of(r, j - 1);
		prev->at += 1;
		prev->len -= 3;
	}
	err = scan_name(s, prev);
	if (err)
		return err;
	return scan_take(s, ':') ? 0 : scan_fail(s, "':' expected");
}

/* Most values of a record are strings and numbers: without the way through scan_value_at(). */
static inline int scan_member_value(struct scan *s)
{
	int c = scan_peek(s);

	if (c == '"')
		return scan_string(s);
	if (c >= '0' && c <= '9')
		return scan_number(s);
	return scan_value_at(s, 1);
}

/* The line's own object, whose members are listed. */
static int scan_members(struct scan *s, struct scan_shapes *c, struct scan_record *r)
{
	const struct scan_shape *shape = scan_shape_at(s, c, NULL, 0);
	struct scan_value prev = { 0 };
	size_t j = 0, from;
	int err = 0;

	if (scan_take(s, '}'))
		return 0;
	do {
		if (shape && (j >= shape->n || !scan_same_name(s, shape, j)))
			shape = j ? scan_shape_at(s, c, shape, j) : NULL;
		if (shape) {
			s->at += shape->len[j];
		} else {
			err = scan_new_name(s, r, j, &prev);
		}
		from = s->at;
		if (!err)
			err = scan_member_value(s);
		if (err)
			return err;
		if (j < SCAN_MAX_MEMBERS)
			r->member[j] = (struct scan_value){ s->line + from, s->at - from };
		j++;
	} while (scan_take(s, ','));
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
	int err;

	r->line = line;
	r->len = len;
	r->n = 0;
	r->place = NULL;
	if (len > SCAN_MAX_LINE)
		err = scan_fail(&s, "line longer than 65535 bytes");
	else if (!scan_take(&s, '{'))
		err = scan_fail(&s, "'{' expected");
	else
		err = scan_members(&s, c, r);
	if (!err && s.at != len)
		err = scan_fail(&s, "bytes after the object");
	if (err) {
		*ret_what = s.what;
		*ret_at = s.at;
	}
	return err;
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
