/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main-api.c - jouletrail-api: the program of `jouletrail api`, with a network and no privilege. */
#include "cli/api.h"

int main(int argc, char **argv)
{
	return api_serve_main(argc, argv);
}
