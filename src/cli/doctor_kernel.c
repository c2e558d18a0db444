/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_kernel.c - doctor's checks of what the kernel allows: lockdown, mounts, limits, clock. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>

#include "base/fs.h"
#include "cli/doctor.h"

/* The programs, the maps of 32,768 cells and their names, with room to spare. */
#define NEEDED_BYTES (UINT64_C(64) << 20)

void doctor_read(const struct doctor *d, const char *path, char *ret, size_t size)
{
	if (fs_read_text(d->root, path, ret, size, NULL))
		ret[0] = '\0';
}

/* What decides is looked at before. */
static bool programs_load(const struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->check[i].what, "bpf"))
			return d->check[i].ok;
	return false;
}

/* "none [integrity] confidentiality": the word in brackets. */
static void check_lockdown(struct doctor *d)
{
	char text[128], mode[32] = "none";
	const char *at;
	struct doctor_check *c;
	bool confidential;

	doctor_read(d, "sys/kernel/security/lockdown", text, sizeof(text));
	at = strchr(text, '[');
	if (at)
		sscanf(at + 1, "%31[^]]", mode);
	confidential = strcmp(mode, "confidentiality") == 0;
	c = doctor_add(d, "kernel", "lockdown", !confidential || programs_load(d));
	if (!confidential)
		doctor_say(c, "%s%s", mode,
			   strcmp(mode, "integrity") ? "" : ": the msr meter may be refused");
	else if (c && c->ok)
		doctor_say(c, "confidentiality: the programs load all the same, tools that read "
			      "the kernel may not");
	else
		doctor_say(c, "lockdown=confidentiality: this kernel lets no tracer read it");
}

static void check_jit(struct doctor *d)
{
	struct doctor_check *c;
	uint64_t jit;

	/* A kernel with CONFIG_BPF_JIT_ALWAYS_ON has no other, and some have no file. */
	if (fs_read_u64(d->root, "proc/sys/net/core/bpf_jit_enable", &jit))
		return;
	c = doctor_add(d, "kernel", "bpf jit", jit > 0);
	doctor_say(c, "%s",
		   jit ? "the programs are compiled"
		       : "the programs are interpreted: a switch costs several times as much");
	doctor_mend(c, "sysctl -w net.core.bpf_jit_enable=1");
}

/* Neither is needed; who looks for a reason will look here. */
static void check_mounts(struct doctor *d)
{
	char text[65536];
	bool tracefs, bpffs;

	doctor_read(d, "proc/self/mounts", text, sizeof(text));
	tracefs = strstr(text, " tracefs ");
	bpffs = strstr(text, " bpf ");
	doctor_say(doctor_add(d, "kernel", "tracefs, bpffs", true),
		   "%s and %s mounted; neither is needed", tracefs ? "is" : "not",
		   bpffs ? "is" : "not");
}

void doctor_check_kernel(struct doctor *d)
{
	check_lockdown(d);
	check_jit(d);
	check_mounts(d);
}

/* Maps and rings are charged to our own cgroup: the least limit of it and those above it. */
static uint64_t least_memory(const struct doctor *d, const char *cgroup)
{
	char path[FS_PATH_LEN], at[FS_PATH_LEN];
	uint64_t least = UINT64_MAX, limit;

	snprintf(at, sizeof(at), "%s", cgroup);
	for (char *slash = at; slash;) {
		slash = strrchr(at, '/');
		if (snprintf(path, sizeof(path), "sys/fs/cgroup%s/memory.max", at) <
			    (int)sizeof(path) &&
		    !fs_read_u64(d->root, path, &limit) && limit < least)
			least = limit;
		if (slash)
			*slash = '\0';
	}
	return least;
}

static void check_memory(struct doctor *d)
{
	char text[8192], *own, *end;
	struct doctor_check *c;
	uint64_t least;

	doctor_read(d, "proc/self/cgroup", text, sizeof(text));
	own = strstr(text, "0::/");
	if (!own)
		return;
	own += strlen("0::");
	end = own + strcspn(own, "\n");
	*end = '\0';
	least = least_memory(d, own);
	c = doctor_add(d, "limits", "memory", least >= NEEDED_BYTES);
	if (least == UINT64_MAX)
		doctor_say(c, "no limit of its cgroup");
	else
		doctor_say(c, "the cgroup's limit is %" PRIu64 " MiB", least >> 20);
	doctor_mend(c, "in a unit: MemoryMax=256M; in a container: a larger --memory");
}

void doctor_check_limits(struct doctor *d)
{
	struct rlimit limit = { 0 };
	struct doctor_check *c;
	uint64_t caps = 0;
	bool free_of_it;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	/* CAP_IPC_LOCK is not bound; and BPF's memory is not counted here since 5.11. */
	free_of_it = !doctor_capabilities(&caps) && (caps >> 14 & 1);
	c = doctor_add(d, "limits", "locked memory",
		       free_of_it || limit.rlim_cur == RLIM_INFINITY ||
			       limit.rlim_cur >= (NEEDED_BYTES >> 3));
	if (c && c->ok)
		doctor_say(c, "%s", free_of_it ? "does not bind us (CAP_IPC_LOCK)" : "enough");
	else
		doctor_say(c, "%" PRIu64 " KiB: the rings of flame may not fit",
			   (uint64_t)limit.rlim_cur >> 10);
	doctor_mend(c, "ulimit -l unlimited; in a unit: LimitMEMLOCK=infinity");
	check_memory(d);
}

/* Records are stamped, and grids looked up, by the time of day. */
void doctor_check_clock(struct doctor *d)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);
	struct doctor_check *c =
		doctor_add(d, "clock", "synchronised", state >= 0 && !(t.status & STA_UNSYNC));

	if (c && c->ok)
		doctor_say(c, "within %ld ms", t.maxerror / 1000 + 1);
	else
		doctor_say(c, "nobody keeps the time of day: stamps of records and the grid's "
			      "figures may be of another hour");
	doctor_mend(c, "timedatectl set-ntp true, or apt-get install chrony");
}
