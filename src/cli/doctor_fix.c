/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_fix.c - the mend of each `no`: what to type on a machine like this one. */
#include <string.h>

#include "base/cleanup.h"
#include "cli/doctor.h"

#define ROOT	     "run as root: sudo jouletrail …"
#define MODULE(name) "modprobe " name " && echo " name " >>/etc/modules-load.d/jouletrail.conf"
#define IN_A_GUEST                                                                         \
	"nothing in a virtual machine: get the host's share (docs/vms.md), or jouletrail " \
	"calibrate --wall-idle W --wall-max W"

/* text: the mend is for a check that says that; NULL = whatever it says. The first that fits. */
static const struct {
	const char *area;
	const char *what;
	const char *text;
	const char *fix;
	const char *guest; /* in a virtual machine; NULL = the same */
} fixes[] = {
	{ "kernel", "btf", NULL,
	  "apt-get install linux-image-amd64 (CONFIG_DEBUG_INFO_BTF), reboot", NULL },
	{ "kernel", "tracepoints", NULL,
	  "a kernel of 5.15 or later: apt-get install "
	  "linux-image-amd64, reboot",
	  NULL },
	{ "kernel", "bpf", "not permitted",
	  ROOT "; in a container: --privileged, or --cap-add "
	       "BPF,PERFMON and no seccomp rule against bpf()",
	  NULL },
	{ "kernel", "bpf", NULL,
	  "a kernel of 5.15 or later: apt-get install linux-image-amd64, "
	  "reboot",
	  NULL },
	{ "kernel", "lockdown", NULL,
	  "/etc/default/grub: take lockdown=confidentiality out of GRUB_CMDLINE_LINUX; then "
	  "update-grub, reboot",
	  NULL },
	{ "privileges", "accounting", NULL, ROOT, NULL },
	{ "privileges", "cgroup names", NULL, ROOT, NULL },
	{ "privileges", "perf_event_paranoid", NULL,
	  "sysctl -w kernel.perf_event_paranoid=0; for good: in /etc/sysctl.d/jouletrail.conf; or "
	  "run as root",
	  NULL },
	{ "meter", "powercap", "ermission denied", ROOT, NULL },
	{ "meter", "powercap", NULL, MODULE("intel_rapl_msr"), IN_A_GUEST },
	{ "meter", "perf", "ermission denied", ROOT, NULL },
	{ "meter", "perf", "not permitted", ROOT, NULL },
	{ "meter", "perf", NULL, MODULE("rapl"), IN_A_GUEST },
	{ "meter", "msr", "ermission denied", ROOT, NULL },
	{ "meter", "msr", "not permitted", ROOT, NULL },
	{ "meter", "msr", NULL, MODULE("msr"), IN_A_GUEST },
	{ "meter", "hwmon", NULL,
	  "apt-get install lm-sensors && sensors-detect --auto: where the board has one",
	  "nothing in a virtual machine: sensors are the host's" },
	{ "meter", "model", NULL,
	  "jouletrail calibrate --wall-idle W --wall-max W, from a wall meter", NULL },
	{ "cpu counters", "cycles", "not permitted", ROOT, NULL },
	{ "cpu counters", "cycles", NULL, "load the CPU's PMU driver; energy is split without it",
	  "give the guest a PMU (QEMU: -cpu host,pmu=on; libvirt: <pmu state='on'/>), or none" },
	{ "cgroups", "hierarchy", NULL,
	  "mount -t cgroup2 none /sys/fs/cgroup; for good: systemd.unified_cgroup_hierarchy=1 on "
	  "the kernel's command line",
	  NULL },
};

/* Only x86 says so in its flags; elsewhere firmware names the maker. */
static bool is_guest(const struct doctor *d)
{
	char text[65536];

	doctor_read(d, "proc/cpuinfo", text, sizeof(text));
	if (strstr(text, " hypervisor"))
		return true;
	doctor_read(d, "sys/class/dmi/id/sys_vendor", text, sizeof(text));
	return strstr(text, "QEMU") || strstr(text, "Amazon EC2") || strstr(text, "Google") ||
	       strstr(text, "VMware");
}

/* The driver is of use where there is a card. */
static void fix_gpu(struct doctor_check *c, const struct doctor *d)
{
	char text[16384];

	doctor_read(d, "proc/bus/pci/devices", text, sizeof(text));
	/* Vendor and device, of NVIDIA: "\t10de1234\t". */
	if (strstr(text, "\t10de"))
		doctor_mend(c, "apt-get install nvidia-driver (non-free), reboot");
	else
		doctor_mend(c, "nothing: there is no NVIDIA card in this machine");
}

static void fix_one(struct doctor_check *c, const struct doctor *d, bool guest)
{
	if (!strcmp(c->area, "meter") && !strcmp(c->what, "gpu")) {
		fix_gpu(c, d);
		return;
	}
	for (size_t i = 0; i < sizeof(fixes) / sizeof(fixes[0]); i++) {
		if (strcmp(fixes[i].area, c->area) != 0 || strcmp(fixes[i].what, c->what) != 0 ||
		    (fixes[i].text && !strstr(c->text, fixes[i].text)))
			continue;
		doctor_mend(c, "%s", guest && fixes[i].guest ? fixes[i].guest : fixes[i].fix);
		return;
	}
}

void doctor_fix(struct doctor *d)
{
	bool guest = is_guest(d);

	for (size_t i = 0; i < d->n; i++)
		if (!d->check[i].ok && !d->check[i].fix[0])
			fix_one(&d->check[i], d, guest);
}
