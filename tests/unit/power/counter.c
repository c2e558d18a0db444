/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counter.c - wraps are exact, everything doubtful is a gap: known answers and random walks. */
#include "power/counter.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <criterion/criterion.h>

#define S  UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define J  UINT64_C(1000000)

/* splitmix64 (Steele, Lea, Flood 2014): a fixed seed gives the same cases everywhere. */
static uint64_t rnd(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static struct counter_sample at(uint64_t value_uj, uint64_t ms)
{
	return (struct counter_sample){
		.value_uj = value_uj,
		.mono_ns = ms * MS,
	};
}

static struct counter started(uint64_t range_uj, uint64_t value_uj)
{
	struct counter_limits l = { .range_uj = range_uj, .max_power_uw = 100 * J };
	struct counter_sample s = at(value_uj, 0);
	struct counter c;

	counter_init(&c, &l, &s);
	return c;
}

static void expect_gap(struct counter *c, struct counter_sample s, const char *reason)
{
	uint64_t e = 77;
	const char *got = counter_step(c, &s, &e);

	cr_assert_not_null(got, "expected gap %s, got %" PRIu64 " uJ", reason, e);
	cr_expect_str_eq(got, reason);
	cr_expect_eq(e, 77, "energy written with a gap");
}

static void expect_energy(struct counter *c, struct counter_sample s, uint64_t uj)
{
	uint64_t e = 77;
	const char *got = counter_step(c, &s, &e);

	cr_assert_null(got, "gap %s", got);
	cr_expect_eq(e, uj, "%" PRIu64 " instead of %" PRIu64, e, uj);
}

Test(counter, forward_and_wrap)
{
	struct counter c = started(1000 * J, 950 * J);

	expect_energy(&c, at(990 * J, 1000), 40 * J);
	expect_energy(&c, at(20 * J, 2000), 30 * J);
	expect_energy(&c, at(1000 * J, 12000), 980 * J);
	expect_energy(&c, at(0, 12001), 0);
}

Test(counter, steps_that_are_no_energy)
{
	struct counter c = started(10000 * J, 5000 * J);

	expect_gap(&c, at(100 * J, 1000), "reset");
	expect_energy(&c, at(150 * J, 2000), 50 * J);
	expect_gap(&c, at(2000 * J, 3000), "jump");
	expect_energy(&c, at(2001 * J, 4000), 1 * J);
	expect_gap(&c, at(10001 * J, 5000), "rubbish");
	expect_gap(&c, at(2002 * J, 6000), "returned");
	expect_energy(&c, at(2003 * J, 7000), 1 * J);
}

Test(counter, errors_are_named_and_start_anew)
{
	static const struct {
		int err;
		const char *reason;
	} cases[] = {
		{ -EIO, "unreadable" },	  { -ENODATA, "unreadable" }, { -ENOENT, "vanished" },
		{ -ENODEV, "vanished" },  { -EINVAL, "rubbish" },     { -ERANGE, "rubbish" },
		{ -EACCES, "forbidden" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct counter c = started(1000 * J, 10 * J);
		struct counter_sample bad = at(11 * J, 1000);

		bad.err = cases[i].err;
		expect_gap(&c, bad, cases[i].reason);
		expect_gap(&c, at(12 * J, 2000), "returned");
		expect_energy(&c, at(13 * J, 3000), 1 * J);
	}
}

Test(counter, bad_at_the_start)
{
	struct counter_limits l = { .range_uj = 1000 * J, .max_power_uw = 100 * J };
	struct counter_sample s = { .err = -EIO };
	struct counter c;

	counter_init(&c, &l, &s);
	expect_gap(&c, at(12 * J, 2000), "returned");
	expect_energy(&c, at(13 * J, 3000), 1 * J);
}

Test(counter, standing_still)
{
	struct counter c = started(1000 * J, 10 * J);

	/* Shorter than the update interval allows: nothing was drawn that the counter shows. */
	expect_energy(&c, at(10 * J, 5), 0);
	expect_energy(&c, at(10 * J, 39), 0);
	expect_gap(&c, at(10 * J, 40), "stale");
	expect_gap(&c, at(10 * J, 41), "stale");
	expect_gap(&c, at(10 * J, 100000), "stale");
	expect_gap(&c, at(11 * J, 101000), "returned");
	expect_energy(&c, at(12 * J, 102000), 1 * J);
}

Test(counter, long_pause)
{
	struct counter c = started(1000 * J, 10 * J);

	/* 11 s at 100 W could be 90 J or 1090 J. */
	expect_gap(&c, at(100 * J, 11000), "pause");
	expect_energy(&c, at(110 * J, 12000), 10 * J);
}

Test(counter, suspend)
{
	struct counter c = started(1000 * J, 10 * J);
	struct counter_sample s = at(20 * J, 1000);

	/* The monotonic clock saw 1 s, the machine slept for an hour: whatever the counter says. */
	s.suspended_ns = 3600 * S;
	expect_gap(&c, s, "suspend");
	s = at(30 * J, 2000);
	s.suspended_ns = 3600 * S + MS;
	expect_energy(&c, s, 10 * J);
	/* Begun anew in its sleep. */
	s = at(1 * J, 3000);
	s.suspended_ns = 3601 * S;
	expect_gap(&c, s, "suspend");
	s = at(3 * J, 4000);
	s.suspended_ns = 3601 * S;
	expect_energy(&c, s, 2 * J);
}

Test(counter, slow_counters_have_their_own_slack)
{
	struct counter_limits l = { .range_uj = 1000 * J,
				    .max_power_uw = 100 * J,
				    .slack_ns = 500 * MS,
				    .stale_ns = 5 * S };
	struct counter_sample s = at(0, 0);
	struct counter c;

	counter_init(&c, &l, &s);
	expect_energy(&c, at(0, 1000), 0);
	/* An update that was due 450 ms ago comes with this one. */
	expect_energy(&c, at(55 * J, 1100), 55 * J);
	expect_gap(&c, at(55 * J, 6100), "stale");
	cr_expect_eq(counter_max_interval_ns(&l), 5 * S - 500 * MS);
}

Test(counter, unknown_range)
{
	struct counter c = started(0, 10 * J);

	expect_energy(&c, at(20 * J, 1000), 10 * J);
	expect_gap(&c, at(19 * J, 2000), "reset");
	cr_expect_eq(counter_max_interval_ns(&c.limits), UINT64_MAX);
}

Test(counter, extremes)
{
	struct counter_limits l = { .range_uj = UINT64_MAX, .max_power_uw = UINT64_MAX };
	struct counter_sample s = { .suspended_ns = 1 };
	struct counter c;
	uint64_t e;

	cr_expect_geq(counter_max_interval_ns(&l), MS);
	counter_init(&c, &l, &s);
	s = (struct counter_sample){ .value_uj = UINT64_MAX,
				     .mono_ns = UINT64_MAX,
				     .suspended_ns = 0 };
	counter_step(&c, &s, &e);
	l.max_power_uw = 1;
	cr_expect_gt(counter_max_interval_ns(&l), UINT64_MAX / 2);
}

/* A domain whose true energy is known, read through a wrapping counter. */
struct walk {
	uint64_t rnd;
	struct counter_limits limits;
	uint64_t truth_uj;
	uint64_t mono_ns;
	uint64_t suspended_ns;
};

static void walk_start(struct walk *w, uint64_t seed)
{
	*w = (struct walk){ .rnd = seed };
	/* 4 J … 2^40 uJ, 1 W … 1 kW, at least 50 ms from wrap to wrap. */
	w->limits.range_uj = 4 * J + rnd(&w->rnd) % (UINT64_C(1) << (22 + rnd(&w->rnd) % 19));
	w->limits.max_power_uw = J + rnd(&w->rnd) % (1000 * J);
	if (w->limits.max_power_uw > w->limits.range_uj * 20)
		w->limits.max_power_uw = w->limits.range_uj * 20;
	w->truth_uj = rnd(&w->rnd) % w->limits.range_uj;
	w->mono_ns = rnd(&w->rnd) % (S * 1000);
}

static struct counter_sample walk_sample(const struct walk *w)
{
	return (struct counter_sample){ .value_uj = w->truth_uj % w->limits.range_uj,
					.mono_ns = w->mono_ns,
					.suspended_ns = w->suspended_ns };
}

/* Time passes, at most max_ns; returns what is drawn in it. */
static uint64_t walk_on(struct walk *w, uint64_t max_ns)
{
	uint64_t dt_ns = 1 + rnd(&w->rnd) % max_ns;
	double most_uj = (double)w->limits.max_power_uw * (double)dt_ns / 1e9;
	uint64_t drawn_uj = (uint64_t)(most_uj * (double)(rnd(&w->rnd) % 1001) / 1000.0);

	/* A live counter moves. */
	drawn_uj += drawn_uj == 0;
	w->mono_ns += dt_ns;
	w->truth_uj += drawn_uj;
	return drawn_uj;
}

Test(counter, property_exact_over_any_number_of_wraps)
{
	uint64_t wraps = 0;

	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct walk w;
		struct counter c;
		struct counter_sample s;
		uint64_t first, sum = 0, max_ns;

		walk_start(&w, seed);
		max_ns = counter_max_interval_ns(&w.limits);
		first = w.truth_uj;
		s = walk_sample(&w);
		counter_init(&c, &w.limits, &s);
		for (int i = 0; i < 100; i++) {
			uint64_t drawn = walk_on(&w, max_ns), e = 0;
			const char *gap;

			s = walk_sample(&w);
			gap = counter_step(&c, &s, &e);
			cr_assert_null(gap, "seed %" PRIu64 " step %d: gap %s", seed, i, gap);
			cr_assert_eq(e, drawn, "seed %" PRIu64 " step %d: %" PRIu64 " != %" PRIu64,
				     seed, i, e, drawn);
			sum += e;
		}
		cr_assert_eq(sum, w.truth_uj - first, "seed %" PRIu64, seed);
		wraps += w.truth_uj / w.limits.range_uj;
	}
	cr_expect_gt(wraps, 10000);
}

/* The most a step may be to count as energy: limit x (time + slack), see counter.h. */
static double plausible_uj(const struct walk *w, uint64_t dt_ns)
{
	return (double)w->limits.max_power_uw * (double)(dt_ns + COUNTER_SLACK_NS) / 1e9 + 2;
}

enum fault { NONE, READ_ERROR, ABOVE_RANGE, RESTART, JUMP, PAUSE, SUSPEND, N_FAULTS };

/* Bends w or s as the fault says. Returns whether this step must be a gap. */
static bool inject(enum fault f, struct walk *w, struct counter_sample *s, uint64_t last_value_uj,
		   uint64_t dt_ns)
{
	static const int errors[] = { -EIO, -ENODATA, -EINVAL, -ERANGE, -ENOENT };
	uint64_t range = w->limits.range_uj, step;

	switch (f) {
	case READ_ERROR:
		s->err = errors[rnd(&w->rnd) % 5];
		return true;
	case ABOVE_RANGE:
		s->value_uj = range + 1 + rnd(&w->rnd) % (1 + (UINT64_MAX - range) / 2);
		return true;
	case RESTART:
	case JUMP:
		w->truth_uj = f == RESTART ? rnd(&w->rnd) % 1000 : rnd(&w->rnd) % range;
		*s = walk_sample(w);
		step = (s->value_uj + range - last_value_uj) % range;
		/* A new value that could have been drawn is no fault that anyone can see. */
		return (double)step > plausible_uj(w, dt_ns);
	case SUSPEND:
		/* It runs on in its sleep, or not. */
		w->suspended_ns += 20 * MS + rnd(&w->rnd) % (100 * S);
		w->truth_uj += rnd(&w->rnd) % 3 ? rnd(&w->rnd) % (3 * range) : 0;
		*s = walk_sample(w);
		return true;
	case NONE:
	case PAUSE:
	case N_FAULTS:
		break;
	}
	return false;
}

/*
 * With faults in a third of the steps: a step is the truth, exactly, or a gap; a gap only where
 * there was a fault at either end. So the total is that of the steps without a gap: no schedule
 * makes it wrong by a wrap.
 */
Test(counter, property_faults_never_become_energy)
{
	uint64_t n_gaps = 0;

	for (uint64_t seed = 1; seed <= 10000; seed++) {
		struct walk w;
		struct counter c;
		struct counter_sample s;
		uint64_t last_value, sum = 0, true_sum = 0;
		bool was_bad = false;

		walk_start(&w, seed);
		s = walk_sample(&w);
		counter_init(&c, &w.limits, &s);
		last_value = s.value_uj;
		for (int i = 0; i < 40; i++) {
			enum fault f =
				rnd(&w.rnd) % 3 ? NONE : (enum fault)(rnd(&w.rnd) % N_FAULTS);
			uint64_t max_ns = counter_max_interval_ns(&w.limits);
			uint64_t before_ns = w.mono_ns, e = 0;
			uint64_t drawn = walk_on(&w, f == PAUSE ? 40 * max_ns : max_ns);
			bool must, moved = false;
			uint64_t truth = w.truth_uj;
			const char *gap;

			s = walk_sample(&w);
			must = inject(f, &w, &s, last_value, w.mono_ns - before_ns) || was_bad;
			moved = w.truth_uj != truth;
			gap = counter_step(&c, &s, &e);
			n_gaps += gap != NULL;
			cr_assert(gap || !must,
				  "seed %" PRIu64 " step %d: fault %d is energy %" PRIu64, seed, i,
				  f, e);
			cr_assert(!gap || f != NONE || was_bad, "seed %" PRIu64 " step %d: gap %s",
				  seed, i, gap);
			if (!gap && !moved)
				cr_assert_eq(e, drawn, "seed %" PRIu64 " step %d fault %d", seed, i,
					     f);
			/* Where the counter was moved, its new value is what can be known. */
			if (!gap) {
				sum += e;
				true_sum += moved ? e : drawn;
				cr_assert_lt(e, w.limits.range_uj);
			}
			/* A restart may land on the very value that was there: it looks frozen. */
			was_bad = f == READ_ERROR || f == ABOVE_RANGE ||
				  (gap && !strcmp(gap, "stale"));
			last_value = s.value_uj;
		}
		cr_assert_eq(sum, true_sum, "seed %" PRIu64, seed);
	}
	cr_expect_gt(n_gaps, 50000);
}
