/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * audit.h - the self-audit: CPU time of one cgroup after the other by the accounting cells against
 * the kernel's own account of it, for as long as the pipeline runs.
 *
 * One cgroup without children at a time, over AUDIT_WINDOWS windows, those with CPU time in turn.
 * The kernel's figure (cpu.stat, or cpuacct.usage on v1) is read before and after the flush that
 * ends a window, so that its value at the flush lies between the two and no tolerance is needed:
 *
 *   after_begin … before_end  <=  kernel's time of the windows  <=  before_begin … after_end
 *
 * The residue is how far the cells lie outside. A move between cgroups is split by the kernel at
 * its last update of the runtime, up to a tick away from where it happened.
 */
#ifndef DAEMON_AUDIT_H
#define DAEMON_AUDIT_H

#include "identity/identity.h"
#include "types/record.h"
#include "types/usage.h"

struct audit;

/* Windows that one audit spans. */
#define AUDIT_WINDOWS 5

/* Beyond both of these the residue is a breach: 0.1 %, and a tick at 100 Hz. */
#define AUDIT_BREACH_PPM 1000
#define AUDIT_BREACH_NS	 (10 * JT_NS_PER_MS)

/* id resolves cgroups; not owned, outlives it. Returns 0 or -ENOMEM. */
int audit_new(struct identity *id, struct audit **ret);
void audit_free(struct audit *a);

/* Right before and right after the flush that ends the window u. */
void audit_before(struct audit *a);
void audit_after(struct audit *a, const struct usage *u);

/* What was found since the last call. */
struct record_audit audit_take(struct audit *a);

/* Adds to what was found one audit of cells_ns against a kernel's time in [low_ns, high_ns]. */
void audit_judge(uint64_t cells_ns, uint64_t low_ns, uint64_t high_ns, struct record_audit *to);

#endif /* DAEMON_AUDIT_H */
