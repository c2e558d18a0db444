/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-intensity.c - files of series and answers of live feeds; the first byte chooses. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "intensity/answer.h"
#include "intensity/series_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was read keeps the rules of series.h. */
static void check(const struct series *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct series_point *p = &s->point[i];

		if (p->start_s >= p->end_s || (i && p->start_s < s->point[i - 1].end_s) ||
		    p->low_mg_per_kwh > p->mg_per_kwh || p->mg_per_kwh > p->high_mg_per_kwh ||
		    p->high_mg_per_kwh > SERIES_MAX_MG_PER_KWH)
			abort();
	}
}

/* And what is written is read again, the same. */
static void check_written(const struct series *s)
{
	struct series_set set = { 0 };
	struct buf out = { 0 };
	struct why why;

	series_write_csv(s, &out);
	if (!out.err && s->n) {
		if (series_read("again", out.data, out.len, &set, &why))
			abort();
		if (set.n != 1 || set.series[0].n != s->n ||
		    memcmp(set.series[0].point, s->point, s->n * sizeof(*s->point)) != 0)
			abort();
	}
	series_set_free(&set);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	struct series_set set = { 0 };
	struct series s = { 0 };
	unsigned int n_ahead;
	char words[64];
	struct why why;

	if (size == 0)
		return 0;
	size--;
	if (data[0] - '0' < N_ANSWER_FEEDS && data[0] >= '0') {
		struct answer_text t = { (enum answer_feed)(data[0] - '0'), text, size,
					 1767225600 };

		if (answer_read(&t, &s, &n_ahead, &why) == 0 && series_finish(&s) == 0) {
			check(&s);
			check_written(&s);
		}
		answer_read_token(text, size, words, sizeof(words));
		answer_read_error(text, size, words, sizeof(words));
	} else if (series_read("fuzz", text, size, &set, &why) == 0) {
		for (size_t i = 0; i < set.n; i++)
			check(&set.series[i]);
	}
	series_free(&s);
	series_set_free(&set);
	return 0;
}
