/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grid_rows.h - the options that say where the intensity of a moment comes from. */
#ifndef CLI_GRID_ROWS_H
#define CLI_GRID_ROWS_H

#include "cli/options.h"
#include "daemon/grid.h"

#define KIND_WORDS "average marginal"
/* Each feed also with =URL. */
#define FEED_WORDS "uk electricitymaps watttime FILE"

/* The rows, for a table over type_ whose member member_ is a struct grid_options. */
#define GRID_ROWS(type_, member_)                                           \
	{ .name = "intensity",                                              \
	  .type = OPTION_STRING,                                            \
	  .offset = offsetof(type_, member_.spec),                          \
	  .arg = "WHAT",                                                    \
	  .help = "carbon of the moment",                                   \
	  .values = "table " FEED_WORDS },                                  \
		{ .name = "kind",                                           \
		  .type = OPTION_STRING,                                    \
		  .offset = offsetof(type_, member_.kind),                  \
		  .arg = "KIND",                                            \
		  .help = "only of this kind",                              \
		  .values = KIND_WORDS },                                   \
		{ .name = "intensity-location",                             \
		  .type = OPTION_STRING,                                    \
		  .offset = offsetof(type_, member_.location),              \
		  .arg = "WHERE",                                           \
		  .help = "the place's name there, if not the zone's" },    \
		{ .name = "intensity-key",                                  \
		  .type = OPTION_STRING,                                    \
		  .offset = offsetof(type_, member_.key_file),              \
		  .arg = "FILE",                                            \
		  .help = "the feed's token, or user:password" },           \
	{                                                                   \
		.name = "intensity-cache", .type = OPTION_STRING,           \
		.offset = offsetof(type_, member_.cache_dir), .arg = "DIR", \
		.help = "what feeds said (/var/cache/jouletrail)"           \
	}

#endif /* CLI_GRID_ROWS_H */
