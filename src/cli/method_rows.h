/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* method_rows.h - the options of how energy is divided: of all that measure, and of replay. */
#ifndef CLI_METHOD_ROWS_H
#define CLI_METHOD_ROWS_H

#include "cli/options.h"

/* How energy is divided; prefix_ is "member." or nothing. */
#define METHOD_ROWS(type_, prefix_)                                            \
	{ .name = "weight",                                                    \
	  .type = OPTION_STRING,                                               \
	  .offset = offsetof(type_, prefix_ weight),                           \
	  .arg = "WEIGHT",                                                     \
	  .help = "of CPU time: time, smt, freq or cycles (time)" },           \
		{ .name = "smt-corun",                                         \
		  .type = OPTION_U64,                                          \
		  .offset = offsetof(type_, prefix_ corun_percent),            \
		  .arg = "PERCENT",                                            \
		  .help = "what a second beside a busy sibling counts (55)",   \
		  .min = 50,                                                   \
		  .max = 100 },                                                \
		{ .name = "idle-policy",                                       \
		  .type = OPTION_STRING,                                       \
		  .offset = offsetof(type_, prefix_ idle_policy),              \
		  .arg = "POLICY",                                             \
		  .help = "separate, proportional, reserved (separate)" },     \
		{ .name = "uncertainty",                                       \
		  .type = OPTION_STRING,                                       \
		  .offset = offsetof(type_, prefix_ uncertainty),              \
		  .arg = "METHOD",                                             \
		  .help = "analytical or montecarlo (analytical)" },           \
	{                                                                      \
		.name = "static-power", .type = OPTION_STRING,                 \
		.offset = offsetof(type_, prefix_ static_power), .arg = "HOW", \
		.help = "calibrated, learnt or none (calibrated)"              \
	}

#endif /* CLI_METHOD_ROWS_H */
