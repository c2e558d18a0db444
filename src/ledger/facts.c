/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* facts.c - what a line says by itself: form, leaf hash, figures. See check.h. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "ledger/base64.h"
#include "ledger/check.h"
#include "ledger/format.h"
#include "ledger/tree.h"

/* A decimal string; null only where energy is missing, and then it counts 0. */
static int facts_figure(struct scan_value v, bool missing, uint64_t *ret)
{
	if (scan_is_null(v)) {
		*ret = 0;
		return missing ? 0 : -EINVAL;
	}
	return scan_big(v, ret);
}

static int facts_member(struct scan_value obj, const char *name, bool missing, check_wide *ret)
{
	struct scan_value v;
	uint64_t n;

	if (scan_member(obj, name, &v) || facts_figure(v, missing, &n))
		return -EINVAL;
	*ret = n;
	return 0;
}

static int facts_hex(const struct scan_record *r, enum scan_known k, uint8_t *ret, size_t len)
{
	struct scan_value v;

	if (scan_get(r, k, &v) || v.len != 2 * len + 2 || v.at[0] != '"')
		return -EINVAL;
	return hash_from_hex(v.at + 1, v.len - 2, ret, len);
}

static int facts_u64(const struct scan_record *r, enum scan_known k, uint64_t *ret)
{
	struct scan_value v;

	return scan_get(r, k, &v) ? -EINVAL : scan_u64(v, ret);
}

/* The members that every record has. Returns what is wrong, or NULL. */
static const char *facts_head(const struct scan_record *r, struct check_facts *f)
{
	uint8_t salt[FORMAT_SALT_LEN];
	struct scan_value v;
	uint64_t n;
	int64_t t;

	if (facts_u64(r, SCAN_V, &n) || n != FORMAT_VERSION)
		return "v is not 1: another format, or none";
	if (facts_u64(r, SCAN_I, &f->index))
		return "i is not the next index";
	if (facts_hex(r, SCAN_PREV, f->prev.byte, HASH_LEN))
		return "no prev";
	if (facts_hex(r, SCAN_SALT, salt, sizeof(salt)))
		return "no salt";
	if (scan_get(r, SCAN_T, &v) || scan_i64(v, &t))
		return "no t";
	if (facts_u64(r, SCAN_MONO_US, &f->mono_us))
		return "no mono_us";
	return NULL;
}

/* energy = idle + attributed + unattributed in this object. */
static int facts_split(struct scan_value obj, bool missing, check_wide *ret_energy)
{
	check_wide energy, idle, attributed, unattributed;

	if (facts_member(obj, "energy_uj", missing, &energy) ||
	    facts_member(obj, "idle_uj", missing, &idle) ||
	    facts_member(obj, "attributed_uj", missing, &attributed) ||
	    facts_member(obj, "unattributed_uj", missing, &unattributed))
		return -EINVAL;
	*ret_energy = energy;
	return energy == idle + attributed + unattributed ? 0 : -EINVAL;
}

/* Each counted domain adds up, and together they are the host. */
static int facts_domains(const struct scan_record *r, check_wide host_uj)
{
	struct scan_value domains, domain, v;
	check_wide energy, sum = 0;
	size_t pos = 0;

	if (scan_get(r, SCAN_DOMAINS, &domains))
		return -EINVAL;
	while (scan_element(domains, &pos, &domain)) {
		if (scan_member(domain, "counted", &v))
			return -EINVAL;
		if (v.len != 4) /* false */
			continue;
		if (scan_member(domain, "quality", &v) ||
		    facts_split(domain, scan_is_string(v, "missing"), &energy))
			return -EINVAL;
		sum += energy;
	}
	return sum == host_uj ? 0 : -EINVAL;
}

/* The host's totals, and what is left of them for samples. */
static const char *facts_host(const struct scan_record *r, struct check_facts *f)
{
	check_wide energy, idle, unattributed, co2e, co2e_idle, co2e_unattributed;
	struct scan_value host, v;

	if (facts_u64(r, SCAN_N, &f->n))
		return "no n";
	if (scan_get(r, SCAN_HOST, &host) || scan_member(host, "quality", &v))
		return "no host totals";
	f->missing = scan_is_string(v, "missing");
	if (facts_split(host, f->missing, &energy) ||
	    facts_member(host, "idle_uj", f->missing, &idle) ||
	    facts_member(host, "unattributed_uj", f->missing, &unattributed))
		return "conservation: host energy is not the sum of its parts";
	if (facts_domains(r, energy))
		return "conservation: the domains do not add up to the host";
	if (facts_member(host, "co2e_ug", f->missing, &co2e) ||
	    facts_member(host, "idle_co2e_ug", f->missing, &co2e_idle) ||
	    facts_member(host, "unattributed_co2e_ug", f->missing, &co2e_unattributed))
		return "no host co2e";
	f->energy_uj = (uint64_t)energy;
	f->co2e_ug = (uint64_t)co2e;
	f->energy_left_uj = energy - idle - unattributed;
	f->co2e_left_ug = co2e - co2e_idle - co2e_unattributed;
	return NULL;
}

static const char *facts_tick(const struct scan_record *r, struct check_facts *f)
{
	const char *what = facts_host(r, f);
	struct scan_value window, v;

	if (what)
		return what;
	if (scan_get(r, SCAN_WINDOW, &window) || scan_member(window, "begin_mono_ns", &v) ||
	    scan_big(v, &f->begin_mono_ns) || scan_member(window, "end_mono_ns", &v) ||
	    scan_big(v, &f->end_mono_ns))
		return "no window";
	return NULL;
}

static int facts_number(const struct scan_record *r, const char *name, uint64_t *ret)
{
	struct scan_value line = { r->line, r->len }, v;

	return scan_member(line, name, &v) ? -EINVAL : scan_u64(v, ret);
}

/* Ticks summed up: adds up as a tick does, and says which records it stands for. */
static const char *facts_rollup(const struct scan_record *r, struct check_facts *f)
{
	const char *what = facts_host(r, f);
	uint64_t n_missing;

	if (what)
		return what;
	if (facts_number(r, "from", &f->from) || facts_number(r, "to", &f->to) ||
	    f->from >= f->to || f->to > f->index)
		return "a rollup of no records before it";
	if (facts_number(r, "n_more", &f->n_more) || facts_number(r, "n_ticks", &f->n_ticks) ||
	    facts_number(r, "n_missing", &n_missing))
		return "no n_more, n_ticks or n_missing";
	/* A consumer may have been there in the ticks alone whose energy is not known. */
	f->missing |= n_missing > 0;
	return NULL;
}

/* b64 of what could not be a string? */
static bool facts_b64(struct scan_value v)
{
	uint8_t data[SCAN_MAX_LINE];
	size_t len;

	if (scan_member(v, "b64", &v) || scan_text(v, &v) ||
	    base64_decode(v.at, v.len, data, sizeof(data), &len))
		return false;
	return !json_utf8_valid((const char *)data, len);
}

/* A name that is bytes: a string, null, or b64. */
static bool facts_bytes(const struct scan_record *r, enum scan_known k)
{
	struct scan_value v;

	return scan_get(r, k, &v) || v.at[0] != '{' || facts_b64(v);
}

static const char *facts_sample(const struct scan_record *r, struct check_facts *f)
{
	struct scan_value energy, co2e;

	if (facts_u64(r, SCAN_TICK, &f->n))
		return "a sample of another tick";
	if (scan_get(r, SCAN_ENERGY_UJ, &energy) || scan_get(r, SCAN_CO2E_UG, &co2e) ||
	    facts_figure(energy, true, &f->energy_uj) || facts_figure(co2e, true, &f->co2e_ug))
		return "no energy_uj or co2e_ug";
	f->missing = scan_is_null(energy) || scan_is_null(co2e);
	if (!facts_bytes(r, SCAN_CGROUP) || !facts_bytes(r, SCAN_COMM) ||
	    !facts_bytes(r, SCAN_NAME))
		return "a name in base64 that could be a string";
	return NULL;
}

static const char *facts_kind(const struct scan_record *r, struct check_facts *f)
{
	struct scan_value k;

	if (scan_get(r, SCAN_K, &k))
		return "no k";
	if (scan_is_string(k, "sample")) {
		f->kind = CHECK_SAMPLE;
		return facts_sample(r, f);
	}
	if (scan_is_string(k, "tick")) {
		f->kind = CHECK_TICK;
		return facts_tick(r, f);
	}
	if (scan_is_string(k, "rollup")) {
		f->kind = CHECK_ROLLUP;
		return facts_rollup(r, f);
	}
	if (scan_is_string(k, "open"))
		f->kind = CHECK_OPEN;
	else if (scan_is_string(k, "key"))
		f->kind = CHECK_KEY;
	else if (scan_is_string(k, "gap"))
		f->kind = CHECK_GAP;
	else if (scan_is_string(k, "close"))
		f->kind = CHECK_CLOSE;
	if (f->kind == CHECK_GAP && facts_u64(r, SCAN_N_TICKS, &f->n))
		return "no n_ticks";
	return NULL;
}

void check_facts(struct scan_shapes *c, const char *line, size_t len, struct check_facts *f)
{
	struct scan_record r;

	f->line = line;
	f->len = len;
	f->kind = CHECK_OTHER;
	f->what = "not canonical";
	if (scan_record(c, line, len, &r, &f->canonical, &f->at))
		return;
	f->canonical = NULL;
	f->leaf = r.leaf;
	f->what = facts_head(&r, f);
	if (!f->what)
		f->what = facts_kind(&r, f);
}
