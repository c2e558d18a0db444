/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* check.c - see check.h. The rules are those of docs/ledger.md, "What a verifier checks". */
#include "ledger/check.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "ledger/base64.h"
#include "ledger/format.h"
#include "ledger/scan.h"
#include "ledger/tree.h"

static int check_fail(struct check *c, struct why *why, const char *what)
{
	c->bad = c->n;
	return why_set(why, -EBADMSG, "record %" PRIu64 ": %s", c->n, what);
}

/* A decimal string, added to *sum; null only where the tick says that energy is missing. */
static int check_figure(const struct check *c, struct scan_value obj, const char *name,
			check_wide *ret)
{
	struct scan_value v;
	uint64_t n;

	if (scan_member(obj, name, &v))
		return -EINVAL;
	if (scan_is_null(v)) {
		*ret = 0;
		return c->missing ? 0 : -EINVAL;
	}
	if (scan_big(v, &n))
		return -EINVAL;
	*ret = n;
	return 0;
}

static int check_hex(struct scan_value line, const char *name, uint8_t *ret, size_t len)
{
	struct scan_value v;

	if (scan_member(line, name, &v) || scan_text(v, &v))
		return -EINVAL;
	return hash_from_hex(v.at, v.len, ret, len);
}

/* The members every record has, the chain and the clock. */
static int check_head(struct check *c, struct scan_value line, bool is_open, struct why *why)
{
	uint8_t salt[FORMAT_SALT_LEN];
	struct scan_value v;
	struct hash prev;
	uint64_t n;
	int64_t t;

	if (scan_member(line, "v", &v) || scan_u64(v, &n) || n != FORMAT_VERSION)
		return check_fail(c, why, "v is not 1: another format, or none");
	if (scan_member(line, "i", &v) || scan_u64(v, &n) || n != c->n)
		return check_fail(c, why, "i is not the next index");
	if (check_hex(line, "prev", prev.byte, HASH_LEN))
		return check_fail(c, why, "no prev");
	if (memcmp(&prev, &c->prev, sizeof(prev)) != 0) {
		check_fail(c, why, "prev is not the hash of the record before it");
		c->bad = c->n ? c->n - 1 : 0;
		return -EBADMSG;
	}
	if (check_hex(line, "salt", salt, sizeof(salt)))
		return check_fail(c, why, "no salt");
	if (scan_member(line, "t", &v) || scan_i64(v, &t))
		return check_fail(c, why, "no t");
	if (scan_member(line, "mono_us", &v) || scan_u64(v, &n))
		return check_fail(c, why, "no mono_us");
	/* An open record may begin another boot: check_open() looks. */
	if (!is_open) {
		if (n < c->mono_us)
			return check_fail(c, why, "mono_us goes back within one boot");
		c->mono_us = n;
	}
	return 0;
}

static int check_open(struct check *c, struct scan_value line, struct why *why)
{
	struct scan_value v, boot;
	uint64_t mono_us;

	if (scan_member(line, "origin", &v) || scan_text(v, &v) || v.len >= sizeof(c->origin))
		return check_fail(c, why, "no origin");
	if (c->origin[0] == '\0')
		memcpy(c->origin, v.at, v.len);
	if (v.len != strlen(c->origin) || memcmp(v.at, c->origin, v.len) != 0)
		return check_fail(c, why, "origin is not the checkpoint's");
	if (scan_member(line, "boot_id", &boot) || scan_text(boot, &boot) ||
	    boot.len >= sizeof(c->boot_id))
		return check_fail(c, why, "no boot_id");
	scan_member(line, "mono_us", &v);
	scan_u64(v, &mono_us);
	if (boot.len == strlen(c->boot_id) && memcmp(boot.at, c->boot_id, boot.len) == 0 &&
	    mono_us < c->mono_us)
		return check_fail(c, why, "mono_us goes back within one boot");
	memset(c->boot_id, 0, sizeof(c->boot_id));
	memcpy(c->boot_id, boot.at, boot.len);
	c->mono_us = mono_us;
	return 0;
}

/* energy = idle + attributed + unattributed in this object; adds the energy to *sum. */
static int check_split(const struct check *c, struct scan_value obj, check_wide *ret_energy)
{
	check_wide energy, idle, attributed, unattributed;

	if (check_figure(c, obj, "energy_uj", &energy) || check_figure(c, obj, "idle_uj", &idle) ||
	    check_figure(c, obj, "attributed_uj", &attributed) ||
	    check_figure(c, obj, "unattributed_uj", &unattributed))
		return -EINVAL;
	*ret_energy = energy;
	return energy == idle + attributed + unattributed ? 0 : -EINVAL;
}

/* Each counted domain adds up, and together they are the host. */
static int check_domains(struct check *c, struct scan_value line, check_wide host_uj)
{
	struct scan_value domains, domain, v;
	check_wide energy, sum = 0;
	bool host_missing = c->missing;
	size_t pos = 0;
	int err;

	if (scan_member(line, "domains", &domains))
		return -EINVAL;
	while (scan_element(domains, &pos, &domain)) {
		if (scan_member(domain, "counted", &v))
			return -EINVAL;
		if (v.len != 4) /* false */
			continue;
		if (scan_member(domain, "quality", &v))
			return -EINVAL;
		c->missing = scan_is_string(v, "missing");
		err = check_split(c, domain, &energy);
		c->missing = host_missing;
		if (err)
			return err;
		sum += energy;
	}
	return sum == host_uj ? 0 : -EINVAL;
}

static int check_tick(struct check *c, struct scan_value line, struct why *why)
{
	check_wide energy, idle, unattributed, co2e, co2e_idle, co2e_unattributed;
	struct scan_value host, v;

	if (scan_member(line, "n", &v) || scan_u64(v, &c->n_left))
		return check_fail(c, why, "no n");
	if (scan_member(line, "host", &host) || scan_member(host, "quality", &v))
		return check_fail(c, why, "no host totals");
	c->missing = scan_is_string(v, "missing");
	if (check_split(c, host, &energy) || check_figure(c, host, "idle_uj", &idle) ||
	    check_figure(c, host, "unattributed_uj", &unattributed))
		return check_fail(c, why, "conservation: host energy is not the sum of its parts");
	if (check_domains(c, line, energy))
		return check_fail(c, why, "conservation: the domains do not add up to the host");
	if (check_figure(c, host, "co2e_ug", &co2e) ||
	    check_figure(c, host, "idle_co2e_ug", &co2e_idle) ||
	    check_figure(c, host, "unattributed_co2e_ug", &co2e_unattributed))
		return check_fail(c, why, "no host co2e");
	c->tick = c->n;
	c->energy_left_uj = energy - idle - unattributed;
	c->co2e_left_ug = co2e - co2e_idle - co2e_unattributed;
	c->energy_uj += (uint64_t)energy;
	c->n_ticks++;
	return 0;
}

/* A name that is bytes: a string, null, or b64 of what could not be a string. */
static bool check_bytes(struct scan_value line, const char *name)
{
	uint8_t data[SCAN_MAX_LINE];
	struct scan_value v;
	size_t len;

	if (scan_member(line, name, &v) || v.at[0] != '{')
		return true;
	if (scan_member(v, "b64", &v) || scan_text(v, &v) ||
	    base64_decode(v.at, v.len, data, sizeof(data), &len))
		return false;
	return !json_utf8_valid((const char *)data, len);
}

static int check_sample(struct check *c, struct scan_value line, struct why *why)
{
	check_wide energy, co2e;
	struct scan_value v;
	uint64_t tick;

	if (c->n_left == 0)
		return check_fail(c, why, "a sample that its tick did not announce");
	if (scan_member(line, "tick", &v) || scan_u64(v, &tick) || tick != c->tick)
		return check_fail(c, why, "a sample of another tick");
	if (check_figure(c, line, "energy_uj", &energy) || check_figure(c, line, "co2e_ug", &co2e))
		return check_fail(c, why, "no energy_uj or co2e_ug");
	if (!check_bytes(line, "cgroup") || !check_bytes(line, "comm") ||
	    !check_bytes(line, "name"))
		return check_fail(c, why, "a name in base64 that could be a string");
	c->n_left--;
	c->n_samples++;
	c->energy_left_uj -= energy;
	c->co2e_left_ug -= co2e;
	return 0;
}

/* After a tick's last sample nothing may be left over. */
static int check_sums(struct check *c, struct why *why)
{
	if (c->energy_left_uj != 0 || c->co2e_left_ug != 0) {
		why_set(why, 0,
			"record %" PRIu64 ": conservation: samples + idle + unattributed differ "
			"from the host's %s",
			c->tick, c->energy_left_uj ? "energy" : "co2e");
		c->bad = c->tick;
		return -EBADMSG;
	}
	return 0;
}

static int check_kind(struct check *c, struct scan_value line, struct scan_value kind,
		      struct why *why)
{
	int err = 0;

	if (scan_is_string(kind, "sample"))
		err = check_sample(c, line, why);
	else if (c->n_left > 0)
		return check_complete(c, why);
	else if (scan_is_string(kind, "tick"))
		err = check_tick(c, line, why);
	else if (scan_is_string(kind, "open"))
		err = check_open(c, line, why);
	if (!err && c->n_left == 0)
		err = check_sums(c, why);
	return err;
}

int check_line(struct check *c, const char *line, size_t len, struct why *why)
{
	struct scan_value object = { line, len }, kind;
	const char *what;
	size_t at;
	int err;

	c->bad = c->n;
	if (scan_line(line, len, &what, &at))
		return why_set(why, -EBADMSG, "record %" PRIu64 ": not canonical at byte %zu: %s",
			       c->n, at, what);
	if (scan_member(object, "k", &kind))
		return check_fail(c, why, "no k");
	if (c->n == 0 && !scan_is_string(kind, "open"))
		return check_fail(c, why, "the first record is not an open");
	err = check_head(c, object, scan_is_string(kind, "open"), why);
	if (!err)
		err = check_kind(c, object, kind, why);
	if (!err)
		err = tree_leaf(line, len, &c->prev);
	if (!err)
		c->n++;
	return err;
}

int check_complete(struct check *c, struct why *why)
{
	if (c->n_left == 0)
		return 0;
	c->bad = c->tick;
	return why_set(why, -EBADMSG,
		       "record %" PRIu64 ": completeness: %" PRIu64 " of its samples are missing",
		       c->tick, c->n_left);
}
