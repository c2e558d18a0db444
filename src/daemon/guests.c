/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* guests.c - see guests.h: which machine has which folder, and how sure its energy is. */
#include "daemon/guests.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "export/guest.h"
#include "jouletrail/units.h"
#include "quant/value.h"

/*
 * A guest sees in its energy what its neighbours run, as RAPL's readers do (CVE-2020-8694): nobody
 * is told more often than about once a second. Less than one, for windows that are early.
 */
#define LEAST_NS (900 * JT_NS_PER_MS)

/* What a window gave one machine. */
struct guests_sum {
	uint64_t energy_uj;
	uint64_t by_factor_uj[SHARES_MAX_FACTORS];
	double attribution_sd_uj;
	double spread_uj;
	double static_sd_uj;
	double random_sd_uj;
	int64_t model_uj[SHARES_N_MODELS];
	bool ran;
	enum energy_quality quality;
};

struct guests_entry {
	uint64_t number;
	char name[GUEST_NAME_LEN];
	bool named;		 /* false: its id makes no folder */
	struct guest_tree *tree; /* NULL = it has none (yet) */
	uint64_t untold_uj;	 /* until it has one */
	bool troubled;		 /* was said */
	struct guests_sum window;
	enum energy_quality quality; /* of the last energy that was not missing */
	struct quant_value told;     /* all of it, with what its uncertainty is made of */
};

struct guests {
	struct identity *identity;
	struct guest_dir *dir;
	uint64_t update_ns;
	uint64_t told_mono_ns;
	bool full; /* was said */
	size_t n;
	struct guests_entry entry[GUESTS_MAX];
};

/* A place for the machine; the system's take one from a user's. NULL = there is none. */
static struct guests_entry *take_place(struct guests *g, const struct identity_vm *vm)
{
	struct identity_vm other;

	if (g->n < GUESTS_MAX)
		return &g->entry[g->n++];
	if (!g->full)
		log_warning("more than %d virtual machines run: those beyond are not told their "
			    "energy",
			    GUESTS_MAX);
	g->full = true;
	for (size_t i = 0; vm->by_system && i < g->n; i++) {
		if (identity_vm_get(g->identity, g->entry[i].number, &other) && other.by_system)
			continue;
		guest_tree_free(g->entry[i].tree);
		return &g->entry[i];
	}
	return NULL;
}

static struct guests_entry *find(struct guests *g, uint64_t number)
{
	struct guests_entry *e;
	struct identity_vm vm;

	for (size_t i = 0; i < g->n; i++)
		if (g->entry[i].number == number)
			return &g->entry[i];
	if (!identity_vm_get(g->identity, number, &vm))
		return NULL;
	e = take_place(g, &vm);
	if (!e)
		return NULL;
	*e = (struct guests_entry){ .number = number };
	e->named = !vm.nameless && !guest_name(vm.id, e->name);
	if (!e->named && !vm.nameless)
		log_warning("a virtual machine's name is too long for a folder: it is not told its "
			    "energy: %.64s…",
			    e->name);
	return e;
}

static void add_row(struct guests_entry *e, const struct shares *s, size_t row)
{
	const struct shares_row *r = &s->rows[row];
	struct guests_sum *w = &e->window;

	if (!w->ran)
		*w = (struct guests_sum){ .ran = true, .quality = ENERGY_MEASURED };
	w->energy_uj += r->energy_uj;
	for (size_t f = 0; f < s->n_factors; f++)
		w->by_factor_uj[f] += r->by_factor_uj[f];
	w->attribution_sd_uj += r->attribution_sd_uj;
	w->spread_uj += r->spread_uj;
	w->static_sd_uj += r->static_sd_uj;
	/* Shares of one reading err together. */
	w->random_sd_uj += sqrt(r->random_var_uj2);
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		w->model_uj[m] += r->model_uj[m];
	if (r->quality < w->quality)
		w->quality = r->quality;
}

/* What the split could have given instead; rows are one consumer: docs/method.md, "Sums". */
static double attribution_sd_uj(const struct guests_sum *w, const struct shares *s)
{
	double energy = (double)w->energy_uj, all = (double)s->host.attributed_uj;
	double border = w->spread_uj * (all > energy ? 1 - energy / all : 0);
	double sd = fmin(w->attribution_sd_uj, border);
	double var_uj2 = sd * sd + w->static_sd_uj * w->static_sd_uj;

	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		var_uj2 += (double)w->model_uj[m] * (double)w->model_uj[m] / 3;
	return sqrt(var_uj2);
}

/* Ids of factors are their indices; the attribution multiplies. */
static void add_value(struct guests_entry *e, const struct shares *s)
{
	const struct guests_sum *w = &e->window;
	double energy = (double)w->energy_uj, sd = attribution_sd_uj(w, s) / energy;
	struct quant_value v = { .value = energy, .random_var = w->random_sd_uj * w->random_sd_uj };

	for (size_t f = 0; f < s->n_factors; f++)
		quant_value_hang(&v,
				 &(struct quant_part){ .id = (uint32_t)f,
						       .amount = (double)w->by_factor_uj[f] },
				 &s->factor[f].sides);
	quant_value_hang(
		&v, &(struct quant_part){ .id = SHARES_MAX_FACTORS, .group = 1, .amount = energy },
		&(struct quant_sides){ sd, sd });
	quant_value_add(&e->told, &v);
}

static struct guest_quality quality_of(const struct guests *g, const struct guests_entry *e)
{
	const double most = 1e12; /* as wide as can be told */
	struct quant_interval i = quant_value_interval(&e->told);

	return (struct guest_quality){
		.quality = e->quality,
		.update_ns = g->update_ns,
		.low_ppm = (uint64_t)fmax(1, fmin(1e6, floor(1e6 * i.low / e->told.value))),
		.high_ppm = (uint64_t)fmin(most, fmax(1e6, ceil(1e6 * i.high / e->told.value))),
	};
}

/* Trouble is said when it begins. */
static void trouble(struct guests_entry *e, const char *why)
{
	if (!e->troubled)
		log_warning("guest %s is not told its energy: %s", e->name, why);
	e->troubled = true;
}

/* The one that has the folder of that name; NULL = nobody. */
static struct guests_entry *holder_of(struct guests *g, const char *name)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->entry[i].tree && !strcmp(g->entry[i].name, name))
			return &g->entry[i];
	return NULL;
}

/* Whether the folder is free for vm; takes it away from one that has ended, or is only a user's. */
static bool vacate(struct guests *g, const struct guests_entry *e, const struct identity_vm *vm)
{
	struct guests_entry *holder = holder_of(g, e->name);
	struct identity_vm other;

	if (!holder)
		return true;
	if (identity_vm_get(g->identity, holder->number, &other) &&
	    identity_vm_is_alive(g->identity, &other) && other.by_system >= vm->by_system)
		return false;
	guest_tree_free(holder->tree);
	holder->tree = NULL;
	holder->untold_uj = 0;
	return true;
}

static void open_tree(struct guests *g, struct guests_entry *e)
{
	struct why why = { "" };
	struct identity_vm vm;
	uint32_t gid;

	/* By nobody but its process is known who is to read it. */
	if (!identity_vm_get(g->identity, e->number, &vm) || !vm.tgid)
		return;
	/* Users start what they like, under any name. */
	if (!vm.by_system && !guest_dir_has(g->dir, e->name)) {
		trouble(e, "a user's machine is told where there is a folder for it");
		return;
	}
	if (!vacate(g, e, &vm)) {
		trouble(e, "another one of that name runs");
		return;
	}
	if (identity_vm_gid(g->identity, &vm, &gid))
		gid = (uint32_t)-1;
	if (guest_tree_open(g->dir, e->name, (gid_t)gid, &e->tree, &why)) {
		trouble(e, why.text);
		return;
	}
	if (why.text[0])
		log_warning("%s", why.text);
	log_info("guest %s is told its energy", e->name);
	e->troubled = false;
	guest_tree_add(e->tree, e->untold_uj);
	e->untold_uj = 0;
}

static void tell(struct guests *g, struct guests_entry *e)
{
	struct guest_quality q = quality_of(g, e);
	int err = guest_tree_write(e->tree, &q);

	if (err)
		trouble(e, strerror(-err));
	else if (e->troubled)
		log_info("guest %s is told its energy again", e->name);
	if (!err)
		e->troubled = false;
}

/* What its folder has not been told yet, as far as there is a figure. */
static void tell_rest(struct guests *g, struct guests_entry *e)
{
	if (e->tree && e->told.value > 0 && e->quality != ENERGY_MISSING)
		tell(g, e);
}

static void settle(struct guests *g, struct guests_entry *e, const struct shares *s)
{
	const struct guests_sum *w = &e->window;

	if (w->ran && w->energy_uj)
		add_value(e, s);
	if (w->ran && w->quality != ENERGY_MISSING)
		e->quality = w->quality;
	/* The first energy makes the folder: without any there is no figure to tell. */
	e->untold_uj += w->ran ? w->energy_uj : 0;
	if (!e->tree && e->untold_uj)
		open_tree(g, e);
	if (!e->tree)
		return;
	guest_tree_add(e->tree, e->untold_uj);
	e->untold_uj = 0;
	if (w->ran && w->quality == ENERGY_MISSING)
		guest_tree_add_gap(e->tree);
}

/* A machine that did not run in this window may have ended. */
static bool has_ended(const struct guests *g, const struct guests_entry *e)
{
	struct identity_vm vm;

	return !e->window.ran && (!identity_vm_get(g->identity, e->number, &vm) ||
				  !identity_vm_is_alive(g->identity, &vm));
}

/* Those that have ended leave, and their folders stay. */
static void drop_ended(struct guests *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (has_ended(g, &g->entry[i])) {
			tell_rest(g, &g->entry[i]);
			guest_tree_free(g->entry[i].tree);
		} else if (kept++ != i) {
			g->entry[kept - 1] = g->entry[i];
		}
	}
	g->n = kept;
}

void guests_window(struct guests *g, const struct usage *u, const struct shares *s)
{
	bool due = u->window.end_mono_ns >= g->told_mono_ns + LEAST_NS;

	for (size_t i = 0; i < g->n; i++)
		g->entry[i].window.ran = false;
	for (size_t i = 0; i < u->n_rows; i++) {
		uint64_t number = identity_vm(g->identity, &u->rows[i]);
		struct guests_entry *e = number ? find(g, number) : NULL;

		if (e)
			add_row(e, s, i);
	}
	for (size_t i = 0; i < g->n; i++) {
		if (g->entry[i].named)
			settle(g, &g->entry[i], s);
		if (due)
			tell_rest(g, &g->entry[i]);
	}
	if (due)
		g->told_mono_ns = u->window.end_mono_ns;
	drop_ended(g);
}

void guests_free(struct guests *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++) {
		tell_rest(g, &g->entry[i]);
		guest_tree_free(g->entry[i].tree);
	}
	guest_dir_free(g->dir);
	free(g);
}

DEFINE_CLEANUP(struct guests *, guests_free)

int guests_new(const struct guests_options *o, struct guests **ret, struct why *why)
{
	CLEANUP(guests_free_ptr) struct guests *g = calloc(1, sizeof(*g));
	uint64_t n_windows = o->interval_ns ? (LEAST_NS + o->interval_ns - 1) / o->interval_ns : 1;
	int err;

	if (!g)
		return -ENOMEM;
	g->identity = o->identity;
	g->update_ns = n_windows * o->interval_ns;
	err = guest_dir_open(o->dir, o->owner, &g->dir, why);
	if (err)
		return err;
	*ret = TAKE_PTR(g);
	return 0;
}
