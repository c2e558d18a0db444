/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * units.h - the units of every published figure, and the only conversions between them.
 *
 * Kernel, ledger and wire carry integers in these units:
 *
 *   suffix         unit                          suffix         unit
 *   _ns            nanosecond                    _uj            microjoule
 *   _us            microsecond                   _uw            microwatt
 *   _ppm           part per million              _ug            microgram of CO2 equivalent
 *   _mg_per_kwh    milligram CO2e per kilowatt-hour (g/kWh x 1000)
 *
 * _mono_ns is CLOCK_MONOTONIC, _boottime_ns CLOCK_BOOTTIME, _real_us microseconds since 1970 UTC.
 */
#ifndef JOULETRAIL_UNITS_H
#define JOULETRAIL_UNITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JT_NS_PER_US UINT64_C(1000)
#define JT_NS_PER_MS UINT64_C(1000000)
#define JT_NS_PER_S  UINT64_C(1000000000)
#define JT_US_PER_S  UINT64_C(1000000)
#define JT_UJ_PER_J  UINT64_C(1000000)
#define JT_UW_PER_W  UINT64_C(1000000)
#define JT_PPM_PER_1 UINT64_C(1000000)
#define JT_MG_PER_G  UINT64_C(1000)
#define JT_UG_PER_G  UINT64_C(1000000)
/* 1 kWh = 3.6e6 J exactly (SI Brochure, 9th edition, table 8). */
#define JT_UJ_PER_KWH UINT64_C(3600000000000)

/*
 * An exact sum of energy x intensity, in uJ x mg/kWh: 2^128 of it is 10^22 kWh at 1 kg/kWh, so it
 * never overflows. jt_product_to_ug() divides once, at publication.
 */
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 jt_product;

static inline jt_product jt_energy_x_intensity(uint64_t energy_uj, uint64_t mg_per_kwh)
{
	return (jt_product)energy_uj * mg_per_kwh;
}

/* uJ x mg/kWh -> ug: x 1000 ug/mg / (3.6e12 uJ/kWh) = / 3.6e9, rounded down. */
#define JT_PRODUCT_PER_UG UINT64_C(3600000000)

static inline uint64_t jt_product_to_ug(jt_product p)
{
	/* Most fit 64 bits, where the division by a constant is none. */
	if (p <= UINT64_MAX)
		return (uint64_t)p / JT_PRODUCT_PER_UG;
	return (uint64_t)(p / JT_PRODUCT_PER_UG);
}
#endif

static inline double jt_uj_to_j(uint64_t uj)
{
	return (double)uj / 1e6;
}

static inline double jt_ug_to_g(uint64_t ug)
{
	return (double)ug / 1e6;
}

static inline double jt_ns_to_s(uint64_t ns)
{
	return (double)ns / 1e9;
}

static inline double jt_mg_to_g(uint64_t mg)
{
	return (double)mg / 1e3;
}

/* Mean power over an interval; 0 for an empty interval. uJ / ns = kW, so x 1e9 gives uW. */
static inline uint64_t jt_mean_power_uw(uint64_t energy_uj, uint64_t interval_ns)
{
	return interval_ns ? (uint64_t)((double)energy_uj * 1e9 / (double)interval_ns) : 0;
}

#ifdef __cplusplus
}
#endif

#endif /* JOULETRAIL_UNITS_H */
