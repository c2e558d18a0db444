/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* proof_text.h - the lines by which proofs are told apart. */
#ifndef LEDGER_PROOF_TEXT_H
#define LEDGER_PROOF_TEXT_H

#define PROOF_INCLUSION	  "c2sp.org/tlog-proof@v1"
#define PROOF_CONSISTENCY "jouletrail-consistency/1"

#endif /* LEDGER_PROOF_TEXT_H */
