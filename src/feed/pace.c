/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pace.c - see pace.h. */
#include "feed/pace.h"

int64_t pace_after_success(struct pace *p)
{
	p->n_failed = 0;
	return p->period_s;
}

/* A thousandth of 750 to 1250 (SplitMix64). */
static int64_t jitter(struct pace *p)
{
	uint64_t z = p->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return 750 + (int64_t)((z ^ (z >> 31)) % 501);
}

int64_t pace_after_failure(struct pace *p, int64_t retry_after_s)
{
	int64_t s = PACE_MIN_BACK_OFF_S;

	for (unsigned int i = 0; i < p->n_failed && s < PACE_MAX_BACK_OFF_S; i++)
		s *= 2;
	if (s > PACE_MAX_BACK_OFF_S)
		s = PACE_MAX_BACK_OFF_S;
	p->n_failed++;
	s = s * jitter(p) / 1000;
	if (retry_after_s > PACE_MAX_WISH_S)
		retry_after_s = PACE_MAX_WISH_S;
	return s > retry_after_s ? s : retry_after_s;
}
