/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* format.h - each kind of record as its one canonical line: docs/ledger.md, "Records". */
#ifndef LEDGER_FORMAT_H
#define LEDGER_FORMAT_H

#include "base/buf.h"
#include "base/json.h"
#include "ledger/ledger.h"
#include "ledger/note.h"

#define FORMAT_VERSION	1
#define FORMAT_SALT_LEN 16
#define FORMAT_UUID_LEN 37

/* What every record carries: i, prev, salt, t, mono_us. */
struct format_head {
	uint64_t index;
	struct hash prev; /* leaf of the line before; zeros for the first */
	uint8_t salt[FORMAT_SALT_LEN];
	int64_t real_us;
	uint64_t mono_us;
};

struct format_open {
	const struct ledger_options *options;
	const char *origin;
	const char *vkey;
	char boot_id[FORMAT_UUID_LEN];
	const struct checkpoint *previous; /* the damaged log that this one follows; NULL = none */
};

/* Ticks that could not be committed. */
struct format_gap {
	uint64_t n_ticks;
	int64_t from_us; /* real time */
	int64_t to_us;
	const char *reason; /* static */
};

/* The key with which the next epoch is signed. */
struct format_key {
	uint64_t epoch;
	const char *vkey;
};

/* Bytes that no checkpoint covered, set aside at start. */
struct format_recover {
	uint64_t bytes;
	char sha256[HASH_HEX_LEN + 1];
};

/* Each appends one line without its LF to out, whose err the caller checks. */
void format_open_line(struct buf *out, const struct format_head *h, const struct format_open *o);
void format_gap_line(struct buf *out, const struct format_head *h, const struct format_gap *g);
void format_recover_line(struct buf *out, const struct format_head *h,
			 const struct format_recover *r);
void format_key_line(struct buf *out, const struct format_head *h, const struct format_key *k);
void format_close_line(struct buf *out, const struct format_head *h);
void format_tick_line(struct buf *out, const struct format_head *h, const struct tick *t);
/* Sample i of t, whose own record has index tick_index. */
void format_sample_line(struct buf *out, const struct format_head *h, const struct tick *t,
			size_t i, uint64_t tick_index);

/* The head's members, to be written where the order of names puts them. */
void format_head_index(struct json_writer *w, const struct format_head *h, const char *kind);
void format_head_mono(struct json_writer *w, const struct format_head *h);
void format_head_prev(struct json_writer *w, const struct format_head *h);
void format_head_salt(struct json_writer *w, const struct format_head *h);
void format_head_time(struct json_writer *w, const struct format_head *h);
void format_head_version(struct json_writer *w);

/* An integer within ±(2^53 - 1): what lies beyond is cut to that, as no real figure does. */
void format_int(struct json_writer *w, const char *name, int64_t v);
void format_count(struct json_writer *w, const char *name, uint64_t v);

/* "" for NULL. */
const char *format_or_empty(const char *s);

/* Energy and carbon as a decimal string; null where it is not known, which is not 0. */
void format_figure(struct json_writer *w, const char *name, uint64_t v, bool known);

/* Has the tick any energy figure at all? */
bool format_tick_known(const struct tick *t);

/* Member unattributed_by_uj: only the reasons that there were. */
void format_reasons(struct json_writer *w, const uint64_t by_uj[SHARES_N_REASONS]);

#endif /* LEDGER_FORMAT_H */
