/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rings.c - see rings.h. */
#include "stacks/rings.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"

#define LEAST_RING_BYTES (1U << 20)
#define MOST_RING_BYTES	 (8U << 20)
/* A stack of the most frames, and its head. */
#define SAMPLE_BYTES 1100
/* Forks and mappings need room too, however rare samples are. */
#define MOST_POLL_NS (250 * JT_NS_PER_MS)

struct ring {
	int fd;
	struct perf_event_mmap_page *page; /* NULL = not mapped */
};

struct rings {
	size_t bytes; /* of one ring's data: a power of two */
	uint64_t poll_ns;
	size_t n;
	size_t capacity;
	struct ring *ring;
	/* A record that goes round the end of its ring. */
	char whole[1U << 16] __attribute__((aligned(8)));
};

DEFINE_CLEANUP(struct rings *, rings_free)

static void ring_release(const struct rings *r, const struct ring *one)
{
	if (one->page)
		munmap(one->page, r->bytes + (size_t)sysconf(_SC_PAGESIZE));
	cleanup_close(&one->fd);
}

void rings_free(struct rings *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		ring_release(r, &r->ring[i]);
	free(r->ring);
	free(r);
}

static int ring_open(const struct rings *r, unsigned int frequency_hz, int cpu, struct ring *ret)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = JT_NS_PER_S / frequency_hz,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN,
		.sample_id_all = 1,
		.exclude_idle = 1,
		.mmap = 1,
		.mmap2 = 1,
		.build_id = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		/* Nobody is woken: the rings are read at times of our own. */
		.watermark = 1,
		.wakeup_watermark = UINT32_MAX,
	};
	void *page;

	ret->fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (ret->fd < 0)
		return -errno;
	page = mmap(NULL, r->bytes + (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		    MAP_SHARED, ret->fd, 0);
	if (page == MAP_FAILED)
		return -errno;
	ret->page = page;
	return 0;
}

/* CPUs of the kernel's list, as they are found. */
struct cpu_list {
	size_t n;
	int cpu[4096];
};

static void cpu_list_add(unsigned int cpu, void *arg)
{
	struct cpu_list *l = arg;

	if (l->n < sizeof(l->cpu) / sizeof(*l->cpu))
		l->cpu[l->n++] = (int)cpu;
}

static int rings_refused(struct why *why, int err)
{
	if (err == -EACCES || err == -EPERM)
		return why_set(why, err,
			       "the kernel refuses to sample stacks: run as root (or with "
			       "CAP_PERFMON)");
	if (err == -EMFILE || err == -ENFILE)
		return why_set(why, err, "too few descriptors for one a CPU: raise ulimit -n");
	return why_set(why, err, "cannot sample stacks (perf_event_open): %s", strerror(-err));
}

int rings_new(unsigned int frequency_hz, struct rings **ret, struct why *why)
{
	CLEANUP(rings_free_ptr) struct rings *r = calloc(1, sizeof(*r));
	CLEANUP(cleanup_free) struct cpu_list *cpus = calloc(1, sizeof(*cpus));
	char text[4096];
	int err;

	if (!r || !cpus)
		return -ENOMEM;
	/* A second of full stacks fits; at high frequencies less than that. */
	r->bytes = LEAST_RING_BYTES;
	while (r->bytes < (size_t)frequency_hz * SAMPLE_BYTES && r->bytes < MOST_RING_BYTES)
		r->bytes *= 2;
	r->poll_ns = r->bytes / 4 * JT_NS_PER_S / ((uint64_t)frequency_hz * SAMPLE_BYTES);
	if (r->poll_ns > MOST_POLL_NS)
		r->poll_ns = MOST_POLL_NS;
	err = fs_read_text(NULL, "sys/devices/system/cpu/online", text, sizeof(text), NULL);
	if (!err)
		err = fs_parse_cpulist(text, cpu_list_add, cpus);
	if (err)
		return why_set(why, err, "/sys/devices/system/cpu/online: %s", strerror(-err));
	r->ring = calloc(cpus->n, sizeof(*r->ring));
	if (!r->ring)
		return -ENOMEM;
	while (r->n < cpus->n) {
		struct ring *one = &r->ring[r->n];

		err = ring_open(r, frequency_hz, cpus->cpu[r->n], one);
		r->n++;
		/* A CPU may have gone since. */
		if (err && err != -ENODEV)
			return rings_refused(why, err);
	}
	*ret = TAKE_PTR(r);
	return 0;
}

uint64_t rings_poll_interval_ns(const struct rings *r)
{
	return r->poll_ns;
}

static const struct perf_event_header *ring_record(struct rings *r, const char *data, uint64_t tail)
{
	size_t at = tail & (r->bytes - 1), size, first;
	/* Records are of whole 8 bytes: a head never goes round the end. */
	const struct perf_event_header *h = (const void *)(data + at);

	size = h->size;
	if (at + size <= r->bytes)
		return h;
	first = r->bytes - at;
	memcpy(r->whole, data + at, first);
	memcpy(r->whole + first, data, size - first);
	return (const void *)r->whole;
}

static void ring_drain(struct rings *r, const struct ring *one, rings_fn *f, void *arg)
{
	const char *data = (const char *)one->page + sysconf(_SC_PAGESIZE);
	uint64_t head = __atomic_load_n(&one->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = one->page->data_tail;

	while (tail < head) {
		const struct perf_event_header *h = ring_record(r, data, tail);

		if (h->size < sizeof(*h))
			break;
		f(h, arg);
		tail += h->size;
	}
	__atomic_store_n(&one->page->data_tail, tail < head ? head : tail, __ATOMIC_RELEASE);
}

void rings_drain(struct rings *r, rings_fn *f, void *arg)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->ring[i].page)
			ring_drain(r, &r->ring[i], f, arg);
}
