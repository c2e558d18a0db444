/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor.h - the list of checks that `jouletrail doctor` makes and prints. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export/export.h"

#define DOCTOR_MAX_CHECKS 48

struct doctor_check {
	const char *area; /* "kernel", "meter", "cpu counters", … static */
	char what[32];
	bool ok;
	bool needed;	/* `run` does not work without it */
	char text[256]; /* what was found, or what is missing */
	char fix[256];	/* of what is not ok: a command, or a line of a file; "" = see text */
};

struct doctor {
	const char *root;    /* --root; NULL = "/" */
	const char *ledger;  /* --ledger; NULL = not asked for */
	const char *key_dir; /* never NULL */
	size_t n;
	struct doctor_check check[DOCTOR_MAX_CHECKS];
};

/* Appends a check; beyond DOCTOR_MAX_CHECKS nothing. Returns it, or NULL. */
struct doctor_check *doctor_add(struct doctor *d, const char *area, const char *what, bool ok)
	__attribute__((nonnull));
void doctor_say(struct doctor_check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The mend of a check that is not ok. */
void doctor_mend(struct doctor_check *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Gives what is not ok and has no mend yet one that fits this machine; doctor_fix.c. */
void doctor_fix(struct doctor *d);

/* The text below the root, without white space at its end; "" where there is none. */
void doctor_read(const struct doctor *d, const char *path, char *ret, size_t size);

/* Effective capabilities of this process, as a mask. Returns 0 or -errno. */
int doctor_capabilities(uint64_t *ret);

/* What the kernel and its settings allow, and the clock: doctor_kernel.c. */
void doctor_check_kernel(struct doctor *d);
void doctor_check_limits(struct doctor *d);
void doctor_check_clock(struct doctor *d);

/* What the daemon needs: its user, directories and socket; doctor_service.c. */
void doctor_check_service(struct doctor *d);

/* schema jouletrail.doctor/1; p may be NULL. */
struct power;
void doctor_json(struct buf *out, const struct doctor *d, const struct power *p);

/* `--bundle FILE`: writes it, says what is in it; doctor_bundle.c. Returns an exit code. */
int doctor_bundle(const char *path, const struct doctor *d, const struct power *p);

/* What this process and machine have, beside the stages' own probes: see doctor_machine.c. */
void doctor_check_privileges(struct doctor *d);
void doctor_check_cgroups(struct doctor *d);
void doctor_check_pmu(struct doctor *d);

/* The domains that `auto` would measure, as a tree; as a value, an array. */
struct json_writer;
void doctor_domains_human(struct buf *out, const struct power *p);
void doctor_domains_json(struct json_writer *w, const struct power *p);

#endif /* CLI_DOCTOR_H */
