/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* replay.c - see replay.h. */
#include "daemon/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "jouletrail/units.h"
#include "ledger/scan.h"

/* What a machine has at most: a number beyond it is no capture's. */
#define MAX_CAPACITY 8388608
#define MAX_CPUS     65536

struct replay {
	FILE *file;
	char line[SCAN_MAX_LINE + 1];
	bool is_too_long;
	ssize_t len; /* of the line in hand; -1 = none: the next call reads one */
	bool ended;
	uint64_t n_lines;
	struct line_strings strings; /* for as long as r */
	struct line_strings names;   /* of the last tick */
	struct capture_head head;
	struct intensity intensity;
	bool has_layout;
	struct usage usage;
	struct energy energy;
	struct capture_tick tick;
	struct capture_end end;
	size_t n_names;
	size_t names_capacity;
	struct capture_name *name;
};

DEFINE_CLEANUP(struct replay *, replay_free)

void replay_free(struct replay *r)
{
	if (!r)
		return;
	if (r->file)
		fclose(r->file);
	free(r->usage.rows);
	free(r->name);
	line_strings_free(&r->strings);
	line_strings_free(&r->names);
	free(r);
}

/* Puts where before what is wrong. */
static int refuse(const struct replay *r, int err, struct why *why, const char *what)
{
	return why_set(why, err, "line %llu: %s", (unsigned long long)r->n_lines, what);
}

/* The line in hand, without its LF, read if need be. Returns 1; 0 at the end of file; -errno. */
static int look(struct replay *r, struct why *why)
{
	size_t len = 0;
	int c = 0;

	if (r->len >= 0)
		return 1;
	while (!r->is_too_long && (c = getc_unlocked(r->file)) != EOF && c != '\n') {
		/* What follows is none of another line: nothing more is read. */
		r->is_too_long = len == sizeof(r->line);
		if (!r->is_too_long)
			r->line[len++] = (char)c;
	}
	if (c == EOF && ferror(r->file))
		return refuse(r, -EIO, why, "the next cannot be read");
	/* A last line without its LF was being written when the writer was stopped. */
	if (c == EOF)
		return 0;
	if (r->is_too_long)
		return why_set(why, -EBADMSG, "line %llu: longer than any line is",
			       (unsigned long long)r->n_lines + 1);
	r->n_lines++;
	r->len = (ssize_t)len;
	return 1;
}

/* Whether the line in hand is of kind k. */
static bool is_next(struct replay *r, const struct line_kind *k, struct why *why)
{
	return look(r, why) > 0 && line_is(r->line, (size_t)r->len, k);
}

/* Takes a line of kind k. Returns 0; -ENODATA at the end of the file; -EBADMSG, -errno with why. */
static int take_into(struct replay *r, const struct line_kind *k, void *to,
		     struct line_strings *strings, struct why *why)
{
	struct why what = { "" };
	int err = look(r, why);

	if (err <= 0)
		return err < 0 ? err : -ENODATA;
	err = line_get(r->line, (size_t)r->len, k, to, strings, &what);
	r->len = -1;
	return err ? refuse(r, err, why, what.text) : 0;
}

static int take(struct replay *r, const struct line_kind *k, void *to, struct why *why)
{
	return take_into(r, k, to, &r->strings, why);
}

/* Before its fields: another version has others. */
static int check_version(struct replay *r, struct why *why)
{
	struct scan_value line, v;
	const char *what;
	int64_t version;
	size_t at;

	if (!is_next(r, &capture_line_head, why))
		return 0;
	line = (struct scan_value){ r->line, (size_t)r->len };
	if (scan_line(line.at, line.len, &what, &at) || scan_member(line, "version", &v) ||
	    scan_i64(v, &version) || version == CAPTURE_VERSION)
		return 0;
	return why_set(why, -EBADMSG,
		       "a capture of version %lld: this program replays version %d alone",
		       (long long)version, CAPTURE_VERSION);
}

static int take_head(struct replay *r, struct why *why)
{
	struct capture_head *h = &r->head;
	int err = check_version(r, why);

	if (!err)
		err = take(r, &capture_line_head, h, why);
	if (err == -ENODATA)
		return why_set(why, -EBADMSG, "the file is empty");
	if (!err && h->capacity > MAX_CAPACITY)
		return refuse(r, -EBADMSG, why, "more rows than any machine has");
	if (!err && (h->corun_percent < 50 || h->corun_percent > 100))
		return refuse(r, -EBADMSG, why,
			      "a co-run that counts less than half or more than all");
	return err;
}

static int take_intensity(struct replay *r, struct why *why)
{
	struct intensity *i = &r->intensity;
	int err;

	memset(i, 0, sizeof(*i));
	err = take(r, &capture_line_intensity, i, why);
	if (!err && (!i->accounting || !i->boundary || !i->kind || !i->source || !i->zone_name))
		err = refuse(r, -EBADMSG, why, "an intensity without its words");
	return err;
}

int replay_new(const char *path, struct replay **ret, struct why *why)
{
	CLEANUP(replay_free_ptr) struct replay *r = calloc(1, sizeof(*r));
	struct why what = { "" };
	int err;

	if (!r)
		return why_set(why, -ENOMEM, "capture %s: out of memory", path);
	r->len = -1;
	r->file = fopen(path, "re");
	if (!r->file)
		return why_set(why, -errno, "capture %s: %s", path, strerror(errno));
	err = take_head(r, &what);
	if (!err)
		err = take_intensity(r, &what);
	if (err)
		return why_set(why, err, "capture %s: %s", path, what.text);
	r->usage.capacity = r->head.capacity;
	/* Untouched pages cost nothing. */
	r->usage.rows = calloc(r->head.capacity + 1, sizeof(*r->usage.rows));
	if (!r->usage.rows)
		return why_set(why, -ENOMEM, "capture %s: out of memory", path);
	*ret = TAKE_PTR(r);
	return 0;
}

/* Parents are domains, none is its own ancestor, and what is counted lies in nothing counted. */
static bool is_domain_sound(const struct energy *e, size_t i)
{
	const struct energy_domain *d = &e->domain[i], *up = d;
	size_t n_steps = 0;

	if (d->package < -1 || d->package >= JT_MAX_PACKAGES || d->systematic.minus < 0 ||
	    d->systematic.plus < 0)
		return false;
	while (up->parent >= 0) {
		if (up->parent >= (int)e->n_domains || n_steps++ == e->n_domains)
			return false;
		up = &e->domain[up->parent];
		if (d->counted && up->counted)
			return false;
	}
	return true;
}

static int take_layout(struct replay *r, struct why *why)
{
	struct energy *e = &r->energy;
	int err = take(r, &capture_line_layout, e, why);

	if (!err && e->n_domains > ENERGY_MAX_DOMAINS)
		return refuse(r, -EBADMSG, why, "too many domains");
	memset(e->domain, 0, sizeof(e->domain));
	for (size_t i = 0; i < e->n_domains && !err; i++)
		err = take(r, &capture_line_domain, &e->domain[i], why);
	for (size_t i = 0; i < e->n_domains && !err; i++)
		if (!is_domain_sound(e, i))
			err = refuse(r, -EBADMSG, why, "a domain of these is not sound");
	r->has_layout = !err;
	return err;
}

/* Of no domain more than there is. */
static int take_uses(struct replay *r, struct why *why)
{
	uint64_t sum_ppm[ENERGY_MAX_DOMAINS] = { 0 };
	struct energy *e = &r->energy;
	int err = 0;

	for (size_t i = 0; i < e->n_uses && !err; i++) {
		const struct energy_use *use = &e->use[i];

		err = take(r, &capture_line_use, &e->use[i], why);
		if (!err && (use->domain < 0 || use->domain >= (int)e->n_domains ||
			     (sum_ppm[use->domain] += use->ppm) > JT_PPM_PER_1))
			err = refuse(r, -EBADMSG, why,
				     "a use of no domain, or of more than all of it");
	}
	return err;
}

static int take_readings(struct replay *r, struct why *why)
{
	struct energy *e = &r->energy;
	int err = take(r, &capture_line_energy, e, why);

	if (!err && (e->n_gaps > ENERGY_MAX_GAPS || e->n_uses > ENERGY_MAX_USES))
		return refuse(r, -EBADMSG, why, "too many gaps or uses");
	for (size_t i = 0; i < e->n_domains && !err; i++) {
		err = take(r, &capture_line_reading, &e->reading[i], why);
		if (!err && (e->reading[i].idle_uj > e->reading[i].energy_uj ||
			     e->reading[i].random_sd_uj < 0))
			err = refuse(r, -EBADMSG, why, "more idle energy than energy");
	}
	for (size_t i = 0; i < e->n_gaps && !err; i++) {
		const struct energy_gap *g = &e->gap[i];

		err = take(r, &capture_line_gap, &e->gap[i], why);
		if (!err && (g->domain < -1 || g->domain >= (int)e->n_domains || !g->reason))
			err = refuse(r, -EBADMSG, why, "a gap of no domain, or without a reason");
	}
	return err ? err : take_uses(r, why);
}

static int take_row(struct replay *r, struct usage_row *row, struct why *why)
{
	uint64_t sum_ns = 0;
	int err = take(r, &capture_line_row, row, why);

	if (err)
		return err;
	for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++) {
		if (__builtin_add_overflow(sum_ns, row->cpu_ns[p], &sum_ns) ||
		    (p >= r->usage.n_packages && row->cpu_ns[p]))
			return refuse(r, -EBADMSG, why, "time on a package that is not there");
	}
	return sum_ns == row->total_ns ? 0 : refuse(r, -EBADMSG, why, "the packages do not add up");
}

static int take_usage(struct replay *r, struct why *why)
{
	struct usage *u = &r->usage;
	int err = take(r, &capture_line_window, u, why);

	if (err)
		return err;
	if (u->n_packages < 1 || u->n_packages > JT_MAX_PACKAGES || u->n_cpus < 1 ||
	    u->n_cpus > MAX_CPUS || u->n_rows > u->capacity ||
	    u->window.end_mono_ns < u->window.begin_mono_ns)
		return refuse(r, -EBADMSG, why, "a window that no machine has");
	err = take(r, &capture_line_books, &u->books, why);
	for (unsigned int p = 0; p < u->n_packages && !err; p++) {
		struct capture_package package;

		err = take(r, &capture_line_package, &package, why);
		if (err)
			break;
		u->package_id[p] = (long)package.id;
		u->package[p] = package.books;
	}
	for (size_t i = 0; i < u->n_rows && !err; i++)
		err = take_row(r, &u->rows[i], why);
	return err;
}

static int take_window(struct replay *r, struct why *why)
{
	int err = take_usage(r, why);

	if (!err && is_next(r, &capture_line_layout, why))
		err = take_layout(r, why);
	if (!err && !r->has_layout)
		return refuse(r, -EBADMSG, why, "a window without domains before it");
	return err ? err : take_readings(r, why);
}

static int take_names(struct replay *r, uint64_t n, struct why *why)
{
	int err = 0;

	line_strings_free(&r->names);
	r->n_names = 0;
	if (n > MAX_CAPACITY)
		return refuse(r, -EBADMSG, why, "more names than any machine has");
	while (r->n_names < n && !err) {
		if (r->n_names == r->names_capacity) {
			size_t capacity = r->names_capacity ? 2 * r->names_capacity : 64;
			void *bigger = realloc(r->name, capacity * sizeof(*r->name));

			if (!bigger)
				return refuse(r, -ENOMEM, why, "out of memory");
			r->name = bigger;
			r->names_capacity = capacity;
		}
		err = take_into(r, &capture_line_name, &r->name[r->n_names], &r->names, why);
		r->n_names += !err;
	}
	return err;
}

static int take_event(struct replay *r, enum replay_event *ret, struct why *why)
{
	int err = 0;

	if (is_next(r, &capture_line_intensity, why))
		err = take_intensity(r, why);
	if (err)
		return err;
	if (is_next(r, &capture_line_tick, why)) {
		*ret = REPLAY_TICK;
		err = take(r, &capture_line_tick, &r->tick, why);
		return err ? err : take_names(r, r->tick.n_names, why);
	}
	if (is_next(r, &capture_line_end, why)) {
		*ret = REPLAY_END;
		err = take(r, &capture_line_end, &r->end, why);
		if (!err)
			err = take_names(r, r->end.n_names, why);
		if (!err && look(r, why))
			err = refuse(r, -EBADMSG, why, "lines after the end");
		return err;
	}
	*ret = REPLAY_WINDOW;
	return take_window(r, why);
}

int replay_next(struct replay *r, enum replay_event *ret, struct why *why)
{
	int err = r->ended ? -ENODATA : take_event(r, ret, why);

	if (err)
		r->ended = true;
	if (err == -ENODATA) {
		*ret = REPLAY_CUT;
		return 0;
	}
	return err;
}

const struct capture_head *replay_head(const struct replay *r)
{
	return &r->head;
}

const struct usage *replay_usage(const struct replay *r)
{
	return &r->usage;
}

const struct energy *replay_energy(const struct replay *r)
{
	return &r->energy;
}

const struct intensity *replay_intensity(const struct replay *r)
{
	return &r->intensity;
}

const struct capture_tick *replay_tick(const struct replay *r)
{
	return &r->tick;
}

const struct capture_end *replay_end(const struct replay *r)
{
	return &r->end;
}

static bool is_of(const struct capture_name *n, const struct sample *s)
{
	return n->kind == s->kind && n->tgid == s->tgid && n->pid == s->pid &&
	       n->cgroup_id == s->cgroup_id && n->group == s->group &&
	       n->start_boottime_ns == s->start_boottime_ns && n->flags == s->flags;
}

/* Of one without a name line: what its rows say. */
static const char *own_name(const struct sample *s)
{
	return record_kind_is_task(s->kind) && s->comm[0] ? s->comm : NULL;
}

void replay_name(const struct replay *r, struct tick *t)
{
	size_t at = 0;

	/* In the order of the samples, unless the maths has changed since. */
	for (size_t i = 0; i < t->n_samples; i++) {
		struct sample *s = &t->sample[i];
		size_t n = 0;

		s->id = s->cgroup = NULL;
		s->name = own_name(s);
		s->labels = (struct sample_labels){ .user = NULL };
		while (n < r->n_names && !is_of(&r->name[(at + n) % r->n_names], s))
			n++;
		if (n == r->n_names)
			continue;
		at = (at + n) % r->n_names;
		s->id = r->name[at].id;
		s->name = r->name[at].name;
		s->labels = r->name[at].labels;
		s->cgroup = r->name[at].cgroup;
		at = (at + 1) % r->n_names;
	}
}
