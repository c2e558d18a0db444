/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_plan.c - see run_plan.h. */
#include "cli/run_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json_read.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"
#include "ledger/hash.h"

static bool plan_text(const json_t *object, const char *name, char *ret, size_t size)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s && (size_t)snprintf(ret, size, "%s", s) < size;
}

static bool plan_time(const json_t *object, const char *name, int64_t *ret_us)
{
	const json_t *v = json_object_get(object, name);
	bool assumed;

	if (!json_is_string(v) ||
	    stamp_read_time(json_string_value(v), json_string_length(v), ret_us, &assumed))
		return false;
	*ret_us *= (int64_t)JT_US_PER_S;
	return true;
}

/* A window's intensity of that kind. */
static bool plan_value(const json_t *window, const char *kind, uint64_t *ret)
{
	const json_t *both = json_object_get(window, "intensity_mg_per_kwh");
	const json_t *v = json_object_get(json_object_get(both, kind), "value");

	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}

static bool plan_fields(const json_t *plan, struct ledger_plan *p)
{
	const json_t *best = json_object_get(plan, "best"), *now = json_object_get(plan, "now");
	const json_t *better = json_object_get(best, "probability_better_ppm");
	char schema[32];

	p->better_ppm = json_is_integer(better) ? json_integer_value(better) : -1;
	if (!plan_text(plan, "schema", schema, sizeof(schema)) ||
	    strcmp(schema, "jouletrail.plan/1") != 0 ||
	    !plan_text(plan, "kind", p->kind, sizeof(p->kind)) ||
	    !plan_text(best, "zone", p->zone, sizeof(p->zone)) ||
	    !plan_time(best, "start", &p->start_us) || !plan_value(best, p->kind, &p->mg_per_kwh) ||
	    !plan_time(plan, "from", &p->now_us))
		return false;
	return json_is_null(now) || (plan_text(now, "zone", p->now_zone, sizeof(p->now_zone)) &&
				     plan_value(now, p->kind, &p->now_mg_per_kwh));
}

static void close_on_exec(const char *path)
{
	int fd;

	if (sscanf(path, "/proc/self/fd/%d", &fd) == 1)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int run_plan_load(const char *path, struct ledger_plan *ret, struct why *why)
{
	const struct json_limits limits = { RUN_PLAN_MAX_BYTES, 8, 1U << 16 };
	CLEANUP(fclose_ptr) FILE *f = fopen(path, "re");
	CLEANUP(cleanup_free) char *text = malloc(RUN_PLAN_MAX_BYTES);
	CLEANUP(json_decref_ptr) json_t *plan = NULL;
	struct ledger_plan p = { .now_zone = "" };
	struct hash digest;
	size_t len;
	int err;

	if (!f || !text)
		return why_set(why, f ? -ENOMEM : -errno, "%s: %s", path,
			       f ? strerror(ENOMEM) : strerror(errno));
	close_on_exec(path);
	len = fread(text, 1, RUN_PLAN_MAX_BYTES, f);
	if (len == RUN_PLAN_MAX_BYTES)
		return why_set(why, -E2BIG, "%s: too large for a plan", path);
	err = json_read_document(text, len, &limits, &plan, why);
	if (err)
		return err;
	if (!plan_fields(plan, &p) || hash_bytes(-1, text, len, &digest))
		return why_set(why, -EBADMSG, "%s: no plan as `jouletrail plan -f json` writes it",
			       path);
	hash_hex(digest.byte, HASH_LEN, p.sha256);
	*ret = p;
	return 0;
}
