/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics_series.c - consumers by their labels: found, made, folded together, evicted. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fnv.h"
#include "export/metrics_parts.h"
#include "export/parts.h"
#include "export/text.h"

/* What key and labels may take together, on average per consumer: see metrics_max_bytes(). */
#define NAME_BYTES 768

/* Bytes that stand for themselves. */
static bool is_plain(const char *s, size_t len)
{
	if (len > METRICS_LABEL_LEN)
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\')
			return false;
	return true;
}

/* Prometheus' escapes over those of a terminal: names are bytes, labels are UTF-8. */
void metrics_put_label_value(struct buf *out, const char *s)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	size_t len;

	s = s ? s : "(unknown)";
	len = strlen(s);
	if (is_plain(s, len)) {
		buf_append(out, s, len);
		return;
	}
	text_put_escaped_end(&text, s, METRICS_LABEL_LEN);
	if (text.err && !out->err)
		out->err = text.err;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, text.data[i]);
	}
}

static void put_label(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_putc(out, ',');
	buf_puts(out, name);
	buf_puts(out, "=\"");
	metrics_put_label_value(out, value);
	buf_putc(out, '"');
}

/* The labels of one consumer, in the order in which they are written; NULL = not known. */
enum { N_LABELS = 14 };
static const char *const label_names[N_LABELS] = {
	"consumer", "id",	"cgroup", "container", "container_name", "image", "namespace",
	"pod",	    "pod_name", "qos",	  "runtime",   "unit",		 "user",  "vm"
};

static void labels_of(const struct sample *s, char id[PARTS_ID_LEN], const char *ret[N_LABELS])
{
	const struct sample_labels *l = &s->labels;
	const char *const values[N_LABELS] = {
		s->name ? s->name : s->cgroup,
		record_kind_is_task(s->kind) ? parts_consumer_id(s, id) : s->id,
		s->kind == RECORD_CGROUP ? NULL : s->cgroup,
		l->container,
		l->container_name,
		l->image,
		l->namespace,
		l->pod,
		l->pod_name,
		l->qos,
		l->runtime,
		l->unit,
		l->user,
		l->vm,
	};

	memcpy(ret, values, sizeof(values));
	if (!ret[0])
		ret[0] = "(unknown)";
	if (ret[1] && strcmp(ret[1], ret[0]) == 0)
		ret[1] = NULL;
}

static void put_labels(struct buf *out, const char *const value[N_LABELS])
{
	buf_puts(out, "kind=\"consumer\"");
	for (size_t i = 0; i < N_LABELS; i++)
		put_label(out, label_names[i], value[i]);
}

/* What the labels are made of, without their cost: most consumers are known already. */
static void put_key(struct buf *out, const char *const value[N_LABELS])
{
	for (size_t i = 0; i < N_LABELS; i++)
		buf_append(out, value[i] ? value[i] : "", value[i] ? strlen(value[i]) + 1 : 1);
}

/* The slot of the series of that name, or the empty one where it belongs. */
static uint32_t *slot_of(const struct metrics *m, enum metrics_name which,
			 const struct metrics_text *t)
{
	for (size_t i = t->hash & (m->n_slots - 1);; i = (i + 1) & (m->n_slots - 1)) {
		uint32_t *slot = &m->slot[which][i];
		const struct metrics_text *there;

		if (*slot == 0)
			return slot;
		there = &m->series[*slot - 1].name[which];
		if (there->hash == t->hash && there->len == t->len &&
		    memcmp(there->data, t->data, t->len) == 0)
			return slot;
	}
}

void metrics_amount_add(struct metrics_amounts *to, enum metrics_amount what, uint64_t more)
{
	if (__builtin_add_overflow(to->value[what], more, &to->value[what]))
		to->value[what] = UINT64_MAX;
	to->known |= 1U << what;
}

/* Slots are made anew: series have moved. */
static void index_all(struct metrics *m)
{
	for (enum metrics_name k = 0; k < METRICS_N_NAMES; k++) {
		memset(m->slot[k], 0, m->n_slots * sizeof(*m->slot[k]));
		for (size_t i = 0; i < m->n; i++)
			*slot_of(m, k, &m->series[i].name[k]) = (uint32_t)i + 1;
	}
}

void metrics_series_free(struct metrics_series *s)
{
	for (enum metrics_name k = 0; k < METRICS_N_NAMES; k++)
		free(s->name[k].data);
}

void metrics_evict(struct metrics *m, uint64_t keep_ns, uint64_t now_mono_ns)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct metrics_series *s = &m->series[i];

		if (now_mono_ns - s->seen_mono_ns < keep_ns) {
			m->series[n++] = *s;
			continue;
		}
		for (int k = 0; k < METRICS_N_AMOUNTS; k++)
			if (s->amounts.known & (1U << k))
				metrics_amount_add(&m->evicted, k, s->amounts.value[k]);
		for (enum metrics_name k = 0; k < METRICS_N_NAMES; k++)
			m->n_bytes -= s->name[k].len;
		m->sums.n_evicted++;
		metrics_series_free(s);
	}
	if (n == m->n)
		return;
	m->n = n;
	index_all(m);
}

static struct metrics_text sought(const struct metrics *m, enum metrics_name which)
{
	const struct buf *b = &m->sought[which];

	return (struct metrics_text){ b->data, b->len, fnv_add(FNV_BEGIN, b->data, b->len) };
}

static bool has_room(const struct metrics *m)
{
	size_t len = m->sought[METRICS_KEY].len + m->sought[METRICS_LABELS].len;

	return m->n < m->max && m->n_bytes + len <= m->max * NAME_BYTES;
}

/* A series for what is sought; NULL without memory. */
static struct metrics_series *append(struct metrics *m)
{
	struct metrics_series s = { .seen_mono_ns = 0 };

	for (enum metrics_name k = 0; k < METRICS_N_NAMES; k++) {
		s.name[k] = sought(m, k);
		s.name[k].data = malloc(s.name[k].len + 1);
		if (!s.name[k].data) {
			metrics_series_free(&s);
			return NULL;
		}
		memcpy(s.name[k].data, m->sought[k].data, s.name[k].len);
	}
	m->series[m->n++] = s;
	for (enum metrics_name k = 0; k < METRICS_N_NAMES; k++) {
		*slot_of(m, k, &s.name[k]) = (uint32_t)m->n;
		m->n_bytes += s.name[k].len;
	}
	return &m->series[m->n - 1];
}

/* The series of a consumer whose key is not known; NULL where there is no room for it. */
static struct metrics_series *new_series(struct metrics *m, const char *const value[N_LABELS],
					 uint64_t now_mono_ns)
{
	struct metrics_text labels;
	uint32_t slot;

	/* Making labels is what costs: not for those that cannot have a series. */
	if (m->n == m->max && m->swept)
		return NULL;
	buf_reset(&m->sought[METRICS_LABELS]);
	put_labels(&m->sought[METRICS_LABELS], value);
	if (m->sought[METRICS_LABELS].err)
		return NULL;
	labels = sought(m, METRICS_LABELS);
	slot = *slot_of(m, METRICS_LABELS, &labels);
	if (slot)
		return &m->series[slot - 1];
	if (!has_room(m) && !m->swept) {
		metrics_evict(m, METRICS_KEEP_FULL_NS, now_mono_ns);
		m->swept = true;
	}
	return has_room(m) ? append(m) : NULL;
}

struct metrics_amounts *metrics_consumer(struct metrics *m, const struct sample *sample,
					 uint64_t now_mono_ns)
{
	struct metrics_series *s = NULL;
	const char *value[N_LABELS];
	char id[PARTS_ID_LEN];

	labels_of(sample, id, value);
	buf_reset(&m->sought[METRICS_KEY]);
	put_key(&m->sought[METRICS_KEY], value);
	if (!m->sought[METRICS_KEY].err) {
		struct metrics_text key = sought(m, METRICS_KEY);
		uint32_t slot = *slot_of(m, METRICS_KEY, &key);

		s = slot ? &m->series[slot - 1] : new_series(m, value, now_mono_ns);
	}
	if (!s) {
		m->sums.n_folded++;
		return &m->other;
	}
	s->seen_mono_ns = now_mono_ns;
	return &s->amounts;
}

size_t metrics_max_bytes(size_t max_series)
{
	/* A sample: labels, and 96 bytes for a name and a figure; 64 KiB for all others. */
	return (max_series * (NAME_BYTES + 96)) * METRICS_N_AMOUNTS + (64U << 10);
}
