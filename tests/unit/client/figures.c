/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures.c - do the structs hold what the daemon's answers say, and nothing that they do not? */
#include "client/figures.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct answer_value whole(const char *text)
{
	cr_assert_eq(answer_check(text, strlen(text)), 0, "%s", text);
	return (struct answer_value){ text, strlen(text) };
}

static void expect_figure(const struct jt_figure *f, uint64_t low, uint64_t value, uint64_t high)
{
	cr_expect_eq(f->low, low);
	cr_expect_eq(f->value, value);
	cr_expect_eq(f->high, high);
}

/* docs/protocol.md has it. */
static const char result[] =
	"{\"span\":7,\"name\":\"epoch\",\"labels\":{\"n\":\"3\"},\"begin_real_us\":"
	"1760000000000000,"
	"\"end_real_us\":1760000012500000,\"wall_ns\":12500000000,\"cpu_ns\":11873000000,"
	"\"n_windows\":13,\"n_processes\":4,"
	"\"energy_uj\":{\"value\":41200000,\"low\":38900000,\"high\":43700000},"
	"\"co2e_ug\":{\"value\":1310,\"low\":940,\"high\":1780},"
	"\"host\":{\"energy_uj\":{\"value\":61000000,\"low\":58000000,\"high\":64200000},"
	"\"co2e_ug\":{\"value\":1940,\"low\":1400,\"high\":2600},\"wall_ns\":13000000000},"
	"\"intensity_mg_per_kwh\":{\"value\":114000,\"low\":80000,\"high\":155000},\"zone\":\"FR\","
	"\"quality\":\"measured\",\"power_source\":\"powercap\",\"border_ppm\":300,"
	"\"ended_by\":\"client\",\"lost\":true,\"new\":[{}]}";

Test(figures, a_result)
{
	struct jt_result r;

	cr_assert_eq(figures_result(whole(result), &r), 0);
	cr_expect_eq(r.span, 7);
	cr_expect_str_eq(r.name, "epoch");
	cr_expect_str_eq(r.zone, "FR");
	cr_expect_eq(r.begin_real_us, 1760000000000000);
	cr_expect_eq(r.end_real_us, 1760000012500000);
	cr_expect_eq(r.wall_ns, 12500000000);
	cr_expect_eq(r.cpu_ns, 11873000000);
	cr_expect_eq(r.n_windows, 13);
	cr_expect_eq(r.n_processes, 4);
	cr_expect_eq(r.host_wall_ns, 13000000000);
	cr_expect_eq(r.border_ppm, 300);
	cr_expect_eq(r.quality, JT_QUALITY_MEASURED);
	cr_expect_eq(r.ended_by, JT_BY_CLIENT);
	cr_expect_eq(r.lost, 1);
	cr_expect(r.has_energy && r.has_co2e && r.has_host_energy && r.has_host_co2e &&
		  r.has_intensity);
	expect_figure(&r.energy_uj, 38900000, 41200000, 43700000);
	expect_figure(&r.co2e_ug, 940, 1310, 1780);
	expect_figure(&r.host_energy_uj, 58000000, 61000000, 64200000);
	expect_figure(&r.host_co2e_ug, 1400, 1940, 2600);
	expect_figure(&r.intensity_mg_per_kwh, 80000, 114000, 155000);
}

Test(figures, what_is_missing_is_not_0)
{
	struct jt_result r;
	struct jt_host_totals t;

	cr_assert_eq(figures_result(whole("{\"span\":1,\"energy_uj\":null,\"host\":{\"energy_uj\":"
					  "{\"value\":0,\"low\":0,\"high\":0}},\"ended_by\":null}"),
				    &r),
		     0);
	cr_expect_not(r.has_energy);
	cr_expect_not(r.has_co2e);
	cr_expect(r.has_host_energy);
	cr_expect_not(r.has_host_co2e);
	cr_expect_eq(r.quality, JT_QUALITY_MISSING);
	cr_expect_eq(r.ended_by, JT_OPEN);
	cr_assert_eq(figures_totals(whole("{\"idle\":null}"), &t), 0);
	cr_expect_not(t.has_energy);
	cr_expect_not(t.has_idle_energy);
}

Test(figures, of_another_type)
{
	static const char *const wrong[] = {
		"{\"cpu_ns\":\"7\"}",
		"{\"cpu_ns\":-7}",
		"{\"wall_ns\":1.5}",
		"{\"energy_uj\":7}",
		"{\"energy_uj\":{\"value\":5,\"low\":6,\"high\":7}}",
		"{\"energy_uj\":{\"value\":5,\"low\":4,\"high\":4}}",
		"{\"energy_uj\":{\"value\":\"5\",\"low\":4,\"high\":7}}",
		"{\"host\":[]}",
		"{\"host\":{\"wall_ns\":[]}}",
		"{\"name\":3}",
	};
	struct jt_result r = { .span = 99 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_eq(figures_result(whole(wrong[i]), &r), -EPROTO, "%s", wrong[i]);
	cr_expect_eq(figures_result((struct answer_value){ "[]", 2 }, &r), -EPROTO);
	cr_expect_eq(r.span, 99, "untouched");
}

Test(figures, a_name_that_is_longer_than_any)
{
	char text[512] = "{\"name\":\"";
	struct jt_result r;

	memset(text + 9, 'x', 400);
	strncat(text, "\"}", 3);
	cr_assert_eq(figures_result(whole(text), &r), 0);
	cr_expect_eq(strlen(r.name), sizeof(r.name) - 1);
}

Test(figures, totals)
{
	struct jt_host_totals t;

	cr_assert_eq(figures_totals(whole("{\"begin_real_us\":1,\"end_real_us\":2,\"wall_ns\":3,"
					  "\"cpu_ns\":4,\"host\":{\"energy_uj\":{\"value\":6,"
					  "\"low\":5,\"high\":7},\"co2e_ug\":null},\"idle\":{"
					  "\"energy_uj\":{\"value\":2,\"low\":1,\"high\":3}},"
					  "\"unattributed_uj\":8,\"quality\":\"modelled\","
					  "\"missing_ns\":9}"),
				    &t),
		     0);
	cr_expect(t.begin_real_us == 1 && t.end_real_us == 2 && t.wall_ns == 3 && t.cpu_ns == 4);
	cr_expect(t.has_energy && !t.has_co2e && t.has_idle_energy && !t.has_idle_co2e);
	expect_figure(&t.energy_uj, 5, 6, 7);
	expect_figure(&t.idle_energy_uj, 1, 2, 3);
	cr_expect(t.unattributed_uj == 8 && t.missing_ns == 9);
	cr_expect_eq(t.quality, JT_QUALITY_MODELLED);
}

Test(figures, status)
{
	static const char text[] =
		"{\"state\":\"measuring\",\"pid\":12,\"started_real_us\":5,\"uptime_ns\":6,"
		"\"power_source\":\"model: x\",\"quality\":\"modelled\",\"by\":\"cgroup\","
		"\"zone\":\"SE\",\"interval_ns\":1,\"tick_ns\":2,\"n_windows\":3,\"n_ticks\":4,"
		"\"n_clients\":5,\"n_spans\":6,\"self_cpu_ns\":7,\"lost\":{\"n_no_cell\":2,"
		"\"n_unread\":3,\"unsplit_ns\":99},\"conservation\":{\"breached\":true},"
		"\"ledger\":{\"dir\":\"/l\",\"writable\":false,\"n_records\":8},"
		"\"trouble\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]}";
	struct jt_daemon_status s;

	cr_assert_eq(figures_status(whole(text), &s), 0);
	cr_expect(s.pid == 12 && s.interval_ns == 1 && s.n_spans == 6 && s.self_cpu_ns == 7);
	cr_expect_str_eq(s.state, "measuring");
	cr_expect_str_eq(s.ledger_dir, "/l");
	cr_expect(s.has_ledger && !s.ledger_writable && s.n_ledger_records == 8 && s.breached);
	cr_expect_eq(s.n_lost, 5, "counts, not nanoseconds");
	cr_expect_eq(s.n_trouble, 9);
	cr_expect_str_eq(s.trouble[7], "h");
	cr_assert_eq(figures_status(whole("{\"ledger\":null}"), &s), 0);
	cr_expect_not(s.has_ledger);
}
