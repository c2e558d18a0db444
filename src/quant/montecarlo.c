/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* montecarlo.c - blocks of trials, by however many threads, until the figures stand still. */
#include "quant/montecarlo.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "quant/philox.h"

/*
 * Blocks between two looks at the stopping rule, which needs two at least: of two alone the
 * standard error is too often small by chance.
 */
#define BLOCKS_PER_LOOK 5
#define MAX_BLOCKS	100
#define MAX_THREADS	256

/* What one block says; the four figures that must stand still. */
enum { BLOCK_MEAN, BLOCK_SD, BLOCK_LOW, BLOCK_HIGH, N_BLOCK_FIGURES };

struct block {
	double figure[N_BLOCK_FIGURES];
};

struct montecarlo {
	struct montecarlo_options o;
	double *trial; /* [max_blocks][MONTECARLO_BLOCK] */
	struct block *block;
	const struct montecarlo_problem *problem;

	pthread_mutex_t lock;
	pthread_cond_t work; /* there are blocks to do, or all is over */
	pthread_cond_t done; /* the last of them is done */
	unsigned int next;   /* block to be taken */
	unsigned int end;    /* of the present look */
	unsigned int n_busy;
	bool over;
	unsigned int n_started;
	pthread_t *thread;
};

static void draw(const struct montecarlo *mc, uint64_t pair, double input[2][MONTECARLO_MAX_INPUTS])
{
	const struct montecarlo_problem *p = mc->problem;

	for (size_t i = 0; i < p->n_inputs; i++) {
		double u[2];

		philox_uniform2(mc->o.seed, p->input[i].stream, pair, u);
		input[0][i] = shape_quantile(&p->input[i].shape, u[0]);
		input[1][i] = shape_quantile(&p->input[i].shape, u[1]);
	}
}

/* The k-th smallest of n (Hoare's FIND), which goes to its place: no greater before it. */
static double select_rank(double *x, size_t n, size_t k)
{
	ssize_t left = 0, right = (ssize_t)n - 1, rank = (ssize_t)k;

	while (left < right) {
		double pivot = x[rank], t;
		ssize_t i = left, j = right;

		while (i <= j) {
			while (x[i] < pivot)
				i++;
			while (pivot < x[j])
				j--;
			if (i > j)
				break;
			t = x[i];
			x[i++] = x[j];
			x[j--] = t;
		}
		if (j < rank)
			left = i;
		if (rank < i)
			right = j;
	}
	return x[rank];
}

/* JCGM 101, 7.7.2: the probabilistically symmetric interval of n trials. */
static void end_points(double *x, size_t n, double *ret_low, double *ret_high)
{
	size_t outside = n / 40; /* 2.5 % */

	*ret_low = select_rank(x, n, outside - 1);
	*ret_high = select_rank(x, n, n - outside - 1);
}

static struct quant_moments moments(const double *x, size_t n)
{
	struct quant_moments m = { 0 };
	double square = 0;

	for (size_t i = 0; i < n; i++)
		m.mean += x[i];
	m.mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		square += (x[i] - m.mean) * (x[i] - m.mean);
	m.sd = sqrt(square / (double)(n - 1));
	return m;
}

static void run_block(const struct montecarlo *mc, unsigned int index)
{
	const struct montecarlo_problem *p = mc->problem;
	double *x = mc->trial + (size_t)index * MONTECARLO_BLOCK;
	struct block *b = &mc->block[index];
	double input[2][MONTECARLO_MAX_INPUTS];
	struct quant_moments m;

	for (size_t i = 0; i < MONTECARLO_BLOCK; i += 2) {
		draw(mc, ((uint64_t)index * MONTECARLO_BLOCK + i) / 2, input);
		for (size_t k = 0; k < 2; k++) {
			x[i + k] = p->model(input[k], p->arg);
			if (isnan(x[i + k]))
				x[i + k] = INFINITY;
		}
	}
	m = moments(x, MONTECARLO_BLOCK);
	b->figure[BLOCK_MEAN] = m.mean;
	b->figure[BLOCK_SD] = m.sd;
	end_points(x, MONTECARLO_BLOCK, &b->figure[BLOCK_LOW], &b->figure[BLOCK_HIGH]);
}

/* Takes blocks until there are none left. Called, and returns, with the lock. */
static void take_blocks(struct montecarlo *mc)
{
	while (mc->next < mc->end) {
		unsigned int index = mc->next++;

		mc->n_busy++;
		pthread_mutex_unlock(&mc->lock);
		run_block(mc, index);
		pthread_mutex_lock(&mc->lock);
		mc->n_busy--;
	}
}

static void *work(void *arg)
{
	struct montecarlo *mc = arg;

	pthread_mutex_lock(&mc->lock);
	while (!mc->over) {
		take_blocks(mc);
		if (mc->n_busy == 0)
			pthread_cond_signal(&mc->done);
		pthread_cond_wait(&mc->work, &mc->lock);
	}
	pthread_mutex_unlock(&mc->lock);
	return NULL;
}

/* The blocks from begin on and before end, in whichever order. */
static void run_blocks(struct montecarlo *mc, unsigned int begin, unsigned int end)
{
	pthread_mutex_lock(&mc->lock);
	mc->next = begin;
	mc->end = end;
	if (mc->n_started)
		pthread_cond_broadcast(&mc->work);
	take_blocks(mc);
	while (mc->n_busy)
		pthread_cond_wait(&mc->done, &mc->lock);
	pthread_mutex_unlock(&mc->lock);
}

static double mean_of(const struct block *b, unsigned int n, int figure)
{
	double sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += b[i].figure[figure];
	return sum / n;
}

/* Standard error of the mean over blocks. */
static double error_of(const struct block *b, unsigned int n, int figure)
{
	double mean = mean_of(b, n, figure), square = 0;

	for (unsigned int i = 0; i < n; i++)
		square += (b[i].figure[figure] - mean) * (b[i].figure[figure] - mean);
	return sqrt(square / ((double)n * (n - 1)));
}

/* JCGM 101, 7.9.2: half of the last of so many digits of sd. */
static double tolerance_of(double sd, unsigned int n_digits)
{
	if (!(sd > 0))
		return 0;
	return 0.5 * pow(10, floor(log10(sd)) - (n_digits - 1));
}

/* JCGM 101, 7.9.4: whether the figures of n blocks stand still; fills moments and tolerance. */
static bool stands_still(const struct montecarlo *mc, unsigned int n, struct montecarlo_result *r)
{
	double within = 0, between = error_of(mc->block, n, BLOCK_MEAN);

	for (unsigned int i = 0; i < n; i++)
		within += mc->block[i].figure[BLOCK_SD] * mc->block[i].figure[BLOCK_SD] / n;
	r->moments.mean = mean_of(mc->block, n, BLOCK_MEAN);
	/* Of all trials, from those of the blocks. */
	r->moments.sd = sqrt(within + between * between * (n - 1));
	r->tolerance = tolerance_of(r->moments.sd, mc->o.n_digits);
	r->error = 0;
	for (int f = 0; f < N_BLOCK_FIGURES; f++) {
		double error = 2 * error_of(mc->block, n, f);

		if (!(error <= r->error)) /* a NaN stays */
			r->error = error;
	}
	return r->error <= r->tolerance / (mc->o.validates ? 5 : 1);
}

int montecarlo_run(struct montecarlo *mc, const struct montecarlo_problem *p,
		   struct montecarlo_result *ret)
{
	struct montecarlo_result r = { 0 };
	unsigned int n = 0;
	size_t below = 0;

	if (p->n_inputs > MONTECARLO_MAX_INPUTS)
		return -EINVAL;
	mc->problem = p;
	while (!r.converged && n < mc->o.max_blocks) {
		unsigned int done = n;

		n = done + BLOCKS_PER_LOOK;
		if (n > mc->o.max_blocks)
			n = mc->o.max_blocks;
		run_blocks(mc, done, n);
		r.converged = stands_still(mc, n, &r);
	}
	mc->problem = NULL; /* whoever wakes now finds no block to take */
	r.n_trials = (uint64_t)n * MONTECARLO_BLOCK;
	for (size_t i = 0; i < r.n_trials; i++)
		below += mc->trial[i] < p->threshold;
	r.below_threshold = (double)below / (double)r.n_trials;
	end_points(mc->trial, r.n_trials, &r.interval.low, &r.interval.high);
	r.interval.value = select_rank(mc->trial, r.n_trials, r.n_trials / 2);
	*ret = r;
	return 0;
}

void montecarlo_free(struct montecarlo *mc)
{
	if (!mc)
		return;
	pthread_mutex_lock(&mc->lock);
	mc->over = true;
	pthread_cond_broadcast(&mc->work);
	pthread_mutex_unlock(&mc->lock);
	for (unsigned int i = 0; i < mc->n_started; i++)
		pthread_join(mc->thread[i], NULL);
	pthread_cond_destroy(&mc->work);
	pthread_cond_destroy(&mc->done);
	pthread_mutex_destroy(&mc->lock);
	free(mc->thread);
	free(mc->trial);
	free(mc->block);
	free(mc);
}

DEFINE_CLEANUP(struct montecarlo *, montecarlo_free)

int montecarlo_new(const struct montecarlo_options *o, struct montecarlo **ret)
{
	CLEANUP(montecarlo_free_ptr) struct montecarlo *mc = NULL;

	if (o->n_digits > 2 || o->n_threads > MAX_THREADS || o->max_blocks == 1)
		return -EINVAL;
	mc = calloc(1, sizeof(*mc));
	if (!mc)
		return -ENOMEM;
	mc->o = *o;
	mc->o.n_digits = o->n_digits ? o->n_digits : 2;
	mc->o.max_blocks = o->max_blocks ? o->max_blocks : MAX_BLOCKS;
	pthread_mutex_init(&mc->lock, NULL);
	pthread_cond_init(&mc->work, NULL);
	pthread_cond_init(&mc->done, NULL);
	mc->trial = calloc(mc->o.max_blocks, MONTECARLO_BLOCK * sizeof(*mc->trial));
	mc->block = calloc(mc->o.max_blocks, sizeof(*mc->block));
	mc->thread = calloc(MAX_THREADS, sizeof(*mc->thread));
	if (!mc->trial || !mc->block || !mc->thread)
		return -ENOMEM;
	/* The caller's thread is the first. */
	for (unsigned int i = 1; i < o->n_threads; i++) {
		int err = pthread_create(&mc->thread[mc->n_started], NULL, work, mc);

		if (err)
			return -err;
		mc->n_started++;
	}
	*ret = TAKE_PTR(mc);
	return 0;
}
