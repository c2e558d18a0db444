/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* records.c - are the kernel's records understood, cut ones refused, and sorted by time? */
#include "stacks/records.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "unit/random.h"

/* A record under construction. */
struct made {
	union {
		struct perf_event_header h;
		char bytes[512];
	};
};

static void put(struct made *m, const void *bytes, size_t len)
{
	memcpy(m->bytes + m->h.size, bytes, len);
	m->h.size = (uint16_t)(m->h.size + len);
}

static void put_u32(struct made *m, uint32_t v)
{
	put(m, &v, sizeof(v));
}

static void put_u64(struct made *m, uint64_t v)
{
	put(m, &v, sizeof(v));
}

static void put_text(struct made *m, const char *text)
{
	size_t len = strlen(text) + 1;

	put(m, text, len);
	put(m, "\0\0\0\0\0\0\0", (8 - len % 8) % 8);
}

static struct made made(uint32_t type, uint16_t misc)
{
	struct made m = { .h = { .type = type, .misc = misc, .size = sizeof(m.h) } };

	return m;
}

static struct made sample(uint64_t mono_ns, uint64_t n, size_t there)
{
	struct made m = made(PERF_RECORD_SAMPLE, 0);

	put_u32(&m, 7);
	put_u32(&m, 8);
	put_u64(&m, mono_ns);
	put_u64(&m, n);
	for (size_t i = 0; i < there; i++)
		put_u64(&m, 100 + i);
	return m;
}

static void put_id(struct made *m, uint64_t mono_ns)
{
	put_u32(m, 7);
	put_u32(m, 8);
	put_u64(m, mono_ns);
}

static struct record parsed(const struct made *m)
{
	struct record r;

	record_parse(&m->h, &r);
	return r;
}

Test(stacks_records, a_sample)
{
	struct made m = sample(5, 3, 3);
	struct record r = parsed(&m);

	cr_assert_eq(r.type, RECORD_SAMPLE);
	cr_expect_eq(r.tgid, 7);
	cr_expect_eq(r.pid, 8);
	cr_expect_eq(r.mono_ns, 5);
	cr_expect_eq(r.n, 3);
	cr_expect_eq(r.address[2], 102);
	m = sample(5, 4, 3);
	cr_expect_eq(parsed(&m).type, RECORD_OTHER, "more addresses than bytes");
	m = sample(5, UINT64_MAX / 4, 3);
	cr_expect_eq(parsed(&m).type, RECORD_OTHER);
	m = sample(5, 0, 0);
	m.h.size -= 8;
	cr_expect_eq(parsed(&m).type, RECORD_OTHER);
}

static struct made comm(uint32_t pid, uint16_t misc, const char *name)
{
	struct made m = made(PERF_RECORD_COMM, misc);

	put_u32(&m, 7);
	put_u32(&m, pid);
	put_text(&m, name);
	put_id(&m, 9);
	return m;
}

Test(stacks_records, names)
{
	struct made m = comm(7, 0, "leader");

	cr_expect_eq(parsed(&m).type, RECORD_RENAME);
	cr_expect_str_eq(parsed(&m).text, "leader");
	cr_expect_eq(parsed(&m).mono_ns, 9);
	m = comm(8, 0, "thread");
	cr_expect_eq(parsed(&m).type, RECORD_OTHER, "a thread's name is not its process's");
	m = comm(8, PERF_RECORD_MISC_COMM_EXEC, "program");
	cr_expect_eq(parsed(&m).type, RECORD_EXEC);
	m = comm(7, 0, "12345678");
	memset(m.bytes + 16, 'x', 16);
	cr_expect_eq(parsed(&m).type, RECORD_OTHER, "a text without an end");
	m.h.size = 16;
	cr_expect_eq(parsed(&m).type, RECORD_OTHER);
}

static struct made task(uint32_t type, uint32_t tgid, uint32_t parent, uint32_t pid)
{
	struct made m = made(type, 0);

	put_u32(&m, tgid);
	put_u32(&m, parent);
	put_u32(&m, pid);
	put_u32(&m, parent);
	put_u64(&m, 9);
	put_id(&m, 9);
	return m;
}

Test(stacks_records, tasks)
{
	struct made m = task(PERF_RECORD_FORK, 20, 10, 20);

	cr_expect_eq(parsed(&m).type, RECORD_FORK);
	cr_expect_eq(parsed(&m).parent_tgid, 10);
	m = task(PERF_RECORD_FORK, 10, 10, 21);
	cr_expect_eq(parsed(&m).type, RECORD_OTHER, "a thread");
	m = task(PERF_RECORD_EXIT, 20, 10, 20);
	cr_expect_eq(parsed(&m).type, RECORD_EXIT);
	m = task(PERF_RECORD_EXIT, 20, 10, 21);
	cr_expect_eq(parsed(&m).type, RECORD_OTHER, "a thread");
	m.h.size = 24;
	cr_expect_eq(parsed(&m).type, RECORD_OTHER);
}

static struct made mapping(uint16_t misc, uint64_t begin, uint64_t len)
{
	uint8_t id[24] = { 20, 0, 0, 0, 0xaa, 0xbb };
	struct made m = made(PERF_RECORD_MMAP2, misc);

	put_u32(&m, 7);
	put_u32(&m, 7);
	put_u64(&m, begin);
	put_u64(&m, len);
	put_u64(&m, 4096);
	if (!misc) {
		memset(id, 0, sizeof(id));
		id[8] = 42;
	}
	put(&m, id, sizeof(id));
	put_u64(&m, 5);
	put_text(&m, "/bin/x");
	put_id(&m, 9);
	return m;
}

Test(stacks_records, mappings)
{
	struct made m = mapping(0, 8192, 4096);
	struct record r = parsed(&m);

	cr_assert_eq(r.type, RECORD_MAP);
	cr_expect_eq(r.map.begin, 8192);
	cr_expect_eq(r.map.end, 12288);
	cr_expect_eq(r.map.offset, 4096);
	cr_expect_eq(r.key.inode, 42);
	cr_expect_eq(r.key.id_len, 0);
	cr_expect_str_eq(r.key.text, "/bin/x");
	m = mapping(PERF_RECORD_MISC_MMAP_BUILD_ID, 8192, 4096);
	r = parsed(&m);
	cr_expect_eq(r.key.inode, 0);
	cr_expect_eq(r.key.id_len, 20);
	cr_expect_eq(r.key.id[1], 0xbb);
	m = mapping(0, UINT64_MAX - 10, 4096);
	cr_expect_eq(parsed(&m).type, RECORD_OTHER, "goes round");
}

struct taken {
	size_t n;
	uint64_t last_ns;
	int fail_at;
};

static int take(const struct record *r, void *arg)
{
	struct taken *t = arg;

	cr_expect_geq(r->mono_ns, t->last_ns, "not sorted");
	t->last_ns = r->mono_ns;
	t->n++;
	return (int)t->n == t->fail_at ? -ENOMEM : 0;
}

Test(stacks_records, a_queue_gives_by_time_and_keeps_what_is_later)
{
	struct random_source r = { .seed = 3 };
	struct record_queue q = { 0 };
	struct taken t = { 0 };
	size_t n = 0;

	for (uint64_t window = 1; window <= 20; window++) {
		for (size_t i = 0; i < 500; i++, n++) {
			struct made m = sample((window - 1) * 100 + random_below(&r, 150), 2, 2);

			/* Later than what was taken: else it is rightly out of order. */
			if (*(uint64_t *)(m.bytes + 16) < t.last_ns)
				memcpy(m.bytes + 16, &t.last_ns, 8);
			queue_add(&q, &m.h);
		}
		cr_assert_eq(queue_take(&q, window * 100, take, &t), 0);
		cr_expect_lt(t.last_ns, window * 100);
	}
	cr_assert_eq(queue_take(&q, UINT64_MAX, take, &t), 0);
	cr_expect_eq(t.n, n);
	cr_expect_eq(q.n_lost, 0);
	queue_free(&q);
}

Test(stacks_records, an_error_ends_the_taking)
{
	struct taken t = { .fail_at = 2 };
	struct record_queue q = { 0 };
	struct made m = sample(1, 1, 1);

	for (size_t i = 0; i < 3; i++)
		queue_add(&q, &m.h);
	cr_expect_eq(queue_take(&q, 10, take, &t), -ENOMEM);
	cr_expect_eq(t.n, 2);
	queue_free(&q);
}

Test(stacks_records, losses_are_counted)
{
	struct made m = made(PERF_RECORD_LOST, 0);
	struct record_queue q = { 0 };
	struct taken t = { 0 };

	put_u64(&m, 1);
	put_u64(&m, 17);
	put_id(&m, 9);
	queue_add(&q, &m.h);
	queue_add(&q, &m.h);
	cr_expect_eq(q.n_lost, 34);
	cr_assert_eq(queue_take(&q, UINT64_MAX, take, &t), 0);
	cr_expect_eq(t.n, 0);
	queue_free(&q);
}
