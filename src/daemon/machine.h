/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* machine.h - which machine this is, without saying so to anybody who does not know it. */
#ifndef DAEMON_MACHINE_H
#define DAEMON_MACHINE_H

#define MACHINE_ID_LEN 33

/*
 * The same for every run on one installed machine: 32 hexadecimal digits of an HMAC of
 * ROOT/etc/machine-id, which itself is not to be shown (machine-id(5)). Returns 0; -ENODATA where
 * there is none; -errno.
 */
int machine_id(const char *root, char ret[MACHINE_ID_LEN]);

#endif /* DAEMON_MACHINE_H */
