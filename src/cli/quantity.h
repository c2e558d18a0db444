/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* quantity.h - energies and powers as people write them. */
#ifndef CLI_QUANTITY_H
#define CLI_QUANTITY_H

#include <stdint.h>

/*
 * "0.5Wh", "1.2kWh", "300J", "5 MJ"; units Wh and J with u, m, k, M or G before them. Returns 0;
 * -EINVAL without a number or a unit; -ERANGE beyond 9.2e18 µJ.
 */
int quantity_parse_energy(const char *text, uint64_t *ret_uj);

/* "300W", "1.2kW", "15mW". */
int quantity_parse_power(const char *text, uint64_t *ret_uw);

#endif /* CLI_QUANTITY_H */
