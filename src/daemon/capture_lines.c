/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture_lines.c - the tables behind capture_lines.h; names sorted. */
#include "daemon/capture_lines.h"

#include <assert.h>

/*
 * A field that is not in its table is lost on the way to the other machine. Whoever adds one to
 * these structs finds out here: add it to the table, raise CAPTURE_VERSION, mend the size.
 */
static_assert(sizeof(struct usage_row) == 216, "the row line lacks a field");
static_assert(sizeof(struct usage_books) == 56, "the books lines lack a field");
static_assert(sizeof(struct usage_losses) == 88, "the window line lacks a field of losses");
static_assert(sizeof(struct usage) == 768, "the window line lacks a field");
static_assert(sizeof(struct energy_domain) == 296, "the domain line lacks a field");
static_assert(sizeof(struct energy) == 23592, "the energy lines lack a field");
static_assert(sizeof(struct energy_use) == 12, "the use line lacks a field");
static_assert(sizeof(struct energy_reading) == 32, "the reading line lacks a field");
static_assert(sizeof(struct energy_gap) == 32, "the gap line lacks a field");
static_assert(sizeof(struct record_audit) == 48, "the tick line lacks a field of the audit");
static_assert(sizeof(struct sample_labels) == 128, "the name line lacks a label");
static_assert(sizeof(struct intensity) == 128, "the intensity line lacks a field");

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define FIELD(name_, type_, struct_, member_)                                          \
	{                                                                              \
		.name = (name_), .type = (type_), .offset = offsetof(struct_, member_) \
	}
#define TEXT_FIELD(name_, struct_, member_)                                               \
	{                                                                                 \
		.name = (name_), .type = LINE_TEXT, .offset = offsetof(struct_, member_), \
		.size = sizeof(((struct_ *)0)->member_)                                   \
	}
#define WORD_FIELD(name_, struct_, member_, words_)                                       \
	{                                                                                 \
		.name = (name_), .type = LINE_WORD, .offset = offsetof(struct_, member_), \
		.size = LENGTH(words_), .words = (words_)                                 \
	}
#define U64S_FIELD(name_, struct_, member_)                                               \
	{                                                                                 \
		.name = (name_), .type = LINE_U64S, .offset = offsetof(struct_, member_), \
		.size = LENGTH(((struct_ *)0)->member_)                                   \
	}
#define KIND(variable_, kind_, fields_)                                         \
	const struct line_kind capture_line_##variable_ = { .kind = (kind_),    \
							    .field = (fields_), \
							    .n_fields = LENGTH(fields_) }

static const char *const quality_words[] = {
	[ENERGY_MISSING] = "missing", [ENERGY_MODELLED] = "modelled", [ENERGY_MEASURED] = "measured"
};
static const char *const domain_words[] = {
	[ENERGY_PACKAGE] = "package", [ENERGY_CORE] = "core", [ENERGY_UNCORE] = "uncore",
	[ENERGY_DRAM] = "dram",	      [ENERGY_PSYS] = "psys", [ENERGY_GPU] = "gpu",
	[ENERGY_OTHER] = "other",
};
static const char *const weight_words[] = { [JT_WEIGHT_TIME] = "time",
					    [JT_WEIGHT_SMT] = "smt",
					    [JT_WEIGHT_FREQ] = "freq",
					    [JT_WEIGHT_CYCLES] = "cycles" };

static const char *const idle_policy_words[] = { [METHOD_SEPARATE] = "separate",
						 [METHOD_PROPORTIONAL] = "proportional",
						 [METHOD_RESERVED] = "reserved" };
static const char *const static_power_words[] = {
	[METHOD_CALIBRATED] = "calibrated", [METHOD_LEARNT] = "learnt", [METHOD_NONE] = "none"
};

static const struct line_field head_fields[] = {
	TEXT_FIELD("boot_id", struct capture_head, boot_id),
	FIELD("bpf_tags", LINE_STRING, struct capture_head, bpf_tags),
	WORD_FIELD("by", struct capture_head, by, record_kind_names),
	FIELD("capacity", LINE_U64, struct capture_head, capacity),
	FIELD("config_sha256", LINE_STRING, struct capture_head, config_sha256),
	FIELD("corun_percent", LINE_U32, struct capture_head, corun_percent),
	FIELD("has_ledger", LINE_BOOL, struct capture_head, has_ledger),
	FIELD("has_names", LINE_BOOL, struct capture_head, has_names),
	TEXT_FIELD("host", struct capture_head, host),
	WORD_FIELD("idle_policy", struct capture_head, idle_policy, idle_policy_words),
	TEXT_FIELD("ledger_dir", struct capture_head, ledger_dir),
	FIELD("mono_ns", LINE_U64, struct capture_head, mono_ns),
	FIELD("power_choice", LINE_STRING, struct capture_head, power_choice),
	TEXT_FIELD("program", struct capture_head, program),
	FIELD("real_us", LINE_I64, struct capture_head, real_us),
	WORD_FIELD("static_power", struct capture_head, static_power, static_power_words),
	FIELD("tick_ns", LINE_U64, struct capture_head, tick_ns),
	FIELD("version", LINE_U32, struct capture_head, version),
	WORD_FIELD("weight", struct capture_head, weight, weight_words),
};
KIND(head, "capture", head_fields);

static const struct line_field intensity_fields[] = {
	FIELD("accounting", LINE_STRING, struct intensity, accounting),
	FIELD("boundary", LINE_STRING, struct intensity, boundary),
	FIELD("flags", LINE_STRING, struct intensity, flags),
	FIELD("high_mg_per_kwh", LINE_U64, struct intensity, high_mg_per_kwh),
	FIELD("is_annual_mean", LINE_BOOL, struct intensity, is_annual_mean),
	FIELD("is_default", LINE_BOOL, struct intensity, is_default),
	FIELD("kind", LINE_STRING, struct intensity, kind),
	FIELD("licence", LINE_STRING, struct intensity, licence),
	FIELD("low_mg_per_kwh", LINE_U64, struct intensity, low_mg_per_kwh),
	FIELD("mg_per_kwh", LINE_U64, struct intensity, mg_per_kwh),
	FIELD("source", LINE_STRING, struct intensity, source),
	FIELD("year", LINE_INT, struct intensity, year),
	TEXT_FIELD("zone", struct intensity, zone),
	FIELD("zone_name", LINE_STRING, struct intensity, zone_name),
};
KIND(intensity, "intensity", intensity_fields);

static const struct line_field layout_fields[] = {
	FIELD("n_domains", LINE_U64, struct energy, n_domains),
};
KIND(layout, "layout", layout_fields);

static const struct line_field domain_fields[] = {
	FIELD("counted", LINE_BOOL, struct energy_domain, counted),
	TEXT_FIELD("factor", struct energy_domain, factor),
	FIELD("idle_power_uw", LINE_U64, struct energy_domain, idle_power_uw),
	WORD_FIELD("kind", struct energy_domain, kind, domain_words),
	FIELD("minus", LINE_DOUBLE, struct energy_domain, systematic.minus),
	TEXT_FIELD("name", struct energy_domain, name),
	FIELD("package", LINE_INT, struct energy_domain, package),
	FIELD("parent", LINE_INT, struct energy_domain, parent),
	FIELD("plus", LINE_DOUBLE, struct energy_domain, systematic.plus),
	WORD_FIELD("quality", struct energy_domain, quality, quality_words),
	FIELD("range_uj", LINE_U64, struct energy_domain, range_uj),
	FIELD("resolution_uj", LINE_U64, struct energy_domain, resolution_uj),
	TEXT_FIELD("source", struct energy_domain, source),
	FIELD("why_not", LINE_STRING, struct energy_domain, why_not),
};
KIND(domain, "domain", domain_fields);

static const struct line_field window_fields[] = {
	FIELD("begin_mono_ns", LINE_U64, struct usage, window.begin_mono_ns),
	FIELD("begin_real_us", LINE_I64, struct usage, window.begin_real_us),
	FIELD("end_mono_ns", LINE_U64, struct usage, window.end_mono_ns),
	FIELD("end_real_us", LINE_I64, struct usage, window.end_real_us),
	FIELD("index", LINE_U64, struct usage, window.index),
	FIELD("late_before_ns", LINE_U64, struct usage, late_before_ns),
	FIELD("late_ns", LINE_U64, struct usage, late_ns),
	FIELD("n_backwards", LINE_U64, struct usage, losses.n_backwards),
	FIELD("n_cgroup_names", LINE_U64, struct usage, losses.n_cgroup_names),
	FIELD("n_cpus", LINE_U32, struct usage, n_cpus),
	FIELD("n_exec_names", LINE_U64, struct usage, losses.n_exec_names),
	FIELD("n_global", LINE_U64, struct usage, losses.n_global),
	FIELD("n_live", LINE_U64, struct usage, n_live),
	FIELD("n_no_cell", LINE_U64, struct usage, losses.n_no_cell),
	FIELD("n_no_storage", LINE_U64, struct usage, losses.n_no_storage),
	FIELD("n_packages", LINE_U32, struct usage, n_packages),
	FIELD("n_rows", LINE_U64, struct usage, n_rows),
	FIELD("n_unflushed", LINE_U64, struct usage, losses.n_unflushed),
	FIELD("n_unread", LINE_U64, struct usage, losses.n_unread),
	FIELD("n_unsplit", LINE_U64, struct usage, losses.n_unsplit),
	FIELD("self_cpu_ns", LINE_U64, struct usage, self_cpu_ns),
	FIELD("threads_per_core", LINE_U32, struct usage, threads_per_core),
	FIELD("unsplit_ns", LINE_U64, struct usage, losses.unsplit_ns),
	FIELD("untracked_ns", LINE_U64, struct usage, losses.untracked_ns),
	WORD_FIELD("weight", struct usage, weight, weight_words),
};
KIND(window, "window", window_fields);

static const struct line_field books_fields[] = {
	FIELD("carried_ns", LINE_I64, struct usage_books, carried_ns),
	FIELD("excluded_ns", LINE_U64, struct usage_books, excluded_ns),
	FIELD("gap_ns", LINE_I64, struct usage_books, gap_ns),
	FIELD("idle_ns", LINE_U64, struct usage_books, idle_ns),
	FIELD("n_missed", LINE_U64, struct usage_books, n_missed),
	FIELD("task_ns", LINE_U64, struct usage_books, task_ns),
	FIELD("wall_ns", LINE_U64, struct usage_books, wall_ns),
};
KIND(books, "books", books_fields);

static const struct line_field package_fields[] = {
	FIELD("carried_ns", LINE_I64, struct capture_package, books.carried_ns),
	FIELD("excluded_ns", LINE_U64, struct capture_package, books.excluded_ns),
	FIELD("gap_ns", LINE_I64, struct capture_package, books.gap_ns),
	FIELD("id", LINE_I64, struct capture_package, id),
	FIELD("idle_ns", LINE_U64, struct capture_package, books.idle_ns),
	FIELD("n_missed", LINE_U64, struct capture_package, books.n_missed),
	FIELD("task_ns", LINE_U64, struct capture_package, books.task_ns),
	FIELD("wall_ns", LINE_U64, struct capture_package, books.wall_ns),
};
KIND(package, "package", package_fields);

static const struct line_field row_fields[] = {
	FIELD("cgroup_id", LINE_U64, struct usage_row, cgroup_id),
	TEXT_FIELD("comm", struct usage_row, comm),
	U64S_FIELD("cpu_ns", struct usage_row, cpu_ns),
	FIELD("ended", LINE_BOOL, struct usage_row, ended),
	FIELD("ended_boottime_ns", LINE_U64, struct usage_row, ended_boottime_ns),
	FIELD("flags", LINE_U32, struct usage_row, flags),
	FIELD("group", LINE_U64, struct usage_row, group),
	FIELD("parent_tgid", LINE_U32, struct usage_row, parent_tgid),
	FIELD("pid", LINE_U32, struct usage_row, pid),
	FIELD("reserved_ucpu", LINE_U64, struct usage_row, reserved_ucpu),
	FIELD("start_boottime_ns", LINE_U64, struct usage_row, start_boottime_ns),
	FIELD("tgid", LINE_U32, struct usage_row, tgid),
	FIELD("total_ns", LINE_U64, struct usage_row, total_ns),
	FIELD("uid", LINE_U32, struct usage_row, uid),
	U64S_FIELD("weight", struct usage_row, weight),
};
KIND(row, "row", row_fields);

static const struct line_field energy_fields[] = {
	FIELD("n_gaps", LINE_U64, struct energy, n_gaps),
	FIELD("n_gaps_dropped", LINE_U64, struct energy, n_gaps_dropped),
	FIELD("n_uses", LINE_U64, struct energy, n_uses),
	FIELD("read_mono_ns", LINE_U64, struct energy, read_mono_ns),
};
KIND(energy, "energy", energy_fields);

static const struct line_field reading_fields[] = {
	FIELD("energy_uj", LINE_U64, struct energy_reading, energy_uj),
	FIELD("idle_uj", LINE_U64, struct energy_reading, idle_uj),
	WORD_FIELD("quality", struct energy_reading, quality, quality_words),
	FIELD("random_sd_uj", LINE_DOUBLE, struct energy_reading, random_sd_uj),
};
KIND(reading, "reading", reading_fields);

static const struct line_field gap_fields[] = {
	FIELD("domain", LINE_INT, struct energy_gap, domain),
	FIELD("from_us", LINE_I64, struct energy_gap, from_us),
	FIELD("reason", LINE_STRING, struct energy_gap, reason),
	FIELD("to_us", LINE_I64, struct energy_gap, to_us),
};
KIND(gap, "gap", gap_fields);

static const struct line_field use_fields[] = {
	FIELD("domain", LINE_INT, struct energy_use, domain),
	FIELD("ppm", LINE_U32, struct energy_use, ppm),
	FIELD("tgid", LINE_U32, struct energy_use, tgid),
};
KIND(use, "use", use_fields);

static const struct line_field tick_fields[] = {
	FIELD("audit_cells_ns", LINE_U64, struct capture_tick, audit.cells_ns),
	FIELD("audit_residue_ns", LINE_U64, struct capture_tick, audit.residue_ns),
	FIELD("audit_slack_ns", LINE_U64, struct capture_tick, audit.slack_ns),
	FIELD("mono_ns", LINE_U64, struct capture_tick, mono_ns),
	FIELD("n_abandoned", LINE_U64, struct capture_tick, audit.n_abandoned),
	FIELD("n_audits", LINE_U64, struct capture_tick, audit.n_audits),
	FIELD("n_breaches", LINE_U64, struct capture_tick, audit.n_breaches),
	FIELD("n_forgotten", LINE_U64, struct capture_tick, n_forgotten),
	FIELD("n_lineage_tasks", LINE_U64, struct capture_tick, n_lineage_tasks),
	FIELD("n_names", LINE_U64, struct capture_tick, n_names),
	FIELD("real_us", LINE_I64, struct capture_tick, real_us),
};
KIND(tick, "tick", tick_fields);

static const struct line_field name_fields[] = {
	FIELD("ancestors", LINE_STRING, struct capture_name, labels.ancestors),
	FIELD("cgroup", LINE_STRING, struct capture_name, cgroup),
	FIELD("cgroup_id", LINE_U64, struct capture_name, cgroup_id),
	FIELD("cmdline", LINE_STRING, struct capture_name, labels.cmdline),
	FIELD("container", LINE_STRING, struct capture_name, labels.container),
	FIELD("container_name", LINE_STRING, struct capture_name, labels.container_name),
	FIELD("exe", LINE_STRING, struct capture_name, labels.exe),
	FIELD("flags", LINE_U32, struct capture_name, flags),
	FIELD("group", LINE_U64, struct capture_name, group),
	FIELD("id", LINE_STRING, struct capture_name, id),
	FIELD("image", LINE_STRING, struct capture_name, labels.image),
	WORD_FIELD("kind", struct capture_name, kind, record_kind_names),
	FIELD("name", LINE_STRING, struct capture_name, name),
	FIELD("namespace", LINE_STRING, struct capture_name, labels.namespace),
	FIELD("ns_pid", LINE_STRING, struct capture_name, labels.ns_pid),
	FIELD("pid", LINE_U32, struct capture_name, pid),
	FIELD("pod", LINE_STRING, struct capture_name, labels.pod),
	FIELD("pod_name", LINE_STRING, struct capture_name, labels.pod_name),
	FIELD("qos", LINE_STRING, struct capture_name, labels.qos),
	FIELD("runtime", LINE_STRING, struct capture_name, labels.runtime),
	FIELD("start_boottime_ns", LINE_U64, struct capture_name, start_boottime_ns),
	FIELD("tags", LINE_STRING, struct capture_name, labels.tags),
	FIELD("tgid", LINE_U32, struct capture_name, tgid),
	FIELD("unit", LINE_STRING, struct capture_name, labels.unit),
	FIELD("user", LINE_STRING, struct capture_name, labels.user),
	FIELD("vm", LINE_STRING, struct capture_name, labels.vm),
};
KIND(name, "name", name_fields);

static const struct line_field end_fields[] = {
	FIELD("mono_ns", LINE_U64, struct capture_end, mono_ns),
	FIELD("n_lineage_alive", LINE_U64, struct capture_end, n_lineage_alive),
	FIELD("n_lineage_tasks", LINE_U64, struct capture_end, n_lineage_tasks),
	FIELD("n_names", LINE_U64, struct capture_end, n_names),
	FIELD("real_us", LINE_I64, struct capture_end, real_us),
};
KIND(end, "end", end_fields);
