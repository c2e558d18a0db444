/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* model_cpu.c - power of a CPU package by its name and load: see model.h. */
#include <math.h>
#include <stdio.h>

#include "jouletrail/units.h"
#include "power/model.h"

#define UW_PER_MW 1000

/*
 * Power over TDP at 0, 10, 50 and 100 % load: the geometric middle of the low and high published
 * ratios (Boaviztapi's, after Teads; RAPL of the four hosts in codecarbon's
 * data/hardware/cpu_load_profiling): 0.01-0.25, 0.10-0.45, 0.21-0.85, 0.51-1.10.
 */
#define TDP_IDLE_PPM 50000
#define TDP_MAX_PPM  749000

/* The same, of the way from idle to max: 0.212 and 0.4225 over TDP at 10 and 50 %. */
static const struct {
	uint64_t busy_ppm;
	uint64_t f_ppm;
} curve[] = { { 0, 0 }, { 100000, 232000 }, { 500000, 533000 }, { 1000000, 1000000 } };

/*
 * 95 % factors, low and high side. TDP: the widest of the published ratios at 10 % load and more,
 * the low side widened from 2.1 to 3 for a host that draws 0.08-0.14 of its TDP at 12-41 % load.
 * Server: what a machine differs by from the ones that vendors submit (more RAM and disks), over
 * the spread among those. Guest: host load, oversubscription and neighbours are not known.
 */
#define TDP_LOW	 3.0
#define TDP_HIGH 2.1
/*
 * The same near idle: up to 5 times the model's idle is published, and the four measured hosts
 * draw down to 1/28 of the model at 0-3 % load.
 */
#define TDP_IDLE_LOW  35.0
#define TDP_IDLE_HIGH 5.0
/*
 * With a measured idle and maximum only the curve between them is the model's: what is above idle
 * was 0.42 to 2.15 of it on the four hosts, and almost nothing at 1-3 % load.
 */
#define CURVE_LOW      2.5
#define CURVE_HIGH     2.4
#define CURVE_IDLE_LOW 20.0
#define SERVER_LOW     1.3
#define SERVER_HIGH    1.5
#define GUEST	       2.0

static double sigma(double factor)
{
	return log(factor) / QUANT_Z95;
}

/* Independent sources of error add in squares. */
static void widen(struct quant_sides *s, double low_factor, double high_factor)
{
	s->minus = hypot(s->minus, sigma(low_factor));
	s->plus = hypot(s->plus, sigma(high_factor));
}

uint64_t model_power_uw(uint64_t idle_uw, uint64_t max_uw, uint64_t busy_ppm)
{
	size_t i = 1;
	uint64_t x0, x1, y0, y1, f_ppm;

	if (busy_ppm > JT_PPM_PER_1)
		busy_ppm = JT_PPM_PER_1;
	while (busy_ppm > curve[i].busy_ppm)
		i++;
	x0 = curve[i - 1].busy_ppm;
	x1 = curve[i].busy_ppm;
	y0 = curve[i - 1].f_ppm;
	y1 = curve[i].f_ppm;
	f_ppm = y0 + (y1 - y0) * (busy_ppm - x0) / (x1 - x0);
	return idle_uw + (max_uw > idle_uw ? max_uw - idle_uw : 0) * f_ppm / JT_PPM_PER_1;
}

void model_from_tdp(const struct cpu_row *row, struct model_cpu *ret)
{
	*ret = (struct model_cpu){
		.idle_uw = (uint64_t)row->tdp_mw * TDP_IDLE_PPM / (JT_PPM_PER_1 / UW_PER_MW),
		.max_uw = (uint64_t)row->tdp_mw * TDP_MAX_PPM / (JT_PPM_PER_1 / UW_PER_MW),
	};
	widen(&ret->sides, TDP_LOW, TDP_HIGH);
	widen(&ret->low_sides, TDP_IDLE_LOW, TDP_IDLE_HIGH);
	snprintf(ret->source, sizeof(ret->source),
		 "%.60s: TDP %.0f W x load curve, CPU package only (no RAM, no power supply)",
		 row->key, row->tdp_mw / 1e3);
}

/* Measured servers, n_threads' worth of them. */
static void from_server(const struct cpu_row *row, unsigned int n_threads, struct model_cpu *ret)
{
	*ret = (struct model_cpu){
		.idle_uw = (uint64_t)row->idle_mw * n_threads * UW_PER_MW,
		.max_uw = (uint64_t)row->max_mw * n_threads * UW_PER_MW,
		.whole_server = true,
	};
	widen(&ret->sides,
	      fmax((double)row->idle_mw / row->idle_low_mw, (double)row->max_mw / row->max_low_mw),
	      fmax((double)row->idle_high_mw / row->idle_mw,
		   (double)row->max_high_mw / row->max_mw));
	widen(&ret->sides, SERVER_LOW, SERVER_HIGH);
	ret->low_sides = ret->sides;
	snprintf(ret->source, sizeof(ret->source),
		 "%.50s%s: %u threads x %.2f to %.2f W, whole server at the wall (SPECpower)",
		 row->key, row->kind == CPU_UARCH ? " by CPUID" : "", n_threads, row->idle_mw / 1e3,
		 row->max_mw / 1e3);
}

static unsigned int threads_of(const struct cpu_row *row)
{
	/* Where only cores are known: two threads each, as all server parts with SMT have. */
	return row->threads ? row->threads : 2 * row->cores;
}

static void take_share(unsigned int n_cpus, unsigned int n_threads, struct model_cpu *ret)
{
	if (n_cpus >= n_threads)
		return;
	ret->idle_uw = ret->idle_uw * n_cpus / n_threads;
	ret->max_uw = ret->max_uw * n_cpus / n_threads;
}

void model_find_cpu(const struct cpuinfo *ci, unsigned int n_cpus, struct model_cpu *ret)
{
	const struct cpu_row *row = cpus_find_model(ci->name);

	if (row && row->max_mw) {
		from_server(row, ci->guest || !row->threads ? n_cpus : row->threads, ret);
	} else if (row && row->tdp_mw && (!ci->guest || threads_of(row))) {
		model_from_tdp(row, ret);
		if (ci->guest)
			take_share(n_cpus, threads_of(row), ret);
	} else {
		row = cpus_find_uarch(ci);
		from_server(row ? row : cpus_generic(), n_cpus, ret);
	}
	if (ci->guest) {
		widen(&ret->sides, GUEST, GUEST);
		widen(&ret->low_sides, GUEST, GUEST);
	}
}

void model_calibrate(uint64_t idle_uw, uint64_t max_uw, unsigned int error_percent,
		     struct model_cpu *ret)
{
	ret->idle_uw = idle_uw;
	ret->max_uw = max_uw;
	ret->measured_sd = sigma(1 + error_percent / 100.0);
	ret->sides = ret->low_sides = (struct quant_sides){ 0 };
	widen(&ret->sides, CURVE_LOW, CURVE_HIGH);
	widen(&ret->low_sides, CURVE_IDLE_LOW, CURVE_HIGH);
}

static double between(double at_low, double at_loaded, uint64_t busy_ppm)
{
	double part = ((double)busy_ppm - MODEL_LOW_PPM) / (MODEL_LOADED_PPM - MODEL_LOW_PPM);

	return at_low + (at_loaded - at_low) * fmin(fmax(part, 0), 1);
}

struct quant_sides model_sides(const struct model_cpu *cpu, uint64_t busy_ppm)
{
	struct quant_sides s = {
		.minus = between(cpu->low_sides.minus, cpu->sides.minus, busy_ppm),
		.plus = between(cpu->low_sides.plus, cpu->sides.plus, busy_ppm),
	};
	double power_uw, part;

	if (!(cpu->measured_sd > 0))
		return s;
	power_uw = (double)model_power_uw(cpu->idle_uw, cpu->max_uw, busy_ppm);
	part = 1 - (double)cpu->idle_uw / power_uw;
	s.minus = hypot(part * s.minus, cpu->measured_sd);
	s.plus = hypot(part * s.plus, cpu->measured_sd);
	return s;
}
