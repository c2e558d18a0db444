/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor.h - the list of checks that `jouletrail doctor` makes and prints. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "export/export.h"

#define DOCTOR_MAX_CHECKS 48

struct doctor_check {
	const char *area; /* "kernel", "meter", "cpu counters", … static */
	char what[32];
	bool ok;
	bool needed;	/* `run` does not work without it */
	char text[256]; /* what was found, or what is missing and the mend */
};

struct doctor {
	const char *root; /* --root; NULL = "/" */
	size_t n;
	struct doctor_check check[DOCTOR_MAX_CHECKS];
};

/* Appends a check; beyond DOCTOR_MAX_CHECKS nothing. Returns it, or NULL. */
struct doctor_check *doctor_add(struct doctor *d, const char *area, const char *what, bool ok)
	__attribute__((nonnull));
void doctor_say(struct doctor_check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What this process and machine have, beside the stages' own probes: see doctor_machine.c. */
void doctor_check_privileges(struct doctor *d);
void doctor_check_cgroups(struct doctor *d);
void doctor_check_pmu(struct doctor *d);

/* The domains that `auto` would measure, as a tree; as a value, an array. */
struct power;
struct json_writer;
void doctor_domains_human(struct buf *out, const struct power *p);
void doctor_domains_json(struct json_writer *w, const struct power *p);

#endif /* CLI_DOCTOR_H */
