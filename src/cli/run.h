/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run.h - what the parts of `jouletrail run` have in common. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/comparable.h"
#include "cli/pipeline_rows.h"
#include "cli/run_watch.h"
#include "cli/site_options.h"
#include "export/export.h"

#define RUN_MAX_REPEATS 100000

struct run_options {
	enum export_format format;
	const char *output;
	const char *baseline; /* file to compare with */
	bool explain;
	struct comparable against; /* what is in it */
	const char *plan;
	uint64_t n_repeats; /* 0 = one run, with all there is to say of it */
	uint64_t n_warmups;
	const char *versus; /* another command, for a shell; NULL = none */
	bool ignore_failure;
	uint64_t pid;	    /* attach to it; 0 = to none */
	const char *cgroup; /* likewise; as it is called in outputs, once it is found */
	uint64_t duration_ns;
	const char *timeline;
	bool progress;
	const char *control;   /* by the daemon there; NULL = ours */
	const char *emissions; /* file for a row with CodeCarbon's columns */
	struct site_options site;
	struct export_site export_site; /* as read */
	struct pipeline_settings pipeline;
};

/* What was measured, once it is over. */
struct run_outcome {
	char *const *command; /* NULL = attached */
	const char *subject;  /* "process", "cgroup": see struct export_run */
	const char *attached; /* what it is called; of a cgroup its path */
	bool is_cgroup;	      /* else the lineage is what was measured */
	int exit_status;
	uint64_t wall_ns;
	const char *daemon; /* whose span it was; NULL = nobody's */
};

/* The report of all that the pipeline has, written where it was asked for. Logs what fails. */
int run_report(const struct run_options *o, struct pipeline *p, const struct run_outcome *outcome);

/* The text where it was asked for: a file, standard output for machines, else standard error. */
int run_write(const struct run_options *o, const struct buf *text);

/*
 * What X_main() does once options are read and po is filled but for lineage and sink; watch is
 * open. Return the exit code.
 */
int run_repeat(const struct run_options *o, const struct pipeline_options *asked,
	       struct run_watch *watch, char *const *argv);
int run_attach(const struct run_options *o, struct pipeline_options *po, struct run_watch *watch);

/*
 * The command that is held, by the daemon; refused: why this process may not trace. Returns the
 * exit code.
 */
struct command;
int run_by_daemon(const struct run_options *o, const struct pipeline_options *po,
		  struct command *command, const struct why *refused);

/* Where the cgroup is, and what outputs call it. Returns 0 or -errno with why. */
int run_find_cgroup(const char *name, const char *root, char ret_dir[FS_PATH_LEN],
		    char ret_path[FS_PATH_LEN], struct why *why);

#endif /* CLI_RUN_H */
