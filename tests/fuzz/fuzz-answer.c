/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-answer.c - a line from the daemon: every value of it, and the structs that programs get. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text of any room is whole characters and ends there. */
static void look_at_text(struct answer_value v)
{
	char text[48];

	for (size_t room = 1; room <= sizeof(text); room += 7) {
		memset(text, 'x', sizeof(text));
		answer_text(v, text, room);
		if (strlen(text) >= room)
			abort();
	}
}

static void look_at(struct answer_value v, unsigned int depth)
{
	struct answer_value name, part;
	size_t pos = 0, n = 0;
	uint64_t u;
	int64_t i;

	if (!v.len || depth > ANSWER_MAX_DEPTH)
		abort();
	if (!answer_u64(v, &u) && (answer_i64(v, &i) || (uint64_t)i != u))
		abort();
	look_at_text(v);
	while (answer_next_member(v, &pos, &name, &part)) {
		if (*name.at != '"' || pos > v.len || ++n > v.len)
			abort();
		look_at_text(name);
		look_at(part, depth + 1);
	}
	for (pos = n = 0; answer_next(v, &pos, &part);) {
		if (pos > v.len || ++n > v.len)
			abort();
		look_at(part, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answer_value line = { (const char *)data, size }, ok = line;
	struct jt_daemon_status status;
	struct jt_host_totals totals;
	struct jt_result result;

	if (answer_check(line.at, size))
		return 0;
	look_at(line, 0);
	answer_member(line, "ok", &ok);
	if (!figures_result(ok, &result) &&
	    (result.has_energy > 1 ||
	     strnlen(result.name, sizeof(result.name)) == sizeof(result.name)))
		abort();
	if (!figures_totals(ok, &totals) && totals.has_energy &&
	    totals.energy_uj.low > totals.energy_uj.high)
		abort();
	figures_status(ok, &status);
	return 0;
}
