/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* compare.c - one run over another: what is common cancels, the rest says how sure. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/comparable.h"
#include "export/repeats.h"
#include "export/text.h"
#include "jouletrail/units.h"
#include "quant/montecarlo.h"
#include "quant/value.h"

/* Ids of the parts of the two runs: the same where one draw serves both. */
#define ID_BASELINE RECORD_MAX_BUDGET

_Static_assert(QUANT_MAX_PARTS >= RECORD_MAX_BUDGET, "a part for each source");

/* A figure's micrograms are within one of its own: uniform, 1/3. */
#define ROUNDED_UG2 (1.0 / 3)

static bool words_differ(const char *what, const char *b, const char *a, struct why *why)
{
	if (!strcmp(a, b))
		return false;
	why_set(why, -EINVAL,
		"the runs are not the same kind of figure: %s '%s' here, '%s' in the "
		"baseline",
		what, b, a);
	return true;
}

/* Another split, other meters: the difference would be that of the methods. */
static int check(const struct comparable *b, const struct comparable *a, struct why *why)
{
	if (!a->energy_uj || !b->energy_uj)
		return why_set(why, -EINVAL, "%s has used no energy that was measured",
			       a->energy_uj ? "this run" : "the baseline");
	if (words_differ("energy is", b->quality, a->quality, why) ||
	    words_differ("counted domains", b->domains, a->domains, why) ||
	    words_differ("idle policy", b->idle_policy, a->idle_policy, why) ||
	    words_differ("static power", b->static_power, a->static_power, why) ||
	    words_differ("weight", b->weight, a->weight, why))
		return -EINVAL;
	if (b->corun_percent != a->corun_percent)
		return why_set(why, -EINVAL,
			       "the runs are not the same kind of figure: --smt-corun %" PRIu64
			       " here, %" PRIu64 " in the baseline",
			       b->corun_percent, a->corun_percent);
	if (!strcmp(b->quality, "missing"))
		return why_set(why, -EINVAL, "some of the energy of both runs is missing");
	return 0;
}

static bool is_same_machine(const struct comparable *b, const struct comparable *a)
{
	return a->machine[0] && !strcmp(a->machine, b->machine);
}

static bool is_same_grid(const struct comparable *b, const struct comparable *a)
{
	return !strcmp(a->zone, b->zone) && a->year == b->year;
}

/* Which of a's sources b's is too, in one draw; RECORD_MAX_BUDGET for none. */
static size_t common_source(const struct comparable_source *s, const struct comparable *b,
			    const struct comparable *a)
{
	bool grid = !strcmp(s->name, "intensity");

	/* The errors of the split and the moments of two runs are their own. */
	if (!s->systematic || !strcmp(s->name, "attribution") ||
	    !(grid ? is_same_grid(b, a) : is_same_machine(b, a)))
		return RECORD_MAX_BUDGET;
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->source[i].name, s->name))
			return i;
	return RECORD_MAX_BUDGET;
}

/* a's sources have the ids of their indices, b's own ones those behind. */
static void value_of(const struct comparable *c, const struct comparable *a, bool energy,
		     struct quant_value *ret)
{
	*ret = (struct quant_value){ .value = (double)(energy ? c->energy_uj : c->co2e_ug) };
	if (!energy)
		ret->random_var = ROUNDED_UG2;
	for (size_t i = 0; i < c->n; i++) {
		const struct comparable_source *s = &c->source[i];
		size_t common = c == a ? i : common_source(s, c, a);
		struct quant_part part = {
			.id = (uint32_t)(common < RECORD_MAX_BUDGET ? common : ID_BASELINE + i),
			.group = (uint16_t)i,
			.amount = ret->value
		};

		if (energy && !s->of_energy)
			continue;
		if (!strcmp(s->name, "counter"))
			ret->random_var += pow(s->sides.plus * ret->value, 2);
		else
			quant_value_hang(ret, &part, &s->sides);
	}
}

uint64_t comparable_ppm(double x)
{
	return x < 1e12 ? (uint64_t)llround(fmax(x, 0) * (double)JT_PPM_PER_1) : (uint64_t)1e18;
}

static void ratio_of(const struct comparable *b, const struct comparable *a, bool energy,
		     struct montecarlo *mc, struct export_ratio *ret)
{
	struct montecarlo_result m;
	struct quant_value of_b, of_a;
	struct quant_interval i;
	struct quant_spread s;
	double ratio, less;

	value_of(b, a, energy, &of_b);
	value_of(a, a, energy, &of_a);
	ratio = of_b.value / of_a.value;
	quant_ratio_spread(&of_b, &of_a, &s);
	i = quant_spread_interval(&s, ratio);
	less = quant_spread_cdf(&s, -log(ratio));
	if (mc && !quant_ratio_simulate(&of_b, &of_a, mc, &m)) {
		i = m.interval;
		less = m.below_threshold;
	}
	*ret = (struct export_ratio){ .ratio_ppm = comparable_ppm(ratio),
				      .low_ppm = comparable_ppm(fmin(i.low, ratio)),
				      .high_ppm = comparable_ppm(fmax(i.high, ratio)),
				      .less_ppm = comparable_ppm(less) };
}

static const char *co2e_differs(const struct comparable *b, const struct comparable *a)
{
	if (strcmp(b->boundary, a->boundary) != 0)
		return "one grid figure is direct, the other of the whole life cycle";
	if (strcmp(b->kind, a->kind) != 0)
		return "one grid figure is average, the other marginal";
	if (strcmp(b->accounting, a->accounting) != 0)
		return "the grid figures are accounted differently";
	return a->co2e_ug && b->co2e_ug ? NULL : "a run has less than 1 µg";
}

int comparable_compare(const struct comparable *b, const struct comparable *a,
		       struct montecarlo *mc, struct export_comparison *ret, struct why *why)
{
	struct export_comparison c = { .same_machine = is_same_machine(b, a),
				       .same_grid = is_same_grid(b, a),
				       .baseline = ret->baseline };
	int err = check(b, a, why);

	if (err)
		return err;
	ratio_of(b, a, true, mc, &c.energy);
	c.co2e_why = co2e_differs(b, a);
	if (!c.co2e_why)
		ratio_of(b, a, false, mc, &c.co2e);
	*ret = c;
	return 0;
}

void comparable_write(struct buf *out, const struct export_comparison *c,
		      const struct comparable *b, const struct comparable *a)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	buf_puts(&line, "Compared with '");
	text_put_escaped(&line, a->command, 40);
	buf_puts(&line, "' in ");
	text_put_escaped_end(&line, c->baseline, 60);
	buf_putc(&line, ':');
	buf_putc(out, '\n');
	text_put_folded(out, line.err ? "" : line.data);
	export_human_ratio(out, "This run", &c->energy, "energy");
	if (!c->co2e_why)
		export_human_ratio(out, "This run", &c->co2e, "carbon");
	buf_reset(&line);
	if (c->co2e_why)
		buf_printf(&line, "The carbon cannot be compared: %s. ", c->co2e_why);
	buf_puts(&line, c->same_machine
				? "The error of the machine's meters is common to both and "
				  "cancels. "
				: "Not the same machine, as far as is known: nothing of its "
				  "meters' errors cancels. ");
	if (a->exit_status != b->exit_status)
		buf_printf(&line, "Exit status %lld here, %lld there: did both do the work? ",
			   (long long)b->exit_status, (long long)a->exit_status);
	buf_puts(&line, "These are two runs; how much runs differ by themselves is not in it.");
	text_put_folded(out, line.err ? "" : line.data);
}
