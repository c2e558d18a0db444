/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline_rows.h - the options that mean the same in every subcommand that measures. */
#ifndef CLI_PIPELINE_ROWS_H
#define CLI_PIPELINE_ROWS_H

#include "cli/by_rows.h"
#include "cli/grid_rows.h"
#include "cli/method_rows.h"
#include "cli/options.h"
#include "daemon/pipeline.h"
#include "jouletrail/units.h"
#include "power/power.h"

struct pipeline_settings {
	uint64_t interval_ns, tick_ns, max_tasks;
	const char *zone;
	struct grid_options grid;
	const char *power, *calibration;
	const char *weight, *uncertainty, *idle_policy, *static_power;
	uint64_t corun_percent;
	bool irq;
	const char *ledger_dir;
	const char *key_dir;
	const char *root, *power_root;
	const char *capture;
	bool capture_no_names;
	const char *by, *labels, *guests;
	bool cmdlines;
};

#define PIPELINE_SETTINGS_DEFAULT                                                         \
	{                                                                                 \
		.interval_ns = JT_NS_PER_S, .tick_ns = 10 * JT_NS_PER_S, .power = "auto", \
	}

/* member_ is a struct pipeline_settings; power_: --power's letter, or 0; by_: --by's words. */
#define PIPELINE_ROWS(type_, member_) PIPELINE_ROWS_POWER(type_, member_, 'p')
#define PIPELINE_ROWS_POWER(type_, member_, power_) \
	PIPELINE_ROWS_AS(type_, member_, power_, BY_WORDS)
#define PIPELINE_ROWS_AS(type_, member_, power_, by_)                        \
	{ .name = "zone",                                                    \
	  .letter = 'z',                                                     \
	  .type = OPTION_STRING,                                             \
	  .offset = offsetof(type_, member_.zone),                           \
	  .arg = "ZONE",                                                     \
	  .help = "grid: FR, US-CA, aws:eu-west-3 (else WORLD)" },           \
		GRID_ROWS(type_, member_.grid),                              \
		{ .name = "interval",                                        \
		  .letter = 'i',                                             \
		  .type = OPTION_DURATION,                                   \
		  .offset = offsetof(type_, member_.interval_ns),            \
		  .arg = "TIME",                                             \
		  .help = "length of a window (1s)",                         \
		  .min = 50 * JT_NS_PER_MS,                                  \
		  .max = 3600 * JT_NS_PER_S },                               \
		{ .name = "tick",                                            \
		  .type = OPTION_DURATION,                                   \
		  .offset = offsetof(type_, member_.tick_ns),                \
		  .arg = "TIME",                                             \
		  .help = "length of a ledger tick (10s)",                   \
		  .min = 50 * JT_NS_PER_MS,                                  \
		  .max = 86400 * JT_NS_PER_S },                              \
		{ .name = "power",                                           \
		  .letter = (power_),                                        \
		  .type = OPTION_STRING,                                     \
		  .offset = offsetof(type_, member_.power),                  \
		  .arg = "METER",                                            \
		  .help = "the meter, or several with commas (auto)",        \
		  .values = POWER_WORDS },                                   \
		{ .name = "calibration",                                     \
		  .type = OPTION_STRING,                                     \
		  .offset = offsetof(type_, member_.calibration),            \
		  .arg = "FILE",                                             \
		  .help = "what this machine draws: jouletrail calibrate" }, \
		METHOD_ROWS(type_, member_.),                                \
		{ .name = "irq",                                             \
		  .type = OPTION_FLAG,                                       \
		  .offset = offsetof(type_, member_.irq),                    \
		  .help = "interrupts as a consumer of their own" },         \
		{ .name = "ledger",                                          \
		  .letter = 'l',                                             \
		  .type = OPTION_STRING,                                     \
		  .offset = offsetof(type_, member_.ledger_dir),             \
		  .arg = "DIR",                                              \
		  .help = "ledger of signed records; - for stdout" },        \
		{ .name = "key-dir",                                         \
		  .type = OPTION_STRING,                                     \
		  .offset = offsetof(type_, member_.key_dir),                \
		  .arg = "DIR",                                              \
		  .help = "signing keys (/var/lib/jouletrail/keys)" },       \
		{ .name = "max-tasks",                                       \
		  .type = OPTION_U64,                                        \
		  .offset = offsetof(type_, member_.max_tasks),              \
		  .arg = "N",                                                \
		  .help = "accounting cells, 180 bytes each (32768)",        \
		  .min = 1,                                                  \
		  .max = 4194304 },                                          \
		{ .name = "root",                                            \
		  .type = OPTION_STRING,                                     \
		  .offset = offsetof(type_, member_.root),                   \
		  .arg = "DIR",                                              \
		  .help = "read /sys and /proc below DIR" },                 \
		BY_ROWS(type_, member_, by_),                                \
		{ .name = "capture",                                         \
		  .type = OPTION_STRING,                                     \
		  .offset = offsetof(type_, member_.capture),                \
		  .arg = "FILE",                                             \
		  .help = "write there what `replay` needs" },               \
		{ .name = "no-names",                                        \
		  .type = OPTION_FLAG,                                       \
		  .offset = offsetof(type_, member_.capture_no_names),       \
		  .help = "a capture without comms, cgroups and host" },     \
	{                                                                    \
		.name = "power-root", .type = OPTION_STRING,                 \
		.offset = offsetof(type_, member_.power_root), .arg = "DIR", \
		.help = "read only the meters below DIR"                     \
	}

/* No total, no lineage, nothing published: the caller adds what it needs. */
static inline struct pipeline_options pipeline_settings_options(const struct pipeline_settings *s,
								enum record_kind by)
{
	return (struct pipeline_options){
		.tick_ns = s->tick_ns,
		.by = by,
		.cmdlines = s->cmdlines,
		.guests = s->guests,
		.interval_ns = s->interval_ns,
		.labels = s->labels,
		.max_tasks = (unsigned int)s->max_tasks,
		.zone = s->zone,
		.grid = s->grid,
		.power = s->power,
		.calibration = s->calibration,
		.weight = s->weight,
		.uncertainty = s->uncertainty,
		.idle_policy = s->idle_policy,
		.static_power = s->static_power,
		.corun_percent = (unsigned int)s->corun_percent,
		.irq = s->irq,
		.root = s->root,
		.power_root = s->power_root,
		.ledger_dir = s->ledger_dir,
		.key_dir = s->key_dir,
		.capture = s->capture,
		.capture_no_names = s->capture_no_names,
	};
}

#endif /* CLI_PIPELINE_ROWS_H */
