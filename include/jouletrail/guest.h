/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guest.h - the tree in which a host tells a guest its energy: what both sides must know of it.
 *
 * One folder per guest, of the shape of sysfs' powercap class, so that any reader of RAPL reads it:
 *
 *   sys/class/powercap/intel-rapl:0/name                  "package-0"
 *                                   energy_uj             µJ; only rises, until it goes round
 *                                   max_energy_range_uj   JT_GUEST_RANGE_UJ
 *                                   share                 what no RAPL counter says; see below
 *
 * energy_uj and share are replaced as files, never written over: whoever opens one reads it whole.
 * So a reader has to open them anew each time. share is lines of a key, a blank and a value:
 *
 *   version 1             JT_GUEST_VERSION
 *   update_ns 1000000000  how often the host brings energy_uj up to date
 *   quality modelled      or measured, missing: of what the host's figures rest on
 *   low_ppm 450000        of the true energy 95 % lie between low_ppm and high_ppm of what is said;
 *   high_ppm 2300000      low_ppm <= 10^6 <= high_ppm
 *   n_gaps 0              rises with each time for which the host cannot say the energy
 *   n_updates 17          rises with each update, also where energy_uj stays the same
 *
 * share is written before energy_uj.
 */
#ifndef JOULETRAIL_GUEST_H
#define JOULETRAIL_GUEST_H

#include <assert.h>
#include <stdint.h>

#define JT_GUEST_ZONE	 "sys/class/powercap/intel-rapl:0"
#define JT_GUEST_SHARE	 "share"
#define JT_GUEST_VERSION 1

/* Fits the signed 64 bits that other readers may have, and is not reached: 292,000 years at 1 W. */
#define JT_GUEST_RANGE_UJ UINT64_C(9223372036854775807)

/* Longest share, with its NUL. */
#define JT_GUEST_SHARE_LEN 512

static_assert(JT_GUEST_RANGE_UJ == INT64_MAX, "the range is that of a signed counter");

#endif /* JOULETRAIL_GUEST_H */
