/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c - the command table. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/nearest.h"
#include "cli/options.h"

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", run_main, "energy and carbon of one command and all it starts" },
	{ "top", top_main, "who draws power now" },
	{ "flame", flame_main, "where in the code the energy went: a flame graph" },
	{ "daemon", daemon_main, "measure until stopped, into a ledger" },
	{ "status", status_main, "how the daemon is" },
	{ "replay", replay_main, "a capture once more: the same figures, the same ledger" },
	{ "verify", verify_main, "check a ledger from its files alone" },
	{ "prove", prove_main, "a record of a ledger as a proof that stands alone" },
	{ "verify-proof", verify_proof_main, "check such a proof without the ledger" },
	{ "ledger", ledger_main, "a ledger's state; mend it; write its records out" },
	{ "report", report_main, "energy and carbon out of a ledger, by what you ask for" },
	{ "estimate", estimate_main, "carbon of energy measured elsewhere" },
	{ "intensity", intensity_main, "carbon per kilowatt-hour, of a zone and of a time" },
	{ "plan", plan_main, "when and where work would be cleanest, and how sure that is" },
	{ "whatif", whatif_main, "a ledger's energy at another time or in another zone" },
	{ "api", api_main, "intensities over HTTP, as the Carbon Aware SDK has them" },
	{ "calibrate", calibrate_main, "what this machine draws idle, for --calibration" },
	{ "doctor", doctor_main, "what this machine can and cannot do, and the mend" },
};

static void print_help(void)
{
	puts("usage: jouletrail COMMAND [options]\n\n"
	     "Says where this machine's energy and carbon went, and how sure that is.\n");
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		printf("  %-12s  %s\n", commands[i].name, commands[i].help);
	puts("\nA command's own options: jouletrail help COMMAND. Version: jouletrail "
	     "--version.");
}

static int unknown_command(const char *word)
{
	const char *near = NULL;

	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		if (nearest_is_near(word, commands[i].name) &&
		    (!near ||
		     nearest_distance(word, commands[i].name) < nearest_distance(word, near)))
			near = commands[i].name;
	if (near)
		log_error("'%s' is no command; did you mean %s?", word, near);
	else
		log_error("'%s' is no command; see jouletrail --help", word);
	return EXIT_USAGE;
}

static int run_command(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].main(argc, argv);
	return unknown_command(argv[0]);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	char help[] = "--help";

	config_know(&daemon_spec);
	if (!word) {
		log_error("which command? See jouletrail --help");
		return EXIT_USAGE;
	}
	if (!strcmp(word, "help") && argc > 2)
		return run_command(2, (char *[]){ argv[2], help, NULL });
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
		print_help();
		return EXIT_DONE;
	}
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		puts("jouletrail " JT_VERSION);
		return EXIT_DONE;
	}
	return run_command(argc - 1, argv + 1);
}
