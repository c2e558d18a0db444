/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures.c - see figures.h. */
#include "ledger/figures.h"

#include <ctype.h>
#include <string.h>

#include "ledger/base64.h"

uint64_t figures_number(struct scan_value v)
{
	uint64_t n = 0;

	return scan_big(v, &n) && scan_u64(v, &n) ? 0 : n;
}

uint64_t figures_u64(struct scan_value object, const char *name)
{
	struct scan_value v;

	return scan_member(object, name, &v) ? 0 : figures_number(v);
}

int64_t figures_us(struct scan_value object, const char *name)
{
	struct scan_value v;
	int64_t t = 0;

	if (!scan_member(object, name, &v))
		scan_i64(v, &t);
	return t;
}

/* One character of a canonical string; *i moves past it. */
static char read_char(const char *at, size_t *i)
{
	static const char shorts[] = "b\bt\tn\nf\fr\r";
	const char *s;
	char c = at[(*i)++];

	if (c != '\\')
		return c;
	c = at[(*i)++];
	if (c == 'u') {
		c = (char)((at[*i + 2] - '0') * 16 + (isdigit((unsigned char)at[*i + 3])
							      ? at[*i + 3] - '0'
							      : at[*i + 3] - 'a' + 10));
		*i += 4;
		return c;
	}
	for (s = shorts; *s; s += 2)
		if (*s == c)
			return s[1];
	return c;
}

bool figures_text(struct scan_value v, char *ret, size_t size)
{
	uint8_t data[SCAN_MAX_LINE];
	struct scan_value b64;
	size_t n = 0, len;

	if (v.len < 2)
		return false;
	if (v.at[0] == '{') {
		if (scan_member(v, "b64", &b64) || scan_text(b64, &b64) ||
		    base64_decode(b64.at, b64.len, data, sizeof(data), &len))
			return false;
		n = len < size - 1 ? len : size - 1;
		memcpy(ret, data, n);
	} else if (v.at[0] == '"') {
		for (size_t i = 1; i + 1 < v.len && n < size - 1;)
			ret[n++] = read_char(v.at, &i);
	} else {
		return false;
	}
	ret[n] = '\0';
	return true;
}

bool figures_bytes(struct scan_value line, const char *member, char *ret, size_t size)
{
	struct scan_value v;

	return !scan_member(line, member, &v) && figures_text(v, ret, size);
}

struct quant_interval_u64 figures_interval(uint64_t value, uint64_t low, uint64_t high)
{
	return (struct quant_interval_u64){ value, low < value ? low : value,
					    high > value ? high : value };
}

struct quant_interval_u64 figures_energy(struct scan_value object)
{
	return figures_interval(figures_u64(object, "energy_uj"),
				figures_u64(object, "energy_low_uj"),
				figures_u64(object, "energy_high_uj"));
}

struct quant_interval_u64 figures_mg_per_kwh(struct scan_value intensity)
{
	return (struct quant_interval_u64){ figures_u64(intensity, "mg_per_kwh"),
					    figures_u64(intensity, "low_mg_per_kwh"),
					    figures_u64(intensity, "high_mg_per_kwh") };
}

uint64_t figures_random_ppm2(struct scan_value line)
{
	struct scan_value budget, source, kind;
	uint64_t sum = 0;
	size_t pos = 0;

	if (scan_member(line, "budget", &budget))
		return 0;
	while (scan_element(budget, &pos, &source)) {
		uint64_t sd_ppm = figures_u64(source, "sd_ppm"), square;

		if (scan_member(source, "kind", &kind) || !scan_is_string(kind, "random"))
			continue;
		if (__builtin_mul_overflow(sd_ppm, sd_ppm, &square) ||
		    __builtin_add_overflow(sum, square, &sum))
			return UINT64_MAX;
	}
	return sum;
}

void figures_sources(struct scan_value line, uint64_t host_uj, struct quant_sources *to)
{
	struct scan_value budget, source, name, kind;
	size_t pos = 0;

	if (scan_member(line, "budget", &budget))
		return;
	while (scan_element(budget, &pos, &source)) {
		struct quant_source s = { .name = "" };

		if (scan_member(source, "kind", &kind) || scan_is_string(kind, "temporal") ||
		    scan_member(source, "source", &name) || scan_is_string(name, "intensity") ||
		    scan_text(name, &name))
			continue;
		memcpy(s.name, name.at, name.len < sizeof(s.name) ? name.len : sizeof(s.name) - 1);
		s.is_random = scan_is_string(kind, "random");
		quant_sources_add(to, &s, figures_u64(source, "sd_ppm"), host_uj);
	}
}

void figures_common(struct scan_value line, struct quant_common *ret)
{
	struct quant_interval_u64 mg_per_kwh = { 0 };
	struct scan_value i, annual = { "false", 5 };

	if (!scan_member(line, "intensity", &i)) {
		mg_per_kwh = figures_mg_per_kwh(i);
		scan_member(i, "is_annual_mean", &annual);
	}
	quant_common_from(&mg_per_kwh, figures_random_ppm2(line), annual.len == 4, ret);
}
