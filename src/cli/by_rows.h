/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* by_rows.h - the options of who a consumer is, of all that measure. */
#ifndef CLI_BY_ROWS_H
#define CLI_BY_ROWS_H

#include "cli/options.h"
#include "types/sample.h"

#define BY_WORDS "process thread comm cgroup container pod unit slice user session vm"

/*
 * Who a consumer is, what is told of it, and what virtual machines are told; member_ has `by`,
 * `labels`, `cmdlines` and `guests`.
 */
#define BY_ROWS(type_, member_, words_)                                   \
	{ .name = "by",                                                   \
	  .letter = 'b',                                                  \
	  .type = OPTION_STRING,                                          \
	  .offset = offsetof(type_, member_.by),                          \
	  .arg = "WHAT",                                                  \
	  .help = "what a consumer is",                                   \
	  .values = (words_) },                                           \
		{ .name = "label",                                        \
		  .type = OPTION_STRING,                                  \
		  .offset = offsetof(type_, member_.labels),              \
		  .arg = "NAMES",                                         \
		  .help = "labels of containers to tell of: app,team" },  \
		{ .name = "cmdline",                                      \
		  .type = OPTION_FLAG,                                    \
		  .offset = offsetof(type_, member_.cmdlines),            \
		  .help = "with command lines, which may hold secrets" }, \
	{                                                                 \
		.name = "guest-energy", .type = OPTION_STRING,            \
		.offset = offsetof(type_, member_.guests), .arg = "DIR",  \
		.help = "tell each virtual machine its own, there"        \
	}

/* What the word of --by says, `by` where there is none. Returns 0, or -EINVAL, which is logged. */
int by_rows_kind(const char *word, enum record_kind by, enum record_kind *ret);

#endif /* CLI_BY_ROWS_H */
