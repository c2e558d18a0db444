/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_machine.c - doctor's checks of privileges, cgroups and the CPU's counters. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/doctor.h"
#include "identity/mounts.h"

int doctor_capabilities(uint64_t *ret)
{
	char text[8192];
	const char *at;
	int err = fs_read_text(NULL, "proc/self/status", text, sizeof(text), NULL);

	if (err)
		return err;
	at = strstr(text, "\nCapEff:");
	if (!at)
		return -ENODATA;
	*ret = strtoull(at + strlen("\nCapEff:"), NULL, 16);
	return 0;
}

static bool doctor_has(uint64_t capabilities, unsigned int bit)
{
	return capabilities >> bit & 1;
}

void doctor_check_privileges(struct doctor *d)
{
	uint64_t caps = 0, paranoid = 0;
	int err = doctor_capabilities(&caps);
	bool admin = doctor_has(caps, CAP_SYS_ADMIN);
	bool bpf = admin || (doctor_has(caps, CAP_BPF) && doctor_has(caps, CAP_PERFMON));
	struct doctor_check *c = doctor_add(d, "privileges", "accounting", !err && bpf);

	if (!err && bpf)
		doctor_say(c, "%s", geteuid() == 0 ? "root" : "CAP_BPF and CAP_PERFMON");
	else
		doctor_say(c, "no CAP_BPF and CAP_PERFMON");

	c = doctor_add(d, "privileges", "cgroup names",
		       !err && doctor_has(caps, CAP_DAC_READ_SEARCH));
	if (c && c->ok)
		doctor_say(c, "by file handle (CAP_DAC_READ_SEARCH)");
	else
		doctor_say(c, "without CAP_DAC_READ_SEARCH they are found by walking the "
			      "hierarchy: short-lived groups stay unnamed");

	if (fs_read_u64(NULL, "proc/sys/kernel/perf_event_paranoid", &paranoid))
		return; /* -1 is "everything is allowed", and not every kernel has the file */
	c = doctor_add(d, "privileges", "perf_event_paranoid",
		       admin || doctor_has(caps, CAP_PERFMON) || paranoid < 1);
	doctor_say(c, "%llu%s", (unsigned long long)paranoid,
		   c && c->ok ? ", does not bind us"
			      : ": run as root, or sysctl kernel.perf_event_paranoid=0");
}

void doctor_check_cgroups(struct doctor *d)
{
	CLEANUP(cleanup_free) struct mounts *m = calloc(1, sizeof(*m));
	int err = m ? mounts_find(d->root, m) : -ENOMEM;
	bool v2 = !err && m->entry[MOUNTS_V2].point[0];
	bool v1 = !err && m->entry[MOUNTS_V1_CPU].point[0];
	struct doctor_check *c = doctor_add(d, "cgroups", "hierarchy", v1 || v2);

	if (v1 && v2)
		doctor_say(c, "hybrid: the cpu controller is v1, at %.160s",
			   m->entry[MOUNTS_V1_CPU].point);
	else if (v2)
		doctor_say(c, "v2, at %.200s", m->entry[MOUNTS_V2].point);
	else if (v1)
		doctor_say(c, "v1, the cpu controller at %.180s", m->entry[MOUNTS_V1_CPU].point);
	else
		doctor_say(c, "no cgroup v2 and no v1 cpu controller is mounted: consumers have "
			      "no group");
}

void doctor_check_pmu(struct doctor *d)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_HW_CPU_CYCLES,
					.disabled = 1 };
	CLEANUP(cleanup_close)
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	int err = errno;
	struct doctor_check *c = doctor_add(d, "cpu counters", "cycles", fd >= 0);

	if (fd >= 0)
		doctor_say(c, "the CPU's cycle counter can be read");
	else if (err == EACCES || err == EPERM)
		doctor_say(c, "not permitted: energy is split by CPU time without them");
	else
		doctor_say(c, "none (%s), as in most virtual machines: energy is split by CPU time",
			   strerror(err));
}
