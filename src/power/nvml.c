/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* nvml.c - see nvml.h. */
#include "power/nvml.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "jouletrail/units.h"

#define UJ_PER_MJ 1000
#define UW_PER_MW 1000

/* nvmlReturn_t, of the NVML API reference; what is not here is "no". */
enum {
	SUCCESS = 0,
	NOT_SUPPORTED = 3,
	NO_PERMISSION = 4,
	NOT_FOUND = 6,
	DRIVER_NOT_LOADED = 9,
	GPU_IS_LOST = 15,
};

/* nvmlProcessUtilizationSample_t */
struct utilization {
	unsigned int pid;
	unsigned long long stamp_us;
	unsigned int sm, mem, enc, dec;
};

_Static_assert(sizeof(struct utilization) == 32, "as NVML lays it out");

struct nvml {
	void *library;
	int (*init)(void);
	int (*shutdown)(void);
	int (*count)(unsigned int *);
	int (*find)(unsigned int, void **);
	int (*uuid)(void *, char *, unsigned int);
	int (*name)(void *, char *, unsigned int);
	int (*energy_mj)(void *, unsigned long long *);
	int (*power_mw)(void *, unsigned int *);
	int (*limits_mw)(void *, unsigned int *, unsigned int *);
	int (*processes)(void *, struct utilization *, unsigned int *, unsigned long long);
};

/* By name, the newest first; later ones of a needed function are what older drivers have. */
static const struct symbol {
	size_t offset;
	bool needed;
	const char *name[2];
} symbols[] = {
	{ offsetof(struct nvml, init), true, { "nvmlInit_v2", "nvmlInit" } },
	{ offsetof(struct nvml, shutdown), true, { "nvmlShutdown" } },
	{ offsetof(struct nvml, count), true, { "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount" } },
	{ offsetof(struct nvml, find),
	  true,
	  { "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex" } },
	{ offsetof(struct nvml, uuid), false, { "nvmlDeviceGetUUID" } },
	{ offsetof(struct nvml, name), false, { "nvmlDeviceGetName" } },
	{ offsetof(struct nvml, energy_mj), false, { "nvmlDeviceGetTotalEnergyConsumption" } },
	{ offsetof(struct nvml, power_mw), false, { "nvmlDeviceGetPowerUsage" } },
	{ offsetof(struct nvml, limits_mw),
	  false,
	  { "nvmlDeviceGetPowerManagementLimitConstraints" } },
	{ offsetof(struct nvml, processes), false, { "nvmlDeviceGetProcessUtilization" } },
};

static int to_errno(int ret)
{
	switch (ret) {
	case SUCCESS:
		return 0;
	case NOT_SUPPORTED:
		return -EOPNOTSUPP;
	case NO_PERMISSION:
		return -EACCES;
	case DRIVER_NOT_LOADED:
	case GPU_IS_LOST:
		return -ENODEV;
	default:
		return -EIO;
	}
}

/* Returns the name of a function that it cannot do without and lacks, or NULL. */
static const char *find_symbols(struct nvml *n)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		const struct symbol *s = &symbols[i];
		void *at = dlsym(n->library, s->name[0]);

		if (!at && s->name[1])
			at = dlsym(n->library, s->name[1]);
		if (!at && s->needed)
			return s->name[0];
		memcpy((char *)n + s->offset, &at, sizeof(at));
	}
	return NULL;
}

void nvml_close(struct nvml *n)
{
	if (!n)
		return;
	if (n->shutdown)
		n->shutdown();
	if (n->library)
		dlclose(n->library);
	free(n);
}

int nvml_open(const char *path, struct nvml **ret, struct why *why)
{
	CLEANUP(cleanup_free) struct nvml *n = calloc(1, sizeof(*n));
	const char *missing;
	int err;

	if (!n)
		return why_set(why, -ENOMEM, "gpu: out of memory");
	n->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!n->library) {
		const char *text = dlerror();

		err = text && strstr(text, "No such file") ? -ENOENT : -EINVAL;
		return why_set(why, err, "gpu: %.300s", text ? text : path);
	}
	missing = find_symbols(n);
	if (missing) {
		dlclose(n->library);
		return why_set(why, -EINVAL, "gpu: %.200s: no function %s: not NVML", path,
			       missing);
	}
	err = to_errno(n->init());
	if (err) {
		dlclose(n->library);
		return why_set(why, err, "gpu: %.200s: NVML does not start: %s", path,
			       err == -ENODEV ? "no NVIDIA driver is loaded" : strerror(-err));
	}
	*ret = TAKE_PTR(n);
	return 0;
}

int nvml_count(const struct nvml *n, unsigned int *ret)
{
	return to_errno(n->count(ret));
}

int nvml_find(const struct nvml *n, unsigned int index, void **ret_gpu)
{
	return to_errno(n->find(index, ret_gpu));
}

int nvml_uuid(const struct nvml *n, void *gpu, char ret[NVML_UUID_LEN])
{
	memset(ret, 0, NVML_UUID_LEN);
	return n->uuid ? to_errno(n->uuid(gpu, ret, NVML_UUID_LEN - 1)) : -ENOSYS;
}

int nvml_name(const struct nvml *n, void *gpu, char ret[NVML_NAME_LEN])
{
	memset(ret, 0, NVML_NAME_LEN);
	return n->name ? to_errno(n->name(gpu, ret, NVML_NAME_LEN - 1)) : -ENOSYS;
}

int nvml_energy_uj(const struct nvml *n, void *gpu, uint64_t *ret)
{
	unsigned long long mj = 0;
	int err = n->energy_mj ? to_errno(n->energy_mj(gpu, &mj)) : -ENOSYS;

	if (!err && __builtin_mul_overflow(mj, UJ_PER_MJ, ret))
		return -ERANGE;
	return err;
}

int nvml_power_uw(const struct nvml *n, void *gpu, uint64_t *ret)
{
	unsigned int mw = 0;
	int err = n->power_mw ? to_errno(n->power_mw(gpu, &mw)) : -ENOSYS;

	if (!err)
		*ret = (uint64_t)mw * UW_PER_MW;
	return err;
}

int nvml_most_power_uw(const struct nvml *n, void *gpu, uint64_t *ret)
{
	unsigned int least_mw = 0, most_mw = 0;
	int err = n->limits_mw ? to_errno(n->limits_mw(gpu, &least_mw, &most_mw)) : -ENOSYS;

	if (!err)
		*ret = (uint64_t)most_mw * UW_PER_MW;
	return err;
}

int nvml_processes(const struct nvml *n, void *gpu, uint64_t since_us,
		   struct nvml_sample ret[NVML_MAX_SAMPLES], size_t *ret_n)
{
	struct utilization u[NVML_MAX_SAMPLES] = { 0 };
	unsigned int n_samples = NVML_MAX_SAMPLES;
	int status, err;

	if (!n->processes)
		return -ENOSYS;
	status = n->processes(gpu, u, &n_samples, since_us);
	/* "Not found" is that nothing has run since. */
	if (status == NOT_FOUND)
		n_samples = 0;
	err = status == NOT_FOUND ? 0 : to_errno(status);
	if (err)
		return err;
	if (n_samples > NVML_MAX_SAMPLES)
		return -EIO;
	for (unsigned int i = 0; i < n_samples; i++)
		ret[i] = (struct nvml_sample){ u[i].stamp_us, u[i].pid, u[i].sm };
	*ret_n = n_samples;
	return 0;
}
