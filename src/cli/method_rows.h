/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* method_rows.h - the options of how energy is divided: of all that measure, and of replay. */
#ifndef CLI_METHOD_ROWS_H
#define CLI_METHOD_ROWS_H

#include "cli/options.h"

#define UNCERTAINTY_WORDS "analytical montecarlo"

/* How energy is divided; prefix_ is "member." or nothing. */
#define METHOD_ROWS(type_, prefix_)                                            \
	{ .name = "weight",                                                    \
	  .type = OPTION_STRING,                                               \
	  .offset = offsetof(type_, prefix_ weight),                           \
	  .arg = "WEIGHT",                                                     \
	  .help = "what CPU time counts (time)",                               \
	  .values = "time smt freq cycles" },                                  \
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
		  .help = "who has the static energy (separate)",              \
		  .values = "separate proportional reserved" },                \
		{ .name = "uncertainty",                                       \
		  .type = OPTION_STRING,                                       \
		  .offset = offsetof(type_, prefix_ uncertainty),              \
		  .arg = "METHOD",                                             \
		  .help = "how intervals are made (analytical)",               \
		  .values = UNCERTAINTY_WORDS },                               \
	{                                                                      \
		.name = "static-power", .type = OPTION_STRING,                 \
		.offset = offsetof(type_, prefix_ static_power), .arg = "HOW", \
		.help = "where static power is from (calibrated)",             \
		.values = "calibrated learnt none"                             \
	}

#endif /* CLI_METHOD_ROWS_H */
