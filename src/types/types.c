/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* types.c - names and sums of the nouns. */
#include <errno.h>
#include <string.h>

#include "types/energy.h"
#include "types/record.h"
#include "types/stack.h"
#include "types/usage.h"

uint64_t usage_books_residue_ns(const struct usage_books *b)
{
	__extension__ typedef __int128 wide;
	wide diff = (wide)b->task_ns + b->idle_ns + b->gap_ns + b->excluded_ns + b->carried_ns -
		    (wide)b->wall_ns;

	return (uint64_t)(diff < 0 ? -diff : diff);
}

uint64_t usage_cells_residue_ns(const struct usage *u)
{
	uint64_t cells_ns = 0, diff_ns, late_ns = u->late_ns;

	for (size_t i = 0; i < u->n_rows; i++)
		if (!(u->rows[i].flags & USAGE_ROW_IRQ))
			cells_ns += u->rows[i].total_ns;
	diff_ns = cells_ns - u->books.task_ns;
	if (cells_ns < u->books.task_ns) {
		diff_ns = u->books.task_ns - cells_ns;
		late_ns = u->late_before_ns;
	}
	return diff_ns > late_ns ? diff_ns - late_ns : 0;
}

uint64_t usage_books_residue_ppm(const struct usage_books *b)
{
	return b->wall_ns ? (uint64_t)((jt_product)usage_books_residue_ns(b) * JT_PPM_PER_1 /
				       b->wall_ns)
			  : 0;
}

static const char *const weight_names[] = {
	[JT_WEIGHT_TIME] = "time",
	[JT_WEIGHT_SMT] = "smt",
	[JT_WEIGHT_FREQ] = "freq",
	[JT_WEIGHT_CYCLES] = "cycles",
};

static const char *const idle_policy_names[] = {
	[METHOD_SEPARATE] = "separate",
	[METHOD_PROPORTIONAL] = "proportional",
	[METHOD_RESERVED] = "reserved",
};

static const char *const static_power_names[] = {
	[METHOD_CALIBRATED] = "calibrated",
	[METHOD_LEARNT] = "learnt",
	[METHOD_NONE] = "none",
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Index of the word among names, or -EINVAL. */
static int find_word(const char *const *names, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, names[i]) == 0)
			return (int)i;
	return -EINVAL;
}

const char *usage_weight_name(enum jt_weight w)
{
	return weight_names[w];
}

int usage_weight_parse(const char *name, enum jt_weight *ret)
{
	int i = find_word(weight_names, LENGTH(weight_names), name);

	if (i >= 0)
		*ret = (enum jt_weight)i;
	return i < 0 ? i : 0;
}

const char *method_idle_policy_name(enum method_idle_policy p)
{
	return idle_policy_names[p];
}

int method_idle_policy_parse(const char *name, enum method_idle_policy *ret)
{
	int i = find_word(idle_policy_names, LENGTH(idle_policy_names), name);

	if (i >= 0)
		*ret = (enum method_idle_policy)i;
	return i < 0 ? i : 0;
}

const char *method_static_power_name(enum method_static_power s)
{
	return static_power_names[s];
}

int method_static_power_parse(const char *name, enum method_static_power *ret)
{
	int i = find_word(static_power_names, LENGTH(static_power_names), name);

	if (i >= 0)
		*ret = (enum method_static_power)i;
	return i < 0 ? i : 0;
}

const char *shares_reason_name(enum shares_reason r)
{
	static const char *const names[] = { [SHARES_NOBODY_RAN] = "nobody_ran",
					     [SHARES_NO_WEIGHT] = "no_weight",
					     [SHARES_NO_USER] = "no_user" };

	return names[r];
}

const char *shares_static_name(enum shares_static s)
{
	static const char *const names[] = { [SHARES_STATIC_NONE] = "none",
					     [SHARES_STATIC_MODEL] = "model",
					     [SHARES_STATIC_CALIBRATION] = "calibration",
					     [SHARES_STATIC_LEARNT] = "learnt" };

	return names[s];
}

uint64_t shares_static_sd_uj(const struct shares_domain *d)
{
	double sd_uj = d->static_sd_uj + 0.5;

	/* Written so that a NaN is the most. */
	return sd_uj < 0x1p64 ? (uint64_t)sd_uj : UINT64_MAX;
}

void shares_domain_add(struct shares_domain *to, const struct shares_domain *from)
{
	to->energy_uj += from->energy_uj;
	to->idle_uj += from->idle_uj;
	to->attributed_uj += from->attributed_uj;
	to->unattributed_uj += from->unattributed_uj;
	for (size_t i = 0; i < SHARES_N_REASONS; i++)
		to->unattributed_by_uj[i] += from->unattributed_by_uj[i];
	to->static_uj += from->static_uj;
	to->static_sd_uj += from->static_sd_uj;
	to->static_from = from->static_from;
}

const char *energy_quality_name(enum energy_quality q)
{
	switch (q) {
	case ENERGY_MISSING:
		return "missing";
	case ENERGY_MODELLED:
		return "modelled";
	case ENERGY_MEASURED:
		return "measured";
	}
	return "missing";
}

const char *energy_domain_kind_name(enum energy_domain_kind k)
{
	static const char *const names[] = {
		[ENERGY_PACKAGE] = "package", [ENERGY_CORE] = "core", [ENERGY_UNCORE] = "uncore",
		[ENERGY_DRAM] = "dram",	      [ENERGY_PSYS] = "psys", [ENERGY_GPU] = "gpu",
		[ENERGY_OTHER] = "other",
	};

	return names[k];
}

uint64_t energy_total_uj(const struct energy *e)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < e->n_domains; i++)
		if (e->domain[i].counted && e->reading[i].quality != ENERGY_MISSING)
			sum += e->reading[i].energy_uj;
	return sum;
}

enum energy_quality energy_total_quality(const struct energy *e)
{
	enum energy_quality worst = ENERGY_MEASURED;
	size_t n = 0;

	for (size_t i = 0; i < e->n_domains; i++) {
		if (!e->domain[i].counted)
			continue;
		n++;
		if (e->reading[i].quality < worst)
			worst = e->reading[i].quality;
	}
	return n ? worst : ENERGY_MISSING;
}

const char *const record_kind_names[RECORD_N_KINDS] = {
	[RECORD_PROCESS] = "process",
	[RECORD_CGROUP] = "cgroup",
	[RECORD_THREAD] = "thread",
	[RECORD_COMM] = "comm",
	[RECORD_CONTAINER] = "container",
	[RECORD_POD] = "pod",
	[RECORD_UNIT] = "unit",
	[RECORD_SLICE] = "slice",
	[RECORD_USER] = "user",
	[RECORD_SESSION] = "session",
	[RECORD_VM] = "vm",
};

const char *record_kind_name(enum record_kind k)
{
	return record_kind_names[k];
}

int record_kind_parse(const char *word, enum record_kind *ret)
{
	for (size_t i = 0; i < RECORD_N_KINDS; i++)
		if (strcmp(word, record_kind_names[i]) == 0) {
			*ret = (enum record_kind)i;
			return 0;
		}
	return -EINVAL;
}

void record_audit_add(struct record_audit *to, const struct record_audit *from)
{
	to->n_audits += from->n_audits;
	to->n_breaches += from->n_breaches;
	to->n_abandoned += from->n_abandoned;
	to->cells_ns += from->cells_ns;
	to->residue_ns += from->residue_ns;
	to->slack_ns += from->slack_ns;
}

void usage_books_add(struct usage_books *to, const struct usage_books *from)
{
	to->wall_ns += from->wall_ns;
	to->task_ns += from->task_ns;
	to->idle_ns += from->idle_ns;
	to->gap_ns += from->gap_ns;
	to->excluded_ns += from->excluded_ns;
	to->carried_ns += from->carried_ns;
	to->n_missed += from->n_missed;
}

void usage_losses_add(struct usage_losses *to, const struct usage_losses *from)
{
	to->n_no_cell += from->n_no_cell;
	to->n_no_storage += from->n_no_storage;
	to->n_global += from->n_global;
	to->untracked_ns += from->untracked_ns;
	to->unsplit_ns += from->unsplit_ns;
	to->n_unsplit += from->n_unsplit;
	to->n_backwards += from->n_backwards;
	to->n_unflushed += from->n_unflushed;
	to->n_unread += from->n_unread;
	to->n_cgroup_names += from->n_cgroup_names;
	to->n_exec_names += from->n_exec_names;
}

const char *stack_kind_name(enum stack_kind k)
{
	static const char *const names[] = {
		[STACK_PROCESS] = "process", [STACK_USER] = "user", [STACK_KERNEL] = "kernel",
		[STACK_JIT] = "jit",	     [STACK_NOTE] = "note",
	};

	return k < STACK_N_KINDS ? names[k] : "user";
}
