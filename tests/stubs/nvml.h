/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* nvml.h - what a test tells the library that stands for NVML: struct stub_nvml stub_nvml. */
#ifndef TESTS_STUBS_NVML_H
#define TESTS_STUBS_NVML_H

#define STUB_MAX_GPUS	   4
#define STUB_MAX_PROCESSES 4

struct stub_gpu {
	const char *uuid;
	unsigned long long energy_mj;
	unsigned int power_mw;
	unsigned int most_mw;
	int energy_status, power_status, processes_status; /* nvmlReturn_t */
	unsigned int n_processes;			   /* as the library says it */
	unsigned long long since;			   /* as it was asked last */
	struct {
		unsigned int pid;
		unsigned long long stamp_us;
		unsigned int sm, mem, enc, dec;
	} process[STUB_MAX_PROCESSES];
};

struct stub_nvml {
	int init_status, count_status;
	unsigned int n_gpus;	/* as the library says it */
	unsigned int n_running; /* nvmlInit less nvmlShutdown */
	struct stub_gpu gpu[STUB_MAX_GPUS];
};

#endif /* TESTS_STUBS_NVML_H */
