/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * names.bpf.h - names for user space: of cgroups as they come, are renamed and go, of executables.
 *
 * A kernel string is no type that a plain load follows. bpf_snprintf() copies one without a fault,
 * and unlike bpf_probe_read_kernel_str() it is there under lockdown=confidentiality. A cgroup's own
 * name is enough: user space knows its parent's path.
 */
#ifndef NAMES_BPF_H
#define NAMES_BPF_H

#include "jouletrail/names.h"

/* cgroup_names: records of cgroups. Full: the record is lost, counted in n_cgroups. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} cgroup_names SEC(".maps");

/* process_names: records of processes. User space sizes it. Full: lost, counted in n_execs. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} process_names SEC(".maps");

struct jt_name_losses name_losses;

const volatile __u32 want_cmdline; /* command lines too; what is off the verifier removes */

struct name_record {
	struct jt_name head;
	char text[JT_NAME_LEN];
};

struct cmdline_record {
	struct jt_name head;
	char text[JT_CMDLINE_LEN];
};

/*
 * Whether the cgroup is of a hierarchy that is accounted by: v2, and the cpu controller's of v1.
 * The default hierarchy has the number 0 (cgroup_init(), kernel/cgroup/cgroup.c).
 */
static __always_inline int cgroup_is_accounted(const struct cgroup *group, __u32 *ret_v1)
{
	const struct cgroup_root *root = group->root;

	*ret_v1 = 0;
	if (root->hierarchy_id == 0)
		return 1;
	*ret_v1 = JT_CELL_V1_CGRP;
	return bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id) &&
	       root->subsys_mask & 1U << bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
}

static __always_inline void name_cgroup(struct cgroup *group, __u32 kind)
{
	const struct cgroup_subsys_state *parent;
	struct name_record *r;
	__u32 v1;
	long len;

	if (!cgroup_is_accounted(group, &v1))
		return;
	r = bpf_ringbuf_reserve(&cgroup_names, sizeof(*r), 0);
	if (!r) {
		__sync_fetch_and_add(&name_losses.n_cgroups, 1);
		return;
	}
	parent = group->self.parent;
	r->head.id = group->kn->id;
	r->head.parent_id = parent ? parent->cgroup->kn->id : 0;
	r->head.kind = kind;
	r->head.tgid = 0;
	r->head.flags = v1;
	len = BPF_SNPRINTF(r->text, sizeof(r->text), "%s", group->kn->name);
	r->head.len = len > 0 ? len - 1 : 0;
	bpf_ringbuf_submit(r, 0);
}

static __always_inline void name_cgroup_removed(struct cgroup *group)
{
	struct jt_name *head;
	__u32 v1;

	if (!cgroup_is_accounted(group, &v1))
		return;
	head = bpf_ringbuf_reserve(&cgroup_names, sizeof(*head), 0);
	if (!head) {
		__sync_fetch_and_add(&name_losses.n_cgroups, 1);
		return;
	}
	*head = (struct jt_name){ .id = group->kn->id,
				  .kind = JT_NAME_CGROUP_REMOVED,
				  .flags = v1 };
	bpf_ringbuf_submit(head, 0);
}

static __always_inline void name_process(struct jt_name *head, const struct task_struct *task,
					 __u32 kind)
{
	*head = (struct jt_name){ .id = task->group_leader->start_boottime,
				  .kind = kind,
				  .tgid = task->tgid };
}

static __always_inline void name_exec(const struct task_struct *task,
				      const struct linux_binprm *bprm)
{
	struct name_record *r = bpf_ringbuf_reserve(&process_names, sizeof(*r), 0);
	long len;

	if (!r) {
		__sync_fetch_and_add(&name_losses.n_execs, 1);
		return;
	}
	name_process(&r->head, task, JT_NAME_EXEC);
	len = BPF_SNPRINTF(r->text, sizeof(r->text), "%s", bprm->filename);
	r->head.len = len > 0 ? len - 1 : 0;
	bpf_ringbuf_submit(r, 0);
}

/* The pages were written a moment ago: a fault that cannot be served here is rare, /proc helps. */
static __always_inline void name_cmdline(const struct task_struct *task)
{
	const struct mm_struct *mm = task->mm;
	struct cmdline_record *r;
	__u64 len;

	if (!want_cmdline || !mm)
		return;
	r = bpf_ringbuf_reserve(&process_names, sizeof(*r), 0);
	if (!r) {
		__sync_fetch_and_add(&name_losses.n_execs, 1);
		return;
	}
	name_process(&r->head, task, JT_NAME_CMDLINE);
	len = mm->arg_end - mm->arg_start;
	if (len > sizeof(r->text))
		len = sizeof(r->text);
	if (bpf_probe_read_user(r->text, len, (const void *)mm->arg_start)) {
		bpf_ringbuf_discard(r, 0);
		return;
	}
	r->head.len = len;
	bpf_ringbuf_submit(r, 0);
}

#endif /* NAMES_BPF_H */
