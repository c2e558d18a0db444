/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-proof.c - proofs; nothing can be proven to a key that signs nothing. */
#include <stdint.h>
#include <stdlib.h>

#include "ledger/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first bytes as a proof between sizes, whatever the text says. */
static void hashes_alone(const uint8_t *data, size_t size)
{
	static struct proof p;
	uint64_t index = 0, n = 0;
	struct hash h = { { 0 } };

	if (size < 17)
		return;
	for (int i = 0; i < 8; i++) {
		index = index << 8 | data[i];
		n = n << 8 | data[8 + i];
	}
	p.n = data[16] % (PROOF_MAX_HASHES + 1);
	if (n && proof_check_inclusion(&p, index, n, &h, &h) == 0 && n != 1)
		abort();
	if (n && index != n && proof_check_consistency(&p, index, &h, n, &h) == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note_verifier v = { .name = "host.example/ledger/0123456789abcdef" };
	struct proof_said said;
	struct why why;

	if (proof_verify((const char *)data, size, &v, &said, &why) == 0)
		abort();
	hashes_alone(data, size);
	return 0;
}
