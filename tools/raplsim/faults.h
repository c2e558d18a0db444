/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* faults.h - what goes wrong with a counter, and when. */
#ifndef RAPLSIM_FAULTS_H
#define RAPLSIM_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "raplsim/model.h"

#define FAULTS_MAX 256

enum fault_kind {
	FAULT_NONE = 0,
	FAULT_EIO,     /* the read fails */
	FAULT_EACCES,  /* so */
	FAULT_ENODATA, /* so */
	FAULT_FREEZE,  /* the value stands still, then goes on where the energy is */
	FAULT_RUBBISH, /* no number, negative, 2^64, empty: each in turn */
	FAULT_VANISH,  /* the zone is gone; files that are open say ENODEV */
	FAULT_JUMP,    /* at once, for good: that many joules ahead without energy */
	FAULT_RESET,   /* at once, for good: the counter begins at 0 again */
};

struct fault {
	enum fault_kind kind;
	int domain;	  /* -1 = every one */
	uint64_t from_ns; /* since the start */
	uint64_t to_ns;
	uint64_t jump_uj;
	bool done; /* of those that happen at once */
};

struct faults {
	size_t n;
	struct fault fault[FAULTS_MAX];
	bool frozen[MODEL_MAX_DOMAINS];
	uint64_t frozen_uj[MODEL_MAX_DOMAINS]; /* what is shown meanwhile */
	uint64_t n_rubbish;
};

/*
 * Adds "DOMAIN:KIND@START+LENGTH", times in seconds with an optional fraction, from since_ns on;
 * DOMAIN is a label or "all"; KIND is eio, eacces, enodata, freeze, rubbish, vanish, reset or
 * jump=JOULES, of which the last two have no LENGTH. Returns 0; -EINVAL, -ENOSPC with why.
 */
int faults_add(struct faults *f, const struct model *m, const char *text, uint64_t since_ns,
	       struct why *why);

/* Makes jumps and resets whose time has come happen, and remembers what freezes show. */
void faults_advance(struct faults *f, struct model *m);

/* What is wrong with the domain at the model's moment; a zone vanishes with the one it lies in. */
enum fault_kind faults_now(const struct faults *f, const struct model *m, size_t domain);

const char *faults_kind_name(enum fault_kind k);

/* The next piece of rubbish; static. */
const char *faults_rubbish(struct faults *f);

#endif /* RAPLSIM_FAULTS_H */
