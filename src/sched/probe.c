/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* probe.c - what the kernel side needs and whether it is there, for `doctor`. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sched/sched.h"

#include "sched.skel.h"

static void sched_probe_btf(const struct btf *btf, sched_probe_fn *f, void *arg)
{
	static const char *const tracepoint[] = {
		"btf_trace_sched_switch",	"btf_trace_task_newtask",
		"btf_trace_sched_process_exec", "btf_trace_sched_process_free",
		"btf_trace_cgroup_attach_task", "btf_trace_task_rename",
		"btf_trace_cgroup_mkdir",	"btf_trace_cgroup_rename",
		"btf_trace_cgroup_rmdir"
	};
	char missing[256] = "";

	if (!btf) {
		f("btf", false,
		  "no /sys/kernel/btf/vmlinux: boot a kernel built with CONFIG_DEBUG_INFO_BTF "
		  "(Debian's are)",
		  arg);
		return;
	}
	f("btf", true, "/sys/kernel/btf/vmlinux", arg);
	for (size_t i = 0; i < sizeof(tracepoint) / sizeof(tracepoint[0]); i++)
		if (btf__find_by_name_kind(btf, tracepoint[i], BTF_KIND_TYPEDEF) < 0)
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
				 " %s", tracepoint[i] + strlen("btf_trace_"));
	if (missing[0])
		f("tracepoints", false, missing, arg);
	else
		f("tracepoints", true,
		  "sched_switch task_newtask sched_process_exec sched_process_free "
		  "cgroup_attach_task task_rename cgroup_mkdir cgroup_rename cgroup_rmdir",
		  arg);
}

static void sched_probe_load(sched_probe_fn *f, void *arg)
{
	struct sched_bpf *skel;
	char text[160];
	int err;

	libbpf_set_print(NULL);
	skel = sched_bpf__open_and_load();
	err = skel ? 0 : -errno;
	sched_bpf__destroy(skel);
	if (!err)
		f("bpf", true, "the programs load and pass the verifier", arg);
	else if (err == -EPERM)
		f("bpf", false,
		  "not permitted: run as root or with CAP_BPF and CAP_PERFMON; under "
		  "lockdown=confidentiality no tracer can work",
		  arg);
	else {
		snprintf(text, sizeof(text),
			 "the programs do not load: %s; needs Linux 5.15 or "
			 "later",
			 strerror(-err));
		f("bpf", false, text, arg);
	}
}

void sched_probe(sched_probe_fn *f, void *arg)
{
	struct btf *btf = btf__load_vmlinux_btf();

	sched_probe_btf(libbpf_get_error(btf) ? NULL : btf, f, arg);
	sched_probe_load(f, arg);
	if (!libbpf_get_error(btf))
		btf__free(btf);
}
