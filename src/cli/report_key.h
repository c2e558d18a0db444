/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_key.h - which row of a report a ledger's sample belongs to. */
#ifndef CLI_REPORT_KEY_H
#define CLI_REPORT_KEY_H

#include "cli/report.h"

/*
 * What a verified sample says of its consumer: bytes, NUL-terminated and cut to fit; "" = nothing.
 */
struct report_names {
	char comm[64];
	char cgroup[REPORT_PATH_LEN];
	char name[REPORT_KEY_LEN];
	char id[REPORT_KEY_LEN];
	char kind[16];
	char own_name[REPORT_KEY_LEN]; /* of its container, or pod: as the runtime calls it */
	uint64_t pid;
	uint64_t start_boottime_ns;
	uint64_t uid;
	uint64_t tid;
	bool has_uid; /* of a process alone */
	bool is_irq;
	bool is_kthread;
	bool is_reserved;
};

/*
 * Who the sample counts for in a report by `by`: key tells it from others (REPORT_PATH_LEN bytes),
 * id is its owner's word for it, "" where that is the key.
 */
void report_key(const struct report *r, const struct report_names *n, char *key,
		char id[REPORT_KEY_LEN]);

#endif /* CLI_REPORT_KEY_H */
