/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* gpu.c - GPUs behind a library that may be missing, old, another one, or not tell the truth. */
#include <dlfcn.h>

#include "stubs/nvml.h"
#include "unit/power/tree.h"

#define LIBRARY "lib/libnvidia-ml.so.1"

static struct stub_nvml *stub;

/* Puts the stub where the meter looks below its root, and keeps it open to talk to it. */
static void library(struct tree *t, const char *name)
{
	char self[512], from[640], to[128];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	void *lib;

	cr_assert_gt(n, 0);
	self[n] = '\0';
	/* …/tests/unit/power/gpu -> …/tests/stubs/NAME */
	*strstr(self, "/tests/unit/") = '\0';
	snprintf(from, sizeof(from), "%s/tests/stubs/%s", self, name);
	tree_begin(t);
	snprintf(to, sizeof(to), "%s/lib", t->root);
	cr_assert_eq(mkdir(to, 0755), 0);
	snprintf(to, sizeof(to), "%s/" LIBRARY, t->root);
	cr_assert_eq(symlink(from, to), 0);
	lib = dlopen(to, RTLD_NOW);
	cr_assert_not_null(lib, "%s", dlerror());
	stub = dlsym(lib, "stub_nvml");
	cr_assert_not_null(stub);
	memset(stub, 0, sizeof(*stub));
}

static void two_gpus(struct tree *t)
{
	library(t, "nvml.so");
	stub->n_gpus = 2;
	stub->gpu[0] = (struct stub_gpu){ .uuid = "GPU-a", .energy_mj = 1000, .most_mw = 300000 };
	stub->gpu[1] = (struct stub_gpu){ .uuid = "GPU-b", .energy_mj = 9000, .most_mw = 300000 };
}

Test(gpu, several_are_summed)
{
	struct tree t;

	two_gpus(&t);
	tree_start(&t, "gpu", NULL);
	tree_expect_domains(&t, "gpu-0* gpu-1*");
	cr_expect_not_null(strstr(power_domains(t.p)->domain[0].source, "(energy counter)"));
	cr_expect_eq(power_max_interval_ns(t.p), UINT64_MAX);
	stub->gpu[0].energy_mj += 150000;
	stub->gpu[1].energy_mj += 250000;
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "gpu-0")->energy_uj, 150 * J);
	cr_expect_eq(energy_total_uj(&t.e), 400 * J);
	cr_expect_gt(tree_reading(&t, "gpu-0")->random_sd_uj, 1e6);
	power_free(t.p);
	t.p = NULL;
	cr_expect_eq(stub->n_running, 0);
	tree_end(&t);
}

Test(gpu, beside_the_meter_of_the_cpus)
{
	struct tree t;

	two_gpus(&t);
	tree_file(&t, "sys/class/powercap/intel-rapl:0/name", "package-0");
	tree_file(&t, "sys/class/powercap/intel-rapl:0/energy_uj", "1");
	tree_start(&t, "auto", NULL);
	tree_expect_domains(&t, "package-0* gpu-0* gpu-1*");
	cr_expect_str_eq(power_choice(t.p),
			 "powercap, 1 domain: package-0; gpu, 2 domains: gpu-0 gpu-1");
	tree_end(&t);
}

Test(gpu, power_is_integrated_where_there_is_no_counter)
{
	struct tree t;

	two_gpus(&t);
	stub->gpu[0].energy_status = 3;
	stub->gpu[0].power_mw = 100000;
	tree_start(&t, "gpu", NULL);
	cr_expect_not_null(strstr(power_domains(t.p)->domain[0].source, "(power, integrated)"));
	cr_expect_gt(power_domains(t.p)->domain[0].systematic.plus,
		     power_domains(t.p)->domain[1].systematic.plus);
	cr_expect_eq(power_max_interval_ns(t.p), SECOND / 10);
	for (uint64_t ms = 100; ms < 1000; ms += 100) {
		stub->gpu[0].power_mw = ms == 500 ? 300000 : 100000;
		power_poll(t.p, ms * 1000000);
	}
	stub->gpu[1].energy_mj += 1000;
	tree_window(&t, 1000);
	/* 100 W for a second and a peak of 200 W more, 100 ms wide. */
	cr_expect_eq(tree_reading(&t, "gpu-0")->energy_uj, 120 * J);
	cr_expect_eq(energy_total_uj(&t.e), 121 * J);
	tree_end(&t);
}

static void expect_use(const struct tree *t, size_t i, uint32_t tgid, uint32_t ppm)
{
	cr_assert_lt(i, t->e.n_uses);
	cr_expect_eq(t->e.use[i].tgid, tgid);
	cr_expect_eq(t->e.use[i].ppm, ppm, "%u", t->e.use[i].ppm);
}

Test(gpu, processes_by_their_utilisation)
{
	struct tree t;

	two_gpus(&t);
	/* What ran before is over. */
	stub->gpu[1].n_processes = 1;
	stub->gpu[1].process[0].pid = 40;
	stub->gpu[1].process[0].stamp_us = 1700000000000000;
	tree_start(&t, "gpu", NULL);
	stub->gpu[1].n_processes = 4;
	stub->gpu[1].process[0].pid = 41;
	stub->gpu[1].process[0].sm = 60;
	stub->gpu[1].process[1].pid = 42;
	stub->gpu[1].process[1].sm = 10;
	stub->gpu[1].process[2].pid = 43;
	stub->gpu[1].process[3].pid = 42;
	stub->gpu[1].process[3].sm = 10;
	tree_window(&t, 1000);
	cr_assert_eq(t.e.n_uses, 2);
	expect_use(&t, 0, 41, 750000);
	expect_use(&t, 1, 42, 250000);
	cr_expect_eq(t.e.use[0].domain, 1);
	cr_expect_eq(stub->gpu[1].since, 1700000000000000);
	/* Without a new sample the last holds, for a while. */
	stub->gpu[1].processes_status = 6;
	tree_window(&t, 1000);
	cr_expect_eq(t.e.n_uses, 2);
	tree_window(&t, 1500);
	cr_expect_eq(t.e.n_uses, 0);
	tree_end(&t);
}

Test(gpu, uses_that_cannot_be)
{
	struct tree t;

	two_gpus(&t);
	tree_start(&t, "gpu", NULL);
	stub->gpu[0].n_processes = 3;
	stub->gpu[0].process[0].sm = 50; /* pid 0 */
	stub->gpu[0].process[1].pid = 7;
	stub->gpu[0].process[1].sm = 101;
	stub->gpu[0].process[2].pid = 8;
	stub->gpu[0].process[2].sm = 1;
	tree_window(&t, 1000);
	cr_assert_eq(t.e.n_uses, 1);
	expect_use(&t, 0, 8, 1000000);
	/* More than there was room for; no permission; MIG. */
	stub->gpu[0].n_processes = 1000000;
	tree_window(&t, 1000);
	cr_expect_eq(t.e.n_uses, 0);
	stub->gpu[0].n_processes = 3;
	stub->gpu[0].processes_status = 4;
	tree_window(&t, 1000);
	cr_expect_eq(t.e.n_uses, 0);
	tree_end(&t);
}

Test(gpu, energy_that_cannot_be)
{
	static const struct {
		unsigned long long energy_mj;
		int status;
		const char *reason;
	} cases[] = {
		{ 500, 0, "reset" },
		{ 1000 + 10000000, 0, "jump" },
		{ 1ULL << 63, 0, "rubbish" },
		{ 2000, 15, "vanished" },
		{ 2000, 4, "forbidden" },
		{ 2000, 999, "unreadable" },
		{ 2000, -12345, "unreadable" },
	};
	struct tree t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		two_gpus(&t);
		tree_start(&t, "gpu", NULL);
		stub->gpu[0].energy_mj = cases[i].energy_mj;
		stub->gpu[0].energy_status = cases[i].status;
		stub->gpu[1].energy_mj += 5000;
		tree_window(&t, 1000);
		cr_expect_str_eq(tree_gap(&t, "gpu-0"), cases[i].reason, "%zu: %s", i,
				 tree_gap(&t, "gpu-0"));
		cr_expect_eq(energy_total_uj(&t.e), 5 * J);
		tree_end(&t);
	}
	/* It stands still, though a GPU always draws something. */
	two_gpus(&t);
	tree_start(&t, "gpu", NULL);
	tree_window(&t, 4000);
	cr_expect_str_eq(tree_gap(&t, "gpu-0"), "");
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "gpu-0"), "stale");
	tree_end(&t);
}

Test(gpu, power_that_cannot_be)
{
	struct tree t;

	two_gpus(&t);
	stub->gpu[0].energy_status = 3;
	stub->gpu[0].power_mw = 100000;
	tree_start(&t, "gpu", NULL);
	stub->gpu[0].power_mw = 4000000000;
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "gpu-0"), "rubbish");
	tree_end(&t);
}

Test(gpu, one_card_under_two_numbers_is_one)
{
	struct energy_domain d;
	struct tree t;

	two_gpus(&t);
	/* The same handles once more, and more GPUs than there can be. */
	stub->n_gpus = 4000000000;
	stub->gpu[2] = stub->gpu[0];
	stub->gpu[3] = (struct stub_gpu){ .energy_status = 3, .power_status = 3 };
	tree_start(&t, "gpu", NULL);
	tree_expect_domains(&t, "gpu-0* gpu-1*");
	cr_assert(power_mirror(t.p, 0, &d));
	cr_expect_str_eq(d.name, "gpu-2");
	tree_end(&t);
}

static void expect_refusal(struct tree *t, int want, const char *text)
{
	int err = tree_try(t, "gpu", NULL);

	cr_expect_eq(err, want, "%d %s", err, t->why.text);
	cr_expect_not_null(strstr(t->why.text, text), "%s", t->why.text);
	/* A machine goes on without. */
	tree_file(t, "sys/class/powercap/intel-rapl:0/name", "package-0");
	tree_file(t, "sys/class/powercap/intel-rapl:0/energy_uj", "1");
	tree_start(t, "auto", NULL);
	tree_expect_domains(t, "package-0*");
	cr_expect_eq(strstr(power_choice(t->p), "; not gpu") != NULL, want != -ENOENT, "%s",
		     power_choice(t->p));
	tree_end(t);
}

Test(gpu, a_library_that_is_missing_or_none)
{
	struct tree t;

	tree_begin(&t);
	expect_refusal(&t, -ENOENT, LIBRARY);
	tree_begin(&t);
	tree_file(&t, LIBRARY, "no library");
	expect_refusal(&t, -EINVAL, LIBRARY);
	library(&t, "nvml-other.so");
	expect_refusal(&t, -EINVAL, "no function nvmlInit_v2");
}

Test(gpu, a_driver_that_does_not_start)
{
	struct tree t;

	two_gpus(&t);
	stub->init_status = 9;
	expect_refusal(&t, -ENODEV, "no NVIDIA driver is loaded");
	two_gpus(&t);
	stub->count_status = 999;
	expect_refusal(&t, -EIO, "does not count");
	cr_expect_eq(stub->n_running, 0);
	two_gpus(&t);
	stub->n_gpus = 0;
	expect_refusal(&t, -ENOENT, "none at all");
	two_gpus(&t);
	for (int i = 0; i < 2; i++)
		stub->gpu[i].energy_status = stub->gpu[i].power_status = 3;
	expect_refusal(&t, -EOPNOTSUPP, "no GPU whose power can be read");
}

Test(gpu, an_old_library)
{
	struct tree t;

	library(&t, "nvml-old.so");
	stub->n_gpus = 1;
	stub->gpu[0].power_mw = 200000;
	tree_start(&t, "gpu", NULL);
	tree_expect_domains(&t, "gpu-0*");
	cr_expect_str_eq(power_domains(t.p)->domain[0].source,
			 "nvml 0: a GPU without a name (power, integrated)");
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "gpu-0")->energy_uj, 200 * J);
	cr_expect_eq(t.e.n_uses, 0);
	tree_end(&t);
}
