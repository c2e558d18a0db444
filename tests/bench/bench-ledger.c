/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-ledger.c - what a tick of 1,000 records costs, how fast a ledger is verified, and how much
 * of it there is a day.
 *
 * CPU time only. SHA-256 by `openssl speed` in the same minute is what verifying is held against:
 * once before and once after, the mean.
 */
#include <inttypes.h>
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "figure.h"
#include "ledger/verify.h"
#include "ledger_make.h"

#define N_SAMPLES 999 /* and their tick: 1,000 records */

static char dir[64];

static double cpu_s(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void clean(void)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct ledger *open_in(const char *name, const struct ledger_options *more)
{
	static char path[96], keys[96];
	struct ledger_options o = *more;
	struct why why = { "" };
	struct ledger *l;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(keys, sizeof(keys), "%s/keys", dir);
	o.dir = path;
	o.key_dir = keys;
	o.host = "bench.example";
	o.build_id = "bench";
	if (ledger_open(&o, &l, NULL, &why)) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(1);
	}
	return l;
}

static void append(struct ledger *l, size_t n, enum record_kind by, uint64_t index)
{
	struct why why = { "" };

	if (ledger_append(l, ledger_make_tick(n, by, index), &why)) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(1);
	}
}

static uint64_t size_sum;

static int add_size(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path, (void)ftw;
	if (type == FTW_F)
		size_sum += (uint64_t)st->st_size;
	return 0;
}

static uint64_t bytes_of(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	size_sum = 0;
	nftw(path, add_size, 16, FTW_PHYS);
	return size_sum;
}

static void bench_append(void)
{
	static const struct ledger_options plain = { .keep_plain = true }, packed = { 0 };
	double cpu[40];
	struct ledger *l = open_in("plain", &plain);

	for (size_t i = 0; i < 45; i++) {
		double from = cpu_s(CLOCK_PROCESS_CPUTIME_ID);

		append(l, N_SAMPLES, RECORD_PROCESS, i);
		if (i >= 5)
			cpu[i - 5] = (cpu_s(CLOCK_PROCESS_CPUTIME_ID) - from) * 1e3;
	}
	ledger_close(l, NULL);
	figure_at_most("ledger.tick_of_1000_cpu", figure_median(cpu, 40), "ms", 8);
	l = open_in("packed", &packed);
	for (size_t i = 0; i < 45; i++) {
		double from = cpu_s(CLOCK_PROCESS_CPUTIME_ID);

		append(l, N_SAMPLES, RECORD_PROCESS, i);
		if (i >= 5)
			cpu[i - 5] = (cpu_s(CLOCK_PROCESS_CPUTIME_ID) - from) * 1e3;
	}
	ledger_close(l, NULL);
	figure_at_most("ledger.tick_of_1000_packing_cpu", figure_median(cpu, 40), "ms", 8);
	figure_info("ledger.record_bytes_plain", (double)bytes_of("plain") / 45000, "bytes");
	figure_info("ledger.record_bytes_packed", (double)bytes_of("packed") / 45000, "bytes");
}

/* Bytes per second of SHA-256 over blocks of len bytes, one core, as openssl measures it. */
static double openssl_speed(unsigned int len)
{
	char command[128];
	double k = NAN;
	FILE *f;

	snprintf(command, sizeof(command),
		 "openssl speed -seconds 1 -bytes %u -evp sha256 2>/dev/null | tail -n 1", len);
	f = popen(command, "r");
	if (f && fscanf(f, "%*s %lf", &k) != 1)
		k = NAN;
	if (f)
		pclose(f);
	return k * 1e3;
}

struct speed {
	double bytes_per_cpu_s;
	double wall_s;
};

static struct speed verify_speed(const char *name, unsigned int n_threads, double bytes)
{
	char path[96], keys[96];
	struct verify_options o = { .dir = path, .key_dir = keys, .n_threads = n_threads };
	struct verify_result r;
	double cpu[5], wall[5];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(keys, sizeof(keys), "%s/keys", dir);
	for (size_t i = 0; i < 5; i++) {
		double from = cpu_s(CLOCK_PROCESS_CPUTIME_ID), began = cpu_s(CLOCK_MONOTONIC);

		if (verify_run(&o, &r) || r.verdict != VERIFY_SIGNED) {
			fprintf(stderr, "bench: verify: %s\n", r.reason);
			exit(1);
		}
		cpu[i] = cpu_s(CLOCK_PROCESS_CPUTIME_ID) - from;
		wall[i] = cpu_s(CLOCK_MONOTONIC) - began;
	}
	/* Of elapsed times the shortest: the one that other work disturbed least. */
	figure_median(wall, 5);
	return (struct speed){ bytes / figure_median(cpu, 5), wall[0] };
}

static void bench_verify(void)
{
	static const struct ledger_options plain = { .keep_plain = true }, packed = { 0 };
	struct ledger *l = open_in("big", &plain);
	double bytes, before, after;
	struct speed one, two;
	unsigned int len;

	for (uint64_t i = 0; i < 300; i++)
		append(l, N_SAMPLES, RECORD_PROCESS, i);
	ledger_close(l, NULL);
	bytes = (double)bytes_of("big/seg");
	len = (unsigned int)(bytes / 300000);
	before = openssl_speed(len);
	one = verify_speed("big", 1, bytes);
	two = verify_speed("big", 2, bytes);
	after = openssl_speed(len);
	figure_info("ledger.verify_record_bytes", len, "bytes");
	figure_info("ledger.openssl_sha256", (before + after) / 2e6, "MB/s");
	figure_info("ledger.verify_one_core", one.bytes_per_cpu_s / 1e6, "MB/s");
	figure_at_least("ledger.verify_to_sha256",
			one.bytes_per_cpu_s / ((before + after) / 2) * 100, "%", 60);
	figure_at_least("ledger.verify_two_cores", one.wall_s / two.wall_s, "times", 1.7);
	l = open_in("bigpacked", &packed);
	for (uint64_t i = 0; i < 300; i++)
		append(l, N_SAMPLES, RECORD_PROCESS, i);
	ledger_close(l, NULL);
	one = verify_speed("bigpacked", 1, bytes);
	figure_info("ledger.verify_packed_one_core", one.bytes_per_cpu_s / 1e6, "MB/s");
}

/* Bytes that this process has read. */
static double bytes_read(void)
{
	double n = NAN;
	FILE *f = fopen("/proc/self/io", "r");

	if (f && fscanf(f, "rchar: %lf", &n) != 1)
		n = NAN;
	if (f)
		fclose(f);
	return n;
}

/* What a start reads and computes, by how large the ledger is. */
static void bench_open(const char *figure, const char *name, uint64_t n_ticks)
{
	static const struct ledger_options packed = { 0 };
	struct ledger *l = open_in(name, &packed);
	double from, cpu;
	char label[96];

	for (uint64_t i = 0; i < n_ticks; i++)
		append(l, N_SAMPLES, RECORD_PROCESS, i);
	ledger_close(l, NULL);
	from = bytes_read();
	cpu = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
	l = open_in(name, &packed);
	cpu = cpu_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	from = bytes_read() - from;
	ledger_close(l, NULL);
	snprintf(label, sizeof(label), "%s_read", figure);
	figure_at_most(label, from / 1e6, "MB", 0.5);
	snprintf(label, sizeof(label), "%s_cpu", figure);
	figure_info(label, cpu * 1e3, "ms");
}

/* A day of ticks of 10 s by cgroup, out of an hour of them. */
static void bench_day(const char *figure, const char *name, size_t n_consumers)
{
	static const struct ledger_options packed = { 0 };
	struct ledger *l = open_in(name, &packed);

	for (uint64_t i = 0; i < 360; i++)
		append(l, n_consumers, RECORD_CGROUP, i);
	ledger_close(l, NULL);
	figure_info(figure, (double)bytes_of(name) * 24 / 1e6, "MB/day");
}

int main(void)
{
	strcpy(dir, "/tmp/jt-bench-ledger-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	atexit(clean);
	bench_append();
	bench_verify();
	bench_open("ledger.open_empty", "empty", 0);
	bench_open("ledger.open_6000_records", "one", 6);
	bench_open("ledger.open_500000_records", "many", 500);
	bench_day("ledger.day_of_30_cgroups", "day30", 30);
	bench_day("ledger.day_of_100_containers", "day100", 100);
	return 0;
}
