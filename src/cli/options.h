/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * options.h - the one parser of every subcommand: a table binds each option to a field of the
 * subcommand's own struct, and the same table prints --help.
 *
 *	struct top_options { enum export_format format; uint64_t interval_ns; bool once; };
 *
 *	static const struct option_row rows[] = {
 *		OPTION_FORMAT_ROW(struct top_options, format, OPTION_HUMAN | OPTION_JSON),
 *		{ "interval", 'i', OPTION_DURATION, offsetof(struct top_options, interval_ns),
 *		  .arg = "TIME", .help = "length of a window", .min = …, .max = … },
 *		{ "once", 0, OPTION_FLAG, offsetof(struct top_options, once), .help = "…" },
 *	};
 *	static const struct options_spec spec = { .command = "top", .about = "…", .row = rows,
 *						  .n_rows = ARRAY_LENGTH(rows) };
 *
 * Every option also takes --name=value; -xVALUE and -x VALUE are the same. Of an option given
 * twice the last one holds. The fields keep what the caller put there when an option is absent.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/why.h"

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Exit codes of every subcommand; verify has more, and run passes its command's on. */
enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

enum option_type {
	OPTION_STRING = 0, /* const char *; points into argv */
	OPTION_DURATION,   /* uint64_t, ns; "500ms", "1.5s", "2m" (units: ns us ms s m h d) */
	OPTION_U64,	   /* uint64_t */
	OPTION_FORMAT,	   /* enum export_format */
	OPTION_FLAG,	   /* bool; takes no value */
};

/* Formats that a subcommand has, for OPTION_FORMAT: option_row.formats. */
#define OPTION_HUMAN (1U << 0)
#define OPTION_JSON  (1U << 1)
#define OPTION_CSV   (1U << 2)
#define OPTION_HTML  (1U << 3)

struct option_row {
	const char *name; /* without "--" */
	char letter;	  /* 0 = none */
	enum option_type type;
	size_t offset;	      /* of the field that it fills */
	const char *arg;      /* what --help calls the value: "DIR" */
	const char *help;     /* one line, at most 50 columns */
	uint64_t min;	      /* OPTION_DURATION (ns) and OPTION_U64: inclusive bounds */
	uint64_t max;	      /* 0 = no upper bound */
	unsigned int formats; /* OPTION_FORMAT only */
	/*
	 * The words that it takes, between blanks: "time smt freq cycles"; NULL = no list. --help
	 * tells them behind help, and the shell completes them; a word in capitals stands for
	 * others ("FILE"). They are checked where they mean something, not here.
	 */
	const char *values;
};

/* The -f row that every subcommand with output has. */
#define OPTION_FORMAT_ROW(type_, field_, formats_)                          \
	{                                                                   \
		.name = "format", .letter = 'f', .type = OPTION_FORMAT,     \
		.offset = offsetof(type_, field_), .arg = "FORMAT",         \
		.help = "how the result is written", .formats = (formats_), \
	}

struct options_spec {
	const char *command;   /* "verify" */
	const char *arguments; /* as --help shows them: "DIR"; NULL = none */
	const char *about;     /* one or two lines */
	const struct option_row *row;
	size_t n_rows;
	int min_arguments;
	int max_arguments;     /* -1 = no bound */
	bool configured;       /* takes what cli/config.h has for its options */
	bool stop_at_argument; /* the first argument that is no option ends them (run) */
};

/* What is not an option, in order; v is NULL-terminated and points into argv. */
struct options_arguments {
	char **v;
	int n;
};

#define OPTIONS_HELP 1 /* --help or -h was given: nothing else was looked at */

/*
 * argv as main() got it, argv[0] being the subcommand's name; its pointers are reordered. into is
 * the struct that the rows' offsets are of.
 *
 * Returns 0, OPTIONS_HELP, or -EINVAL with the reason in why; into may then be half filled.
 */
int options_parse(const struct options_spec *spec, char **argv, void *into,
		  struct options_arguments *ret, struct why *why);

/*
 * The text of --help, of which the manual page and the shell's completion are made: a row is
 * "  -x, --name ARG", from column 28 on what it does and, if there is a list, ": a, b or c"; what
 * does not fit goes on at column 28 of the next line.
 */
void options_help(const struct options_spec *spec, struct buf *out);

/*
 * options_parse() for an X_main(): prints the help or the error. Returns true to go on, or false
 * with the exit code in *ret_code.
 */
bool options_begin(const struct options_spec *spec, char **argv, void *into,
		   struct options_arguments *ret, int *ret_code);

/* The row of that name; NULL = none. */
const struct option_row *options_named(const struct options_spec *spec, const char *name);

/* The row that a mistyped name was meant to be; NULL = none is near. */
const struct option_row *options_nearest(const struct options_spec *spec, const char *name);

/* A row's value from text, as --name=TEXT sets it; a flag's is yes or no. 0 or -EINVAL with why. */
int options_set(const struct options_spec *spec, const struct option_row *row, const char *text,
		void *into, struct why *why);

/* Whether a row's field is the same in both structs. */
bool options_is_same(const struct option_row *row, const void *a, const void *b);

/* Appends a row's value as it could be given. False: it has none, and nothing was appended. */
bool options_put(const struct option_row *row, const void *from, struct buf *out);

/* As many as there are CPUs to run on, for work that somebody waits for. */
unsigned int options_n_threads(void);

/*
 * "1s", "500ms", "2m", "1.5h"; a unit is needed except for 0. Returns 0; -EINVAL; -ERANGE (more
 * than 2^64 - 1 ns); -EDOM (a fraction of a nanosecond).
 */
int options_parse_duration(const char *text, uint64_t *ret_ns);

/* The shortest exact form: "1500ms", "2m", "0s". buf needs 32 bytes; returns it. */
const char *options_duration_text(uint64_t ns, char *buf, size_t size);

#endif /* CLI_OPTIONS_H */
