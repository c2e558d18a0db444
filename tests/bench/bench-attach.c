/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-attach.c - what a program that does nothing costs per switch, by the way it is attached.
 *
 * CPU time of a pipe ping-pong on one CPU, BPF statistics off: the floor below which no program at
 * that place can be. Above the empty program: what one call and return costs, of which the floor
 * is full where the kernel guards every return against speculation, and two helpers.
 */
#include <string.h>

#include "bench/arms.h"
#include "bench/attach.h"
#include "bench/standing.h"
#include "attach.skel.h"

#define N_ROUNDS 41
#define SLICE_MS 40
/* As in attach.bpf.c. */
#define CALLS 16

#define MAX_ARMS 8
/* Programs that are there for the way they are attached. */
#define N_WAYS 4

static double measure(const void *load)
{
	return standing_ns_per_unit(load, SLICE_MS);
}

/* An arm with this program alone loaded; false where the kernel does not take or attach it. */
static bool arm_open(struct arm *arm, const char *name)
{
	struct attach_bpf *skel = attach_bpf__open();
	struct bpf_program *p;
	struct bpf_link *link;

	load_check(skel != NULL, "bench: attach programs");
	bpf_object__for_each_program(p, skel->obj)
		bpf_program__set_autoload(p, !strcmp(bpf_program__name(p), name));
	p = bpf_object__find_program_by_name(skel->obj, name);
	link = attach_bpf__load(skel) ? NULL : bpf_program__attach(p);
	if (!link) {
		fprintf(stderr, "bench: %s: %s\n", bpf_program__section_name(p), strerror(errno));
		attach_bpf__destroy(skel);
		return false;
	}
	bpf_link__destroy(link);
	/* The skeleton stays until the end, as the arm has its program. */
	*arm = (struct arm){
		.name = name, .attach = attach_program, .detach = detach_program, .arg = p
	};
	return true;
}

/* on_NAME becomes attach.NAME: n of it above base, by one. */
static void report(const struct arm *arm, const struct arm *base, double n)
{
	struct arms_median m = arms_above(arm, base, N_ROUNDS);
	char name[64];

	m.value /= n;
	m.error /= n;
	snprintf(name, sizeof(name), "attach.%s", arm->name + strlen("on_"));
	arms_info(name, m, "ns");
}

int main(void)
{
	/* The first one is the base of those after N_WAYS, and of each of the calls. */
	static const char *const program[] = { "on_tp_btf",   "on_raw_tp", "on_tp",
					       "on_fentry",   "on_call",   "on_storage_get",
					       "on_ktime_get" };
	static struct arm arm[MAX_ARMS] = { { .name = "nothing" } };
	bool is_way[MAX_ARMS] = { false };
	struct standing load;
	size_t n_arms = 1;

	libbpf_set_print(NULL);
	for (size_t i = 0; i < sizeof(program) / sizeof(program[0]); i++) {
		is_way[n_arms] = i < N_WAYS;
		n_arms += arm_open(&arm[n_arms], program[i]);
	}
	load_check(n_arms > 1 && !strcmp(arm[1].name, "on_tp_btf"), "bench: an empty program");
	standing_pingpong(&load, 0);
	arms_run(arm, n_arms, N_ROUNDS, measure, &load);
	standing_stop(&load);
	for (size_t i = 1; i < n_arms; i++)
		report(&arm[i], is_way[i] ? &arm[0] : &arm[1],
		       strcmp(arm[i].name, "on_call") ? 1 : CALLS);
	return 0;
}
