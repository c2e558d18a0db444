/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* gpu.c - NVIDIA GPUs: the energy counter of each, or its power over time, and who used it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"
#include "power/domains.h"
#include "power/integral.h"
#include "power/meter.h"
#include "power/nvml.h"
#include "power/track.h"

#define LIBRARY "libnvidia-ml.so.1"

/* 95 % half-widths; docs/power.md, "Uncertainty of the others". */
#define GAIN_COUNTER 0.10
#define GAIN_POWER   0.20

/* The counter is brought up to date about every 100 ms; the power is an average of up to 1 s. */
#define UPDATE_NS (100 * JT_NS_PER_MS)
#define SLACK_NS  (500 * JT_NS_PER_MS)
#define STALE_NS  (5 * JT_NS_PER_S)
#define POLL_NS	  (100 * JT_NS_PER_MS)
#define PAUSE_NS  (2 * JT_NS_PER_S)

/* What no GPU draws, where its limit is not known; how far a limit is passed for a moment. */
#define MOST_UW	     (3000 * JT_UW_PER_W)
#define LIMIT_MARGIN 2

/* Utilisation is sampled by the driver, not by us: a window without a sample has the last ones. */
#define USES_NS (2 * JT_NS_PER_S)

struct gpu {
	void *handle;
	char uuid[NVML_UUID_LEN];
	bool has_counter;
	size_t domain;
	struct track track;	  /* with a counter */
	struct integral integral; /* without */
	uint64_t seen_us;	  /* stamp of the newest use */
	uint64_t uses_mono_ns;	  /* when the uses below were read */
	size_t n_uses;
	struct energy_use use[NVML_MAX_SAMPLES];
};

struct gpus {
	struct nvml *nvml;
	size_t n;
	struct gpu gpu[NVML_MAX_GPUS];
	size_t n_mirrors;
	struct energy_domain mirror[NVML_MAX_GPUS];
};

static void gpu_close(void *meter)
{
	struct gpus *g = meter;

	if (!g)
		return;
	nvml_close(g->nvml);
	free(g);
}

static inline void gpu_close_ptr(struct gpus **g)
{
	gpu_close(*g);
}

static struct counter_sample take_energy(const struct gpus *g, const struct gpu *gpu,
					 const struct meter_time *t)
{
	struct counter_sample ret = { .mono_ns = t->mono_ns, .suspended_ns = t->suspended_ns };

	ret.err = nvml_energy_uj(g->nvml, gpu->handle, &ret.value_uj);
	return ret;
}

static struct power_sample take_power(const struct gpus *g, const struct gpu *gpu,
				      const struct meter_time *t)
{
	struct power_sample ret = { .mono_ns = t->mono_ns, .suspended_ns = t->suspended_ns };

	ret.err = nvml_power_uw(g->nvml, gpu->handle, &ret.uw);
	return ret;
}

static void describe(const struct gpus *g, const struct gpu *gpu, unsigned int index,
		     struct energy_domain *ret)
{
	double gain = log1p(gpu->has_counter ? GAIN_COUNTER : GAIN_POWER) / QUANT_Z95;
	char name[NVML_NAME_LEN];

	if (nvml_name(g->nvml, gpu->handle, name) || !name[0])
		snprintf(name, sizeof(name), "a GPU without a name");
	*ret = (struct energy_domain){
		.kind = ENERGY_GPU,
		.package = -1,
		.parent = -1,
		.counted = true,
		.quality = ENERGY_MEASURED,
		.systematic = { gain, gain },
		.factor = "nvml_gain",
		.resolution_uj = gpu->has_counter ? 1000 : 1,
	};
	snprintf(ret->name, sizeof(ret->name), "gpu-%u", index);
	snprintf(ret->source, sizeof(ret->source), "nvml %u: %.90s (%s)", index, name,
		 gpu->has_counter ? "energy counter" : "power, integrated");
}

static void start(struct gpus *g, struct gpu *gpu, size_t domain, const struct meter_time *now)
{
	struct counter_limits limits = { .slack_ns = SLACK_NS, .stale_ns = STALE_NS };
	uint64_t most_uw = 0;

	if (nvml_most_power_uw(g->nvml, gpu->handle, &most_uw) || !most_uw || most_uw > MOST_UW)
		most_uw = MOST_UW / LIMIT_MARGIN;
	limits.max_power_uw = LIMIT_MARGIN * most_uw;
	gpu->domain = domain;
	if (gpu->has_counter) {
		struct counter_sample first = take_energy(g, gpu, now);

		track_start(&gpu->track, domain, UPDATE_NS, &limits, &first);
	} else {
		struct power_sample first = take_power(g, gpu, now);

		integral_start(&gpu->integral, domain, limits.max_power_uw, PAUSE_NS, &first);
	}
}

/* What the driver remembers of the time before is nobody's use of the first window. */
static void skip_uses(const struct gpus *g, struct gpu *gpu)
{
	struct nvml_sample sample[NVML_MAX_SAMPLES];
	size_t n = 0;

	if (nvml_processes(g->nvml, gpu->handle, 0, sample, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (sample[i].stamp_us > gpu->seen_us)
			gpu->seen_us = sample[i].stamp_us;
}

/* The same card under two numbers is one. */
static bool is_known(const struct gpus *g, const struct gpu *gpu)
{
	for (size_t i = 0; i < g->n; i++)
		if (gpu->handle == g->gpu[i].handle ||
		    (gpu->uuid[0] && !strcmp(gpu->uuid, g->gpu[i].uuid)))
			return true;
	return false;
}

/* Returns why it is not read, or 0. */
static int add_gpu(struct gpus *g, struct energy *e, unsigned int index,
		   const struct meter_time *now)
{
	struct gpu *gpu = &g->gpu[g->n];
	struct energy_domain d;
	uint64_t value;
	int err = nvml_find(g->nvml, index, &gpu->handle);

	if (err)
		return err;
	if (nvml_uuid(g->nvml, gpu->handle, gpu->uuid))
		gpu->uuid[0] = '\0';
	gpu->has_counter = !nvml_energy_uj(g->nvml, gpu->handle, &value);
	if (!gpu->has_counter) {
		err = nvml_power_uw(g->nvml, gpu->handle, &value);
		if (err)
			return err;
	}
	describe(g, gpu, index, &d);
	if (is_known(g, gpu)) {
		d.why_not = "shows again what is read already";
		d.counted = false;
		g->mirror[g->n_mirrors++] = d;
		return 0;
	}
	if (e->n_domains == ENERGY_MAX_DOMAINS)
		return -E2BIG;
	start(g, gpu, e->n_domains, now);
	skip_uses(g, gpu);
	e->domain[e->n_domains++] = d;
	g->n++;
	return 0;
}

static int gpu_open(const struct power_options *o, struct energy *domains, void **ret,
		    struct why *why)
{
	CLEANUP(gpu_close_ptr) struct gpus *g = calloc(1, sizeof(*g));
	const struct meter_time now = meter_now(o);
	char path[FS_PATH_LEN] = LIBRARY;
	unsigned int n = 0;
	int err = 0, last = -ENOENT;

	if (!g)
		return why_set(why, -ENOMEM, "gpu: out of memory");
	/* Below another root only what lies there counts, not this machine's. */
	if (o->root && o->root[0])
		err = fs_path(o->root, "lib/" LIBRARY, path, sizeof(path));
	if (!err)
		err = nvml_open(path, &g->nvml, why);
	if (err)
		return err;
	err = nvml_count(g->nvml, &n);
	if (err)
		return why_set(why, err, "gpu: NVML does not count GPUs: %s", strerror(-err));
	for (unsigned int i = 0; i < n && i < NVML_MAX_GPUS; i++) {
		err = add_gpu(g, domains, i, &now);
		if (err)
			last = err;
	}
	if (!g->n)
		return why_set(why, last, "gpu: NVML has no GPU whose power can be read: %s",
			       n ? strerror(-last) : "none at all");
	*ret = TAKE_PTR(g);
	return 0;
}

static void gpu_sample(void *meter, const struct meter_time *t)
{
	struct gpus *g = meter;

	for (size_t i = 0; i < g->n; i++) {
		struct gpu *gpu = &g->gpu[i];

		if (gpu->has_counter) {
			struct counter_sample s = take_energy(g, gpu, t);

			track_sample(&gpu->track, &s);
		} else {
			struct power_sample s = take_power(g, gpu, t);

			integral_sample(&gpu->integral, &s);
		}
	}
}

/* Of one process, several samples are one use. */
static struct energy_use *use_of(struct gpu *gpu, uint32_t tgid)
{
	for (size_t i = 0; i < gpu->n_uses; i++)
		if (gpu->use[i].tgid == tgid)
			return &gpu->use[i];
	gpu->use[gpu->n_uses] = (struct energy_use){ .domain = (int)gpu->domain, .tgid = tgid };
	return &gpu->use[gpu->n_uses++];
}

/* Percent by process -> ppm of what all of them used. */
static void take_uses(struct gpu *gpu, const struct nvml_sample *s, size_t n)
{
	uint64_t sum = 0;

	gpu->n_uses = 0;
	for (size_t i = 0; i < n; i++) {
		if (!s[i].pid || s[i].sm_percent > 100)
			continue;
		if (s[i].stamp_us > gpu->seen_us)
			gpu->seen_us = s[i].stamp_us;
		if (!s[i].sm_percent)
			continue;
		use_of(gpu, s[i].pid)->ppm += s[i].sm_percent;
		sum += s[i].sm_percent;
	}
	for (size_t i = 0; i < gpu->n_uses; i++)
		gpu->use[i].ppm = (uint32_t)(gpu->use[i].ppm * JT_PPM_PER_1 / sum);
}

static void read_uses(const struct gpus *g, struct gpu *gpu, uint64_t now_mono_ns,
		      struct energy *ret)
{
	struct nvml_sample sample[NVML_MAX_SAMPLES];
	size_t n = 0;
	int err = nvml_processes(g->nvml, gpu->handle, gpu->seen_us, sample, &n);

	if (!err && n > 0) {
		take_uses(gpu, sample, n);
		gpu->uses_mono_ns = now_mono_ns;
	} else if (err || now_mono_ns > gpu->uses_mono_ns + USES_NS) {
		gpu->n_uses = 0;
	}
	for (size_t i = 0; i < gpu->n_uses && ret->n_uses < ENERGY_MAX_USES; i++)
		ret->use[ret->n_uses++] = gpu->use[i];
}

static void gpu_read(void *meter, const struct usage *u, struct energy *ret)
{
	struct gpus *g = meter;

	for (size_t i = 0; i < g->n; i++) {
		struct gpu *gpu = &g->gpu[i];

		if (gpu->has_counter)
			track_end(&gpu->track, &u->window, ret);
		else
			integral_end(&gpu->integral, &u->window, ret);
		read_uses(g, gpu, u->window.end_mono_ns, ret);
	}
}

static uint64_t gpu_max_interval_ns(const void *meter)
{
	const struct gpus *g = meter;

	for (size_t i = 0; i < g->n; i++)
		if (!g->gpu[i].has_counter)
			return POLL_NS;
	return UINT64_MAX;
}

static bool gpu_mirror(const void *meter, size_t i, struct energy_domain *ret)
{
	const struct gpus *g = meter;

	if (i >= g->n_mirrors)
		return false;
	*ret = g->mirror[i];
	return true;
}

const struct meter_ops gpu_ops = {
	.name = "gpu",
	.covers = METER_GPU,
	.open = gpu_open,
	.sample = gpu_sample,
	.read = gpu_read,
	.max_interval_ns = gpu_max_interval_ns,
	.mirror = gpu_mirror,
	.close = gpu_close,
};
