/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* faults.c - see faults.h. */
#include "raplsim/faults.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jouletrail/units.h"

static const char *const names[] = {
	[FAULT_NONE] = "ok",	     [FAULT_EIO] = "eio",	[FAULT_EACCES] = "eacces",
	[FAULT_ENODATA] = "enodata", [FAULT_FREEZE] = "freeze", [FAULT_RUBBISH] = "rubbish",
	[FAULT_VANISH] = "vanish",   [FAULT_JUMP] = "jump",	[FAULT_RESET] = "reset",
};

const char *faults_kind_name(enum fault_kind k)
{
	return names[k];
}

static bool is_instant(enum fault_kind k)
{
	return k == FAULT_JUMP || k == FAULT_RESET;
}

/* "2.5" -> ns, up to a day. *at moves behind it. */
static int parse_seconds(const char **at, uint64_t *ret_ns)
{
	char *end;
	double s = strtod(*at, &end);

	if (end == *at || !isfinite(s) || s < 0 || s > 86400)
		return -EINVAL;
	*at = end;
	*ret_ns = (uint64_t)(s * 1e9);
	return 0;
}

static int parse_kind(const char *word, struct fault *ret)
{
	const char *joules = strchr(word, '=');
	size_t len = joules ? (size_t)(joules - word) : strlen(word);

	for (enum fault_kind k = FAULT_EIO; k <= FAULT_RESET; k++)
		if (strlen(names[k]) == len && !strncmp(names[k], word, len))
			ret->kind = k;
	if (!ret->kind || (ret->kind == FAULT_JUMP) != (joules != NULL))
		return -EINVAL;
	if (joules)
		ret->jump_uj = strtoull(joules + 1, NULL, 10) * JT_UJ_PER_J;
	return 0;
}

int faults_add(struct faults *f, const struct model *m, const char *text, uint64_t since_ns,
	       struct why *why)
{
	char label[MODEL_NAME_LEN], kind[32];
	struct fault new = { .domain = -1 };
	uint64_t start_ns, length_ns = 0;
	const char *at = strchr(text, '@');
	int err;

	if (!at || sscanf(text, "%31[^:@]:%31[^@]", label, kind) != 2 || parse_kind(kind, &new))
		return why_set(why, -EINVAL, "fault '%s': want DOMAIN:KIND@START+LENGTH", text);
	if (strcmp(label, "all") != 0) {
		new.domain = model_find(m, label);
		if (new.domain < 0)
			return why_set(why, -EINVAL, "fault '%s': no domain %s", text, label);
	}
	at++;
	err = parse_seconds(&at, &start_ns);
	if (!err && !is_instant(new.kind))
		err = *at++ == '+' ? parse_seconds(&at, &length_ns) : -EINVAL;
	if (err || (*at && *at != '\n'))
		return why_set(why, -EINVAL, "fault '%s': want @START+LENGTH in seconds", text);
	if (f->n == FAULTS_MAX)
		return why_set(why, -ENOSPC, "fault '%s': more than %d", text, FAULTS_MAX);
	new.from_ns = since_ns + start_ns;
	new.to_ns = new.from_ns + length_ns;
	f->fault[f->n++] = new;
	return 0;
}

static bool is_on(const struct fault *fault, uint64_t now_ns, size_t domain)
{
	return (fault->domain < 0 || (size_t)fault->domain == domain) && now_ns >= fault->from_ns &&
	       now_ns < fault->to_ns;
}

static bool has_vanished(const struct faults *f, const struct model *m, size_t domain)
{
	uint64_t now_ns = m->now_ns - m->began_ns;

	for (int i = (int)domain; i >= 0; i = m->domain[i].parent)
		for (size_t j = 0; j < f->n; j++)
			if (f->fault[j].kind == FAULT_VANISH &&
			    is_on(&f->fault[j], now_ns, (size_t)i))
				return true;
	return false;
}

enum fault_kind faults_now(const struct faults *f, const struct model *m, size_t domain)
{
	uint64_t now_ns = m->now_ns - m->began_ns;

	if (has_vanished(f, m, domain))
		return FAULT_VANISH;
	for (size_t i = 0; i < f->n; i++)
		if (f->fault[i].kind != FAULT_VANISH && is_on(&f->fault[i], now_ns, domain))
			return f->fault[i].kind;
	return FAULT_NONE;
}

static void happen(const struct fault *fault, struct model_domain *d)
{
	model_pj step_pj = (model_pj)d->counter.step_uj * 1000000;

	if (fault->kind == FAULT_JUMP)
		d->offset_pj += (model_pj)fault->jump_uj * 1000000 / step_pj * step_pj;
	else
		d->offset_pj = -(d->shown_pj / step_pj * step_pj);
}

void faults_advance(struct faults *f, struct model *m)
{
	uint64_t now_ns = m->now_ns - m->began_ns;

	for (size_t i = 0; i < f->n; i++) {
		struct fault *fault = &f->fault[i];

		if (!is_instant(fault->kind) || fault->done || now_ns < fault->from_ns)
			continue;
		fault->done = true;
		for (size_t d = 0; d < m->n_domains; d++)
			if (fault->domain < 0 || (size_t)fault->domain == d)
				happen(fault, &m->domain[d]);
	}
	for (size_t d = 0; d < m->n_domains; d++) {
		bool frozen = faults_now(f, m, d) == FAULT_FREEZE;

		if (frozen && !f->frozen[d])
			f->frozen_uj[d] = model_counter_uj(&m->domain[d]);
		f->frozen[d] = frozen;
	}
}

const char *faults_rubbish(struct faults *f)
{
	static const char *const rubbish[] = { "banana\n", "-1\n",    "18446744073709551616\n",
					       "",	   "12 34\n", "0x10\n",
					       "1e6\n" };

	return rubbish[f->n_rubbish++ % (sizeof(rubbish) / sizeof(*rubbish))];
}
