/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nvml.c - a library that stands for NVML: it says what a test tells it, be it true or not.
 *
 * STUB_nvml has what today's has; STUB_nvml_old what a driver of 2012 had, under the names of
 * then; STUB_nvml_other nothing of it.
 */
#include "stubs/nvml.h"

#include <stdio.h>
#include <string.h>

extern struct stub_nvml stub_nvml;
struct stub_nvml stub_nvml;

#ifndef STUB_nvml_other

#ifdef STUB_nvml_old
#define INIT  nvmlInit
#define COUNT nvmlDeviceGetCount
#define FIND  nvmlDeviceGetHandleByIndex
#else
#define INIT  nvmlInit_v2
#define COUNT nvmlDeviceGetCount_v2
#define FIND  nvmlDeviceGetHandleByIndex_v2
#endif

int INIT(void);
int nvmlShutdown(void);
int COUNT(unsigned int *ret);
int FIND(unsigned int index, struct stub_gpu **ret);
int nvmlDeviceGetPowerUsage(struct stub_gpu *gpu, unsigned int *ret);

int INIT(void)
{
	stub_nvml.n_running += !stub_nvml.init_status;
	return stub_nvml.init_status;
}

int nvmlShutdown(void)
{
	stub_nvml.n_running--;
	return 0;
}

int COUNT(unsigned int *ret)
{
	*ret = stub_nvml.n_gpus;
	return stub_nvml.count_status;
}

int FIND(unsigned int index, struct stub_gpu **ret)
{
	*ret = &stub_nvml.gpu[index % STUB_MAX_GPUS];
	return 0;
}

int nvmlDeviceGetPowerUsage(struct stub_gpu *gpu, unsigned int *ret)
{
	*ret = gpu->power_mw;
	return gpu->power_status;
}

#ifndef STUB_nvml_old
int nvmlDeviceGetUUID(struct stub_gpu *gpu, char *ret, unsigned int size);
int nvmlDeviceGetName(struct stub_gpu *gpu, char *ret, unsigned int size);
int nvmlDeviceGetTotalEnergyConsumption(struct stub_gpu *gpu, unsigned long long *ret);
int nvmlDeviceGetPowerManagementLimitConstraints(struct stub_gpu *gpu, unsigned int *ret_least,
						 unsigned int *ret_most);
int nvmlDeviceGetProcessUtilization(struct stub_gpu *gpu, void *ret, unsigned int *ret_n,
				    unsigned long long since);

int nvmlDeviceGetUUID(struct stub_gpu *gpu, char *ret, unsigned int size)
{
	/* NVML fills the buffer and does not always end it. */
	snprintf(ret, size, "%s", gpu->uuid ? gpu->uuid : "");
	return 0;
}

int nvmlDeviceGetName(struct stub_gpu *gpu, char *ret, unsigned int size)
{
	(void)gpu;
	memset(ret, 'G', size);
	return 0;
}

int nvmlDeviceGetTotalEnergyConsumption(struct stub_gpu *gpu, unsigned long long *ret)
{
	*ret = gpu->energy_mj;
	return gpu->energy_status;
}

int nvmlDeviceGetPowerManagementLimitConstraints(struct stub_gpu *gpu, unsigned int *ret_least,
						 unsigned int *ret_most)
{
	*ret_least = 0;
	*ret_most = gpu->most_mw;
	return 0;
}

int nvmlDeviceGetProcessUtilization(struct stub_gpu *gpu, void *ret, unsigned int *ret_n,
				    unsigned long long since)
{
	unsigned int room = *ret_n;

	*ret_n = gpu->n_processes;
	gpu->since = since;
	if (room > STUB_MAX_PROCESSES)
		memcpy(ret, gpu->process, sizeof(gpu->process));
	return gpu->processes_status;
}
#endif
#endif
