/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* commands.h - the subcommands: argv[0] is the subcommand's name; each returns the exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int run_main(int argc, char **argv);
int flame_main(int argc, char **argv);
int daemon_main(int argc, char **argv);
extern const struct options_spec daemon_spec; /* the options that a configuration may have */
int top_main(int argc, char **argv);
int calibrate_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int replay_main(int argc, char **argv);
int verify_main(int argc, char **argv);
int prove_main(int argc, char **argv);
int verify_proof_main(int argc, char **argv);
int ledger_main(int argc, char **argv);
int report_main(int argc, char **argv);
int api_main(int argc, char **argv);
int plan_main(int argc, char **argv);
int whatif_main(int argc, char **argv);
int intensity_main(int argc, char **argv);
int estimate_main(int argc, char **argv);

#endif /* CLI_COMMANDS_H */
