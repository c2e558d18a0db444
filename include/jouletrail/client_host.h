/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* client_host.h - the rest of client.h: what the daemon says of the machine and of itself. */
#ifndef JOULETRAIL_CLIENT_HOST_H
#define JOULETRAIL_CLIENT_HOST_H

#include "jouletrail/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The machine since the daemon's start. Figures without has_energy, has_co2e are unknown. */
struct jt_host_totals {
	int64_t begin_real_us;
	int64_t end_real_us;
	uint64_t wall_ns;
	uint64_t cpu_ns; /* of all tasks */
	struct jt_figure energy_uj;
	struct jt_figure co2e_ug;
	struct jt_figure idle_energy_uj; /* of it, nobody's */
	struct jt_figure idle_co2e_ug;
	uint64_t unattributed_uj;
	uint64_t missing_ns; /* without a meter */
	uint8_t quality;     /* enum jt_quality */
	uint8_t has_energy, has_co2e, has_idle_energy, has_idle_co2e;
	uint8_t reserved[59];
};

JT_CLIENT_API int jt_totals(struct jt_client *c, struct jt_host_totals *ret);

#define JT_MAX_TROUBLE 8

/* How the daemon is. Text is cut to its room. */
struct jt_daemon_status {
	int64_t pid;
	int64_t started_real_us;
	uint64_t uptime_ns;
	uint64_t interval_ns; /* of a window */
	uint64_t tick_ns;     /* of a record of the ledger */
	uint64_t n_windows;
	uint64_t n_ticks;
	uint64_t n_clients;
	uint64_t n_spans;
	uint64_t self_cpu_ns;
	uint64_t n_ledger_records; /* has_ledger */
	uint64_t n_lost;	   /* losses of detail, all kinds of docs/units.md together */
	char state[16];		   /* "measuring", "stopping" */
	char by[16];
	char zone[32];
	char power_source[512];
	char ledger_dir[512]; /* "" for those who may not know it */
	char trouble[JT_MAX_TROUBLE][192];
	uint32_t n_trouble; /* all of them; the first JT_MAX_TROUBLE are above */
	uint8_t quality;    /* enum jt_quality */
	uint8_t has_ledger, ledger_writable;
	uint8_t breached; /* sums that must agree do not */
	uint8_t reserved[64];
};

JT_CLIENT_API int jt_status(struct jt_client *c, struct jt_daemon_status *ret);

#ifdef __cplusplus
}
#endif

static_assert(sizeof(struct jt_host_totals) == 208, "a layout that programs were built with");
static_assert(sizeof(struct jt_daemon_status) == 2792, "a layout that programs were built with");

#endif /* JOULETRAIL_CLIENT_HOST_H */
