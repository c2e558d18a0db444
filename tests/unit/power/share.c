/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* share.c - does a guest take its host's word for its energy, and no more than that? */
#include "power/share.h"

#include <criterion/criterion.h>
#include <math.h>

#include "unit/power/tree.h"

#define ZONE "sys/class/powercap/intel-rapl:0/"

struct told {
	uint64_t energy_uj;
	uint64_t n_gaps;
	uint64_t n_updates;
	const char *quality;
};

static void tell(const struct tree *t, struct told w)
{
	tree_file(t, ZONE "share",
		  "version 1\nupdate_ns 1000000000\nquality %s\nlow_ppm 500000\nhigh_ppm 2000000\n"
		  "n_gaps %llu\nn_updates %llu",
		  w.quality ? w.quality : "modelled", (unsigned long long)w.n_gaps,
		  (unsigned long long)w.n_updates);
	/* As the host does it: another file each time. */
	tree_remove(t, ZONE "energy_uj");
	tree_file(t, ZONE "energy_uj", "%llu", (unsigned long long)w.energy_uj);
}

static void begin(struct tree *t)
{
	tree_begin(t);
	tree_file(t, ZONE "name", "package-0");
	tree_file(t, ZONE "max_energy_range_uj", "9223372036854775807");
	tree_file(t, ZONE "energy_uj", "0");
	tell(t, (struct told){ .energy_uj = 1000 * J, .n_updates = 1 });
	tree_start(t, "powercap", NULL);
}

static void expect_energy(const struct tree *t, uint64_t uj)
{
	cr_expect_str_eq(tree_gap(t, "package-0"), "");
	cr_expect_eq(tree_reading(t, "package-0")->energy_uj, uj);
	cr_expect_eq(tree_reading(t, "package-0")->quality, ENERGY_MODELLED);
}

Test(share, all_of_the_guest_as_good_as_the_host_says)
{
	struct tree t;
	const struct energy_domain *d;

	begin(&t);
	d = &power_domains(t.p)->domain[0];
	cr_expect_eq(d->package, -1);
	cr_expect_eq(d->kind, ENERGY_PACKAGE);
	cr_expect(d->counted);
	cr_expect_eq(d->quality, ENERGY_MODELLED);
	cr_expect_eq(d->resolution_uj, 1);
	cr_expect_str_eq(d->factor, "host_share");
	cr_expect_float_eq(d->systematic.minus, log(2) / QUANT_Z95, 1e-9);
	cr_expect_float_eq(d->systematic.plus, log(2) / QUANT_Z95, 1e-9);
	cr_expect_not_null(strstr(power_choice(t.p), "of this guest by its host"));
	tree_end(&t);
}

/* The host's windows are not the guest's: a window may have two updates, or none. */
Test(share, updates_come_when_the_host_sends_them)
{
	struct tree t;

	begin(&t);
	tree_window(&t, 500);
	expect_energy(&t, 0);
	tell(&t, (struct told){ .energy_uj = 1005 * J, .n_updates = 2 });
	tree_window(&t, 100);
	expect_energy(&t, 5 * J);
	/* Two updates in 100 ms, each of a second of 300 W: to a RAPL counter a jump. */
	tell(&t, (struct told){ .energy_uj = 1605 * J, .n_updates = 4 });
	tree_window(&t, 100);
	expect_energy(&t, 600 * J);
	/* As wide as a whole update at both ends: 600 J / 0.1 s x 1 s, uniformly. */
	cr_expect_gt(tree_reading(&t, "package-0")->random_sd_uj, 2000e6);
	tree_end(&t);
}

Test(share, an_idle_guest_draws_nothing_and_is_not_stale)
{
	struct tree t;

	begin(&t);
	for (uint64_t i = 0; i < 60; i++) {
		tell(&t, (struct told){ .energy_uj = 1000 * J, .n_updates = 2 + i });
		tree_window(&t, 1000);
		expect_energy(&t, 0);
	}
	tell(&t, (struct told){ .energy_uj = 1001 * J, .n_updates = 100 });
	tree_window(&t, 1000);
	expect_energy(&t, 1 * J);
	tree_end(&t);
}

Test(share, a_host_that_stops_is_stale)
{
	struct tree t;

	begin(&t);
	tree_window(&t, 9000);
	expect_energy(&t, 0);
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "stale");
	/* What it says after that is of a time that nobody knows. */
	tell(&t, (struct told){ .energy_uj = 1003 * J, .n_updates = 2 });
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "returned");
	tell(&t, (struct told){ .energy_uj = 1004 * J, .n_updates = 3 });
	tree_window(&t, 1000);
	expect_energy(&t, 1 * J);
	tree_end(&t);
}

Test(share, what_the_host_does_not_know_is_a_gap)
{
	struct tree t;

	begin(&t);
	tell(&t, (struct told){ .energy_uj = 1001 * J, .n_updates = 2, .n_gaps = 1 });
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "source");
	tell(&t, (struct told){ .energy_uj = 1002 * J, .n_updates = 3, .n_gaps = 1 });
	tree_window(&t, 1000);
	expect_energy(&t, 1 * J);
	/* A better meter than at the beginning is still what was said then. */
	tell(&t, (struct told){ 1003 * J, 1, 4, "measured" });
	tree_window(&t, 1000);
	expect_energy(&t, 1 * J);
	tell(&t, (struct told){ 1003 * J, 1, 5, "missing" });
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "unreadable");
	tree_end(&t);
}

Test(share, faults_are_gaps_and_pass)
{
	struct tree t;

	begin(&t);
	tree_remove(&t, ZONE "energy_uj");
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "vanished");
	tree_file(&t, ZONE "energy_uj", "1000000000");
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "returned");
	tree_file(&t, ZONE "share", "version 1");
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "unreadable");
	tree_end(&t);
}

Test(share, a_version_of_tomorrow_is_refused)
{
	struct tree t;

	tree_begin(&t);
	tree_file(&t, ZONE "name", "package-0");
	tree_file(&t, ZONE "max_energy_range_uj", "9223372036854775807");
	tree_file(&t, ZONE "energy_uj", "1");
	tree_file(&t, ZONE "share", "version 2\nwhatever");
	cr_expect_eq(tree_try(&t, "powercap", NULL), -EPROTO, "%s", t.why.text);
	tree_end(&t);
}

Test(share, texts)
{
	static const char good[] = "version 1\nupdate_ns 5\nquality measured\nlow_ppm 1\n"
				   "high_ppm 1000000\nn_gaps 18446744073709551615\nn_updates 0\n";
	static const struct {
		const char *key;
		const char *line;
	} bad[] = {
		{ "update_ns", "update_ns" },
		{ "update_ns", "update_ns -5" },
		{ "update_ns", "update_ns 3600000000001" },
		{ "quality", "quality splendid" },
		{ "quality", "quality measured by hand" },
		{ "low_ppm", "low_ppm 0" },
		{ "low_ppm", "low_ppm 1000001" },
		{ "high_ppm", "high_ppm 999999" },
		{ "high_ppm", "high_ppm 1000000000001" },
		{ "n_gaps", "n_gaps 18446744073709551616" },
		{ "n_updates", "n_updates 00000000000000000000000000000000000000001x" },
		{ "n_updates", "n_update 1" },
		{ "version", "version x" },
		{ "version", "" },
	};
	struct share s;

	cr_assert_eq(share_parse(good, &s), 0);
	cr_expect_eq(s.n_gaps, UINT64_MAX);
	cr_expect_eq(s.update_ns, 5);
	cr_expect_float_eq(s.sides.plus, 0, 1e-12);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *at = strstr(good, bad[i].key);
		char text[512];

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, bad[i].line,
			 strchr(at, '\n'));
		cr_expect_eq(share_parse(text, &s), -EBADMSG, "%s", text);
	}
	cr_expect_eq(share_parse("", &s), -EBADMSG);
	cr_expect_eq(share_parse("version 2\n", &s), -EPROTO);
}
