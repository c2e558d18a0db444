/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* replay.c - does a capture come back whole, and does rubbish do no harm? */
#include "daemon/replay.h"

#include <errno.h>

#include "base/cleanup.h"
#include "daemon/pipeline.h"
#include "made_up.h"

static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text;

	cr_assert(f != NULL);
	fseek(f, 0, SEEK_END);
	*len = (size_t)ftell(f);
	rewind(f);
	text = calloc(1, *len + 1);
	cr_assert(fread(text, 1, *len, f) == *len);
	fclose(f);
	return text;
}

static void spit(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "we");

	cr_assert(f != NULL && fwrite(text, 1, len, f) == len);
	fclose(f);
}

/* The capture through the maths; publishes nothing. Returns the first error. */
static int run(const char *path, bool *ret_cut, struct why *why)
{
	struct pipeline_options o = { .keep_total = true };
	struct pipeline *p = NULL;
	struct tick *total;
	int err = replay_new(path, &o.replay, why);

	if (err)
		return err;
	o.by = replay_head(o.replay)->by;
	err = pipeline_new(&o, &p, why);
	if (!err)
		err = pipeline_replay(p, ret_cut, why);
	if (!err && !pipeline_total(p, &total))
		cr_assert(total->n_windows > 0);
	pipeline_free(p);
	replay_free(o.replay);
	return err;
}

Test(replay, comes_back_whole)
{
	struct made_up written, again;
	struct why why = { "" };
	enum replay_event event;
	struct replay *r = NULL;

	made_up_begin(&written, 1, false);
	made_up_capture(&written, 2);
	made_up_begin(&again, 1, false);
	cr_assert(replay_new(written.path, &r, &why) == 0, "%s", why.text);
	cr_assert_str_eq(replay_head(r)->power_choice, "made up");
	cr_assert_str_eq(replay_intensity(r)->zone_name, "France");
	for (uint64_t i = 0; i < 8; i++) {
		bool tick = i % 4 == 3;

		cr_assert(replay_next(r, &event, &why) == 0, "%s", why.text);
		cr_assert(event == (tick ? REPLAY_TICK : REPLAY_WINDOW));
		if (tick) {
			cr_assert(replay_tick(r)->mono_ns == 2000 + i / 4);
			continue;
		}
		made_up_window(&again, i - i / 4);
		cr_assert(replay_usage(r)->n_rows == again.usage.n_rows);
		cr_assert(memcmp(replay_usage(r)->rows, again.row,
				 again.usage.n_rows * sizeof(*again.row)) == 0);
		cr_assert(memcmp(&replay_usage(r)->books, &again.usage.books,
				 sizeof(again.usage.books)) == 0);
		for (size_t d = 0; d < 3; d++)
			cr_assert(replay_energy(r)->reading[d].energy_uj ==
				  again.energy.reading[d].energy_uj);
		cr_assert(replay_energy(r)->n_gaps == again.energy.n_gaps);
	}
	cr_assert(replay_next(r, &event, &why) == 0 && event == REPLAY_END);
	cr_assert(replay_end(r)->mono_ns == 9000);
	replay_free(r);
	unlink(written.path);
	unlink(again.path);
}

Test(replay, names_by_who_not_by_place)
{
	struct made_up m;
	struct why why = { "" };
	enum replay_event event = REPLAY_WINDOW;
	struct replay *r = NULL;
	struct tick *t;

	made_up_begin(&m, 2, false);
	made_up_capture(&m, 1);
	cr_assert(replay_new(m.path, &r, &why) == 0);
	while (event == REPLAY_WINDOW)
		cr_assert(replay_next(r, &event, &why) == 0);
	t = made_up_tick(&m);
	for (int turn = 0; turn < 2; turn++) {
		struct sample first = t->sample[0];

		t->sample[0] = t->sample[1];
		t->sample[1] = first;
		t->sample[0].name = t->sample[1].name = "wrong";
		replay_name(r, t);
		cr_assert_str_eq(t->sample[turn].name, "\xff");
		cr_assert_str_eq(t->sample[!turn].name, "made up");
		cr_assert(t->sample[turn].cgroup == NULL);
	}
	t->sample[0].tgid = 4711;
	replay_name(r, t);
	cr_assert(t->sample[0].name == NULL);
	replay_free(r);
	unlink(m.path);
}

Test(replay, without_names)
{
	struct made_up m;
	struct why why = { "" };
	CLEANUP(cleanup_free) char *text = NULL;
	bool cut = true;
	size_t len;

	made_up_begin(&m, 3, false);
	m.head.has_names = false;
	made_up_capture(&m, 2);
	text = slurp(m.path, &len);
	cr_assert(!strstr(text, "made\\tup") && !strstr(text, "\"name\"}") &&
		  !strstr(text, "\"host\":\"h\"") && !strstr(text, "/a"));
	cr_assert(run(m.path, &cut, &why) == 0 && !cut, "%s", why.text);
	unlink(m.path);
}

/* Cut at any byte: what is whole is replayed, and that it was cut is said; or it is refused. */
Test(replay, cut_anywhere)
{
	struct made_up m;
	CLEANUP(cleanup_free) char *text = NULL;
	size_t len;

	made_up_begin(&m, 4, false);
	made_up_capture(&m, 2);
	text = slurp(m.path, &len);
	for (size_t n = 0; n < len; n += 1 + n % 7) {
		struct why why = { "" };
		bool cut = false;

		spit(m.path, text, n);
		if (run(m.path, &cut, &why))
			cr_assert(why.text[0]);
		else
			cr_assert(cut, "cut at %zu of %zu", n, len);
	}
	unlink(m.path);
}

static size_t n_of_lines(char *text, char *line[], size_t most)
{
	size_t n = 0;

	while (*text && n < most) {
		line[n++] = text;
		text = strchr(text, '\n') + 1;
	}
	line[n] = text;
	return n;
}

/* A line left out, twice, or in another's place is refused, or it was one that may be. */
Test(replay, lines_in_disorder)
{
	struct made_up m;
	CLEANUP(cleanup_free) char *text = NULL;
	char *line[512];
	size_t len, n;

	made_up_begin(&m, 5, false);
	made_up_capture(&m, 2);
	text = slurp(m.path, &len);
	n = n_of_lines(text, line, 511);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_free) struct buf less = { 0 };
		struct why why = { "" };
		bool cut = false;
		int err;

		buf_append(&less, text, (size_t)(line[i] - text));
		buf_append(&less, line[i + 1], len - (size_t)(line[i + 1] - text));
		spit(m.path, less.data, less.len);
		err = run(m.path, &cut, &why);
		/* A tick's line and its names go together; only the end may be missing. */
		cr_assert(err ? why.text[0] != '\0' : cut, "without line %zu: %.*s", i + 1, 60,
			  line[i]);
	}
	unlink(m.path);
}

Test(replay, refuses_with_the_line)
{
	static const char head[] = "{\"k\":\"capture\"}\n";
	/* It has other fields, too: its number says more than the first that is missing. */
	static const char older[] = "{\"by\":\"cgroup\",\"k\":\"capture\",\"version\":2}\n";
	struct why why = { "" };
	bool cut;
	char path[] = "/tmp/jt-capture-XXXXXX";
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	close(fd);
	cr_assert(run("/nonexistent", &cut, &why) == -ENOENT && strstr(why.text, "/nonexistent"));
	spit(path, "", 0);
	cr_assert(run(path, &cut, &why) == -EBADMSG && strstr(why.text, "empty"));
	spit(path,
	     "\x7f"
	     "ELF\n",
	     5);
	cr_assert(run(path, &cut, &why) == -EBADMSG && strstr(why.text, "line 1"));
	spit(path, head, sizeof(head) - 1);
	cr_assert(run(path, &cut, &why) == -EBADMSG && strstr(why.text, "line 1"));
	spit(path, older, sizeof(older) - 1);
	cr_assert(run(path, &cut, &why) == -EBADMSG && strstr(why.text, "of version 2"), "%s",
		  why.text);
	unlink(path);
}

/* Figures of any size: an answer or an error, never a crash (the sanitizer tree looks too). */
Test(replay, hostile_figures)
{
	int n_done = 0, n_rounds = getenv("LONG") ? 5000 : 300;

	for (int i = 0; i < n_rounds; i++) {
		struct made_up m;
		struct why why = { "" };
		bool cut;

		made_up_begin(&m, 1000 + (uint64_t)i, true);
		m.intensity.mg_per_kwh = made_up_figure(&m, 100000);
		made_up_capture(&m, 2);
		if (!run(m.path, &cut, &why))
			n_done++;
		else
			cr_assert(why.text[0]);
		unlink(m.path);
	}
	cr_assert(n_done > 0);
}

/* Bytes changed anywhere. */
Test(replay, changed_bytes)
{
	struct random_source r = { .seed = 6 };
	int n_rounds = getenv("LONG") ? 20000 : 1000;
	struct made_up m;
	CLEANUP(cleanup_free) char *text = NULL;
	size_t len;

	made_up_begin(&m, 7, false);
	made_up_capture(&m, 2);
	text = slurp(m.path, &len);
	for (int i = 0; i < n_rounds; i++) {
		CLEANUP(cleanup_free) char *bad = strdup(text);
		struct why why = { "" };
		bool cut = false;

		for (size_t n = 1 + random_below(&r, 3); n; n--) {
			static const char likely[] = "0123456789\"{}[],:-\\u\n";
			size_t at = random_below(&r, len);

			bad[at] = random_below(&r, 2) ? likely[random_below(&r, sizeof(likely) - 1)]
						      : (char)random_u64(&r);
		}
		spit(m.path, bad, len);
		if (run(m.path, &cut, &why))
			cr_assert(why.text[0]);
	}
	unlink(m.path);
}
