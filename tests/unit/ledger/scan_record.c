/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scan_record.c - do both scanners say of any line what a plain one says, byte by byte; are the
 * members where they should be, and is the leaf hash the line's?
 */
#include <criterion/criterion.h>
#include <errno.h>

#include "base/json.h"
#include "ledger/scan.h"
#include "ledger/tree.h"
#include "unit/ledger/guarded.h"
#include "unit/random.h"

/* The plain scanner: what remains to be read; at NULL = refused. */
struct plain {
	const char *at;
	const char *end;
};

static int plain_peek(const struct plain *p)
{
	return p->at && p->at < p->end ? (unsigned char)*p->at : -1;
}

static int plain_next(struct plain *p)
{
	int c = plain_peek(p);

	p->at = c < 0 ? NULL : p->at + 1;
	return c;
}

static void plain_expect(struct plain *p, int c)
{
	if (plain_next(p) != c)
		p->at = NULL;
}

static void plain_escape(struct plain *p)
{
	int c = plain_next(p), high, low;

	if (c > 0 && strchr("btnfr\"\\", c))
		return;
	plain_expect(p, '0');
	plain_expect(p, '0');
	high = plain_next(p);
	low = plain_next(p);
	if (c != 'u' || low <= 0 || !strchr("0123456789abcdef", low) ||
	    (high != '1' && (high != '0' || strchr("89acd", low))))
		p->at = NULL;
}

static void plain_string(struct plain *p)
{
	const char *from;
	int c;

	plain_expect(p, '"');
	from = p->at;
	while (p->at && (c = plain_next(p)) != '"') {
		if (c < 0x20)
			p->at = NULL;
		else if (c == '\\')
			plain_escape(p);
	}
	if (p->at && !json_utf8_valid(from, (size_t)(p->at - 1 - from)))
		p->at = NULL;
}

static void plain_number(struct plain *p)
{
	uint64_t value = 0;
	size_t n = 0;
	bool minus = plain_peek(p) == '-', zero;

	if (minus)
		plain_next(p);
	zero = plain_peek(p) == '0';
	for (; plain_peek(p) >= '0' && plain_peek(p) <= '9' && n < 17; n++)
		value = value * 10 + (uint64_t)(plain_next(p) - '0');
	if (n == 0 || value > (UINT64_C(1) << 53) - 1 || (zero && (n > 1 || minus)))
		p->at = NULL;
}

static void plain_value(struct plain *p, int depth);

static void plain_object(struct plain *p, int depth)
{
	char name[40] = "", before[40];
	size_t n;
	int c;

	do {
		memcpy(before, name, sizeof(name));
		plain_expect(p, '"');
		for (n = 0; (c = plain_next(p)) != '"' && n <= SCAN_MAX_NAME; n++) {
			name[n] = (char)c;
			if (c < 0 || !c || !strchr("abcdefghijklmnopqrstuvwxyz0123456789_", c))
				p->at = NULL;
		}
		name[n] = '\0';
		if (n == 0 || n > SCAN_MAX_NAME || strcmp(before, name) >= 0)
			p->at = NULL;
		plain_expect(p, ':');
		plain_value(p, depth);
		c = plain_next(p);
	} while (c == ',');
	if (c != '}')
		p->at = NULL;
}

static void plain_array(struct plain *p, int depth)
{
	int c;

	do {
		plain_value(p, depth);
		c = plain_next(p);
	} while (c == ',');
	if (c != ']')
		p->at = NULL;
}

static void plain_value(struct plain *p, int depth)
{
	int c = plain_peek(p);

	if (c == '{' || c == '[') {
		plain_next(p);
		if (depth == SCAN_MAX_DEPTH)
			p->at = NULL;
		else if (plain_peek(p) == c + 2)
			plain_next(p);
		else if (c == '{')
			plain_object(p, depth + 1);
		else
			plain_array(p, depth + 1);
	} else if (c == '"') {
		plain_string(p);
	} else if (c == 't' || c == 'f' || c == 'n') {
		for (const char *w = c == 't' ? "true" : c == 'f' ? "false" : "null"; *w; w++)
			plain_expect(p, *w);
	} else {
		plain_number(p);
	}
}

static bool plain_accepts(const char *line, size_t len)
{
	struct plain p = { line, line + len };

	if (len > SCAN_MAX_LINE || plain_peek(&p) != '{')
		return false;
	plain_value(&p, 0);
	return p.at == p.end;
}

static struct scan_shapes shapes;

/* All three, before a guard; and what scan_record() says of a good line. */
static bool same(const char *text, size_t len)
{
	const char *line = guarded(text, len), *what;
	bool expected = plain_accepts(line, len);
	struct scan_record r;
	struct hash leaf;
	size_t at;

	cr_assert((scan_line(line, len, &what, &at) == 0) == expected, "%.*s", (int)len, line);
	cr_assert((scan_record(&shapes, line, len, &r, &what, &at) == 0) == expected, "%.*s",
		  (int)len, line);
	if (!expected)
		return false;
	cr_assert(tree_leaf(line, len, &leaf) == 0);
	cr_assert(memcmp(&leaf, &r.leaf, sizeof(leaf)) == 0);
	for (int k = 0; k < SCAN_N_KNOWN; k++) {
		struct scan_record slow = { .line = line, .len = len };
		struct scan_value a = { 0 }, b = { 0 };

		cr_assert(scan_get(&r, (enum scan_known)k, &a) ==
			  scan_get(&slow, (enum scan_known)k, &b));
		cr_assert(a.at == b.at && a.len == b.len);
	}
	return true;
}

static struct random_source source = { .seed = 7 };

static void write_value(struct json_writer *w)
{
	char text[80];
	size_t len = random_below(&source, random_below(&source, 4) ? 20 : sizeof(text));

	switch (random_below(&source, 6)) {
	case 0:
		json_i64(w, (int64_t)(random_any_size(&source) >> 11));
		break;
	case 1:
		json_i64(w, -(int64_t)(random_any_size(&source) >> 11));
		break;
	case 2:
		json_array_begin(w);
		json_array_end(w);
		break;
	default:
		for (size_t i = 0; i < len; i++)
			text[i] = (char)(random_below(&source, 40) ? ' ' + random_below(&source, 95)
								   : random_below(&source, 128));
		json_bytes(w, text, len);
	}
}

/* A line of some of the known names, so that shapes are met again, and met halfway. */
static size_t write_line(char *ret)
{
	static const char *const name[] = { "boot_id",
					    "cgroup",
					    "cgroup_id",
					    "co2e_ug",
					    "comm",
					    "cpu_ns",
					    "energy_high_uj",
					    "i",
					    "k",
					    "mono_us",
					    "name_of_more_than_sixteen_bytes_",
					    "prev",
					    "salt",
					    "t",
					    "v" };
	struct buf b = { 0 };
	struct json_writer w;
	size_t len;

	json_begin(&w, &b);
	json_object_begin(&w);
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if (random_below(&source, 12) == 0)
			continue;
		json_key(&w, name[i]);
		write_value(&w);
	}
	json_object_end(&w);
	cr_assert(b.err == 0 && b.len <= GUARDED_MAX);
	len = b.len;
	memcpy(ret, b.data, len);
	buf_free(&b);
	return len;
}

Test(scan_record, good_lines_and_hostile_ones)
{
	static const char hostile[] = "\"\\{}[],:-.0919 e\n\r\t\x1f\x7f\x80\xc3\xa9\xe2\xff";
	int n_good = 0, n_bad = 0, rounds = getenv("LONG") ? 200000 : 4000;
	char line[GUARDED_MAX + 1];

	for (int round = 0; round < rounds; round++) {
		size_t len = write_line(line);

		cr_assert(same(line, len), "%.*s", (int)len, line);
		for (int i = 0; i < 12; i++) {
			size_t at = random_below(&source, len);

			/* Changed, taken out or put in; now and then on top of the one before. */
			if (i % 3 == 0)
				line[at] = hostile[random_below(&source, sizeof(hostile))];
			else if (i % 3 == 1)
				memmove(line + at, line + at + 1, --len - at);
			else
				memmove(line + at + 1, line + at, len++ - at);
			if (same(line, len))
				n_good++;
			else
				n_bad++;
			if (i % 3 == 2)
				len = write_line(line);
		}
	}
	cr_assert(n_good > rounds / 4 && n_bad > rounds);
}

/* A byte that ends a run of plain ones, at every distance from a string's start and line's end. */
Test(scan_record, every_byte_in_every_place)
{
	char line[128];

	for (size_t len = 0; len <= 50; len++) {
		for (size_t at = 0; at < len; at++) {
			for (int c = 0; c < 256; c++) {
				memcpy(line, "{\"a\":\"", 6);
				memset(line + 6, 'x', len);
				line[6 + at] = (char)c;
				memcpy(line + 6 + len, "\"}", 2);
				same(line, len + 8);
			}
		}
	}
}

/* Digits of every number, followed by every byte. */
Test(scan_record, every_end_of_a_number)
{
	char line[128];

	for (int n = 0; n <= 40; n++) {
		for (int c = 0; c < 256; c++) {
			for (const char *first = "019"; *first; first++) {
				memcpy(line, "{\"a\":", 5);
				memset(line + 5, '9', (size_t)n + 1);
				line[5] = *first;
				line[5 + n] = (char)c;
				memcpy(line + 6 + n, "\"b\":\"0123456789abcdef\"}", 23);
				same(line, 29 + (size_t)n);
			}
		}
	}
}
