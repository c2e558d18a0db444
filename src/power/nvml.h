/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* nvml.h - NVIDIA's management library, found at run time: what of it the GPU meter asks. */
#ifndef POWER_NVML_H
#define POWER_NVML_H

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

/*
 * Every answer is looked at before it is believed: the library is not ours, may be old, and may
 * be another one than it says. Functions that an old one lacks answer -ENOSYS.
 */
struct nvml;

#define NVML_MAX_GPUS	 16
#define NVML_MAX_SAMPLES 128
#define NVML_NAME_LEN	 96
#define NVML_UUID_LEN	 96

/* One process's use of a GPU since the stamp that was asked from. */
struct nvml_sample {
	uint64_t stamp_us;
	uint32_t pid;
	uint32_t sm_percent; /* of the time, some kernel of it ran */
};

/*
 * Loads path and starts it. Returns 0 (*ret for nvml_close()); -ENOENT (there is none); -EINVAL (no
 * such library, or one that lacks what it cannot do without); -ENODEV (no driver); -EIO; with why.
 */
int nvml_open(const char *path, struct nvml **ret, struct why *why);
void nvml_close(struct nvml *n);

/* All return 0 or -errno: -ENOSYS, -EOPNOTSUPP (not this GPU), -EACCES, -ENODEV (lost), -EIO. */
int nvml_count(const struct nvml *n, unsigned int *ret);
int nvml_find(const struct nvml *n, unsigned int index, void **ret_gpu);
int nvml_uuid(const struct nvml *n, void *gpu, char ret[NVML_UUID_LEN]);
int nvml_name(const struct nvml *n, void *gpu, char ret[NVML_NAME_LEN]);
int nvml_energy_uj(const struct nvml *n, void *gpu, uint64_t *ret); /* since the driver began */
int nvml_power_uw(const struct nvml *n, void *gpu, uint64_t *ret);  /* now, or its last second */
int nvml_most_power_uw(const struct nvml *n, void *gpu, uint64_t *ret); /* highest limit to set */

/* Samples newer than since_us; at most NVML_MAX_SAMPLES. None is 0 with *ret_n 0. */
int nvml_processes(const struct nvml *n, void *gpu, uint64_t since_us,
		   struct nvml_sample ret[NVML_MAX_SAMPLES], size_t *ret_n);

#endif /* POWER_NVML_H */
