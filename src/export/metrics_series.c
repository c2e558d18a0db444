/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics_series.c - consumers by their labels: found, made, folded together, evicted. */
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "export/metrics_parts.h"
#include "export/parts.h"
#include "export/text.h"

/* What labels may take together, on average per consumer: see metrics_max_bytes(). */
#define LABEL_BYTES 384

/* Bytes that stand for themselves, so that most names are one copy. */
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
	struct buf text = { 0 };
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
	buf_free(&text);
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

void metrics_put_labels(struct buf *out, const struct sample *s)
{
	const struct sample_labels *l = &s->labels;
	bool is_task = record_kind_is_task(s->kind);
	const char *name = s->name ? s->name : s->cgroup;
	char id[PARTS_ID_LEN];

	buf_puts(out, "kind=\"consumer\",consumer=\"");
	metrics_put_label_value(out, name);
	buf_putc(out, '"');
	if (is_task)
		put_label(out, "id", parts_consumer_id(s, id));
	else if (s->id && s->id != name && strcmp(s->id, name) != 0)
		put_label(out, "id", s->id);
	if (s->kind != RECORD_CGROUP)
		put_label(out, "cgroup", s->cgroup);
	put_label(out, "container", l->container);
	put_label(out, "pod", l->pod);
	put_label(out, "qos", l->qos);
	put_label(out, "runtime", l->runtime);
	put_label(out, "unit", l->unit);
	put_label(out, "user", l->user);
	put_label(out, "vm", l->vm);
}

/* The slot that holds the labels, or the empty one where they belong. */
static uint32_t *slot_of(struct metrics *m, const char *labels, size_t len, uint64_t hash)
{
	for (size_t i = hash & (m->n_slots - 1);; i = (i + 1) & (m->n_slots - 1)) {
		const struct metrics_series *s;

		if (m->slot[i] == 0)
			return &m->slot[i];
		s = &m->series[m->slot[i] - 1];
		if (s->hash == hash && s->len == len && memcmp(s->labels, labels, len) == 0)
			return &m->slot[i];
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
	memset(m->slot, 0, m->n_slots * sizeof(*m->slot));
	for (size_t i = 0; i < m->n; i++)
		*slot_of(m, m->series[i].labels, m->series[i].len, m->series[i].hash) =
			(uint32_t)i + 1;
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
		m->label_bytes -= s->len;
		m->sums.n_evicted++;
		free(s->labels);
	}
	if (n == m->n)
		return;
	m->n = n;
	index_all(m);
}

static bool has_room(const struct metrics *m, size_t len)
{
	return m->n < m->max && m->label_bytes + len <= m->max * LABEL_BYTES;
}

/* A new series for what is in the scratch; NULL where there is no room. */
static struct metrics_series *add_series(struct metrics *m, uint64_t hash, uint64_t now_mono_ns)
{
	size_t len = m->scratch.len;
	struct metrics_series *s;
	char *labels;

	if (!has_room(m, len) && !m->swept) {
		metrics_evict(m, METRICS_KEEP_FULL_NS, now_mono_ns);
		m->swept = true;
	}
	if (!has_room(m, len))
		return NULL;
	labels = malloc(len);
	if (!labels)
		return NULL;
	memcpy(labels, m->scratch.data, len);
	s = &m->series[m->n];
	*s = (struct metrics_series){ .labels = labels, .len = len, .hash = hash };
	*slot_of(m, labels, len, hash) = (uint32_t)++m->n;
	m->label_bytes += len;
	return s;
}

struct metrics_amounts *metrics_consumer(struct metrics *m, const struct sample *sample,
					 uint64_t now_mono_ns)
{
	struct metrics_series *s = NULL;
	uint32_t slot;
	uint64_t hash;

	buf_reset(&m->scratch);
	metrics_put_labels(&m->scratch, sample);
	if (!m->scratch.err) {
		hash = fnv_add(FNV_BEGIN, m->scratch.data, m->scratch.len);
		slot = *slot_of(m, m->scratch.data, m->scratch.len, hash);
		s = slot ? &m->series[slot - 1] : add_series(m, hash, now_mono_ns);
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
	return (max_series * (LABEL_BYTES + 96)) * METRICS_N_AMOUNTS + (64U << 10);
}
