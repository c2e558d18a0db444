/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* truth.c - see truth.h. */
#include "raplsim/truth.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"

int truth_open(struct truth *t)
{
	t->reading = calloc(TRUTH_MAX_READINGS, sizeof(*t->reading));
	return t->reading ? 0 : -ENOMEM;
}

void truth_close(struct truth *t)
{
	free(t->reading);
}

void truth_note(struct truth *t, const struct model *m, size_t domain, enum fault_kind fault)
{
	const struct truth_reading r = {
		.mono_ns = m->now_ns,
		.unwrapped_uj = model_unwrapped_uj(&m->domain[domain]),
		.drawn_uj = model_uj(m->domain[domain].drawn_pj),
		.domain = domain,
		.fault = fault,
	};

	t->reading[t->n_readings++ % TRUTH_MAX_READINGS] = r;
	if (fault == FAULT_NONE) {
		t->last[domain] = r;
		t->n_good[domain]++;
	}
}

static void put_domain(const struct truth *t, const struct model *m, size_t i,
		       struct json_writer *w)
{
	const struct model_domain *d = &m->domain[i];

	json_object_begin(w);
	json_kv_big(w, "drawn_uj", model_uj(d->drawn_pj));
	json_kv_str(w, "label", d->label);
	json_kv_big(w, "last_read_mono_ns", t->last[i].mono_ns);
	json_kv_big(w, "last_read_uj", t->last[i].unwrapped_uj);
	json_kv_u64(w, "n_good_reads", t->n_good[i]);
	json_kv_u64(w, "n_wraps", model_n_wraps(d));
	json_kv_big(w, "range_uj", d->counter.range_uj);
	json_kv_big(w, "step_uj", d->counter.step_uj);
	json_kv_big(w, "unwrapped_uj", model_unwrapped_uj(d));
	json_object_end(w);
}

static void put_consumer(const struct model *m, const struct cputime_consumer *c,
			 struct json_writer *w)
{
	json_object_begin(w);
	json_kv_big(w, "cpu_ns", c->cpu_ns);
	json_kv_big(w, "energy_uj", model_energy_uj(m, c->cpu_ns, c->mw));
	json_kv_u64(w, "mw", c->mw);
	json_kv_bytes(w, "name", c->name);
	json_object_end(w);
}

static void put_process(const struct model *m, const struct cputime_process *p,
			struct json_writer *w)
{
	uint64_t cpu_ns = p->last_ns - p->first_ns;

	json_object_begin(w);
	json_kv_bytes(w, "comm", m->cpu.consumer[p->consumer].name);
	json_kv_big(w, "cpu_ns", cpu_ns);
	json_kv_big(w, "energy_uj", model_energy_uj(m, cpu_ns, m->cpu.consumer[p->consumer].mw));
	json_kv_i64(w, "pid", p->pid);
	json_object_end(w);
}

void truth_put_json(const struct truth *t, const struct model *m, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_key(&w, "consumers");
	json_array_begin(&w);
	for (size_t i = 0; i < m->cpu.n_consumers; i++)
		put_consumer(m, &m->cpu.consumer[i], &w);
	json_array_end(&w);
	json_key(&w, "domains");
	json_array_begin(&w);
	for (size_t i = 0; i < m->n_domains; i++)
		put_domain(t, m, i, &w);
	json_array_end(&w);
	json_kv_u64(&w, "mono_ns", m->now_ns);
	json_kv_u64(&w, "n_processes_unlisted", m->cpu.n_unlisted);
	json_key(&w, "processes");
	json_array_begin(&w);
	for (size_t i = 0; i < m->cpu.n_processes; i++)
		put_process(m, &m->cpu.process[i], &w);
	json_array_end(&w);
	json_kv_str(&w, "schema", "jouletrail.raplsim/1");
	json_object_end(&w);
	buf_putc(out, '\n');
}

void truth_put_readings(const struct truth *t, const struct model *m, struct buf *out)
{
	uint64_t from = t->n_readings > TRUTH_MAX_READINGS ? t->n_readings - TRUTH_MAX_READINGS : 0;

	for (uint64_t i = from; i < t->n_readings; i++) {
		const struct truth_reading *r = &t->reading[i % TRUTH_MAX_READINGS];

		buf_printf(out, "%" PRIu64 "\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\n", r->mono_ns,
			   m->domain[r->domain].label, faults_kind_name(r->fault), r->unwrapped_uj,
			   r->drawn_uj);
	}
}
