/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * client.c - a program that knows what its parts took: three epochs of a training, as C or as C++.
 *
 *	cc client.c $(pkg-config --cflags --libs jouletrail) -o client
 */
#include <inttypes.h>
#include <stdio.h>

#include <jouletrail/client.h>

/* Something that takes a while: the square root of 2, over and over. */
static double work(void)
{
	double x = 2;

	for (long i = 0; i < 30000000; i++)
		x -= (x * x - 2) / (2 * x + 1e-9 * (double)(i & 1));
	return x;
}

static void show(const char *what, const struct jt_result *r)
{
	printf("%s: %.3f s of CPU time", what, (double)r->cpu_ns / 1e9);
	if (r->has_energy)
		printf(", %.3f J [%.3f, %.3f]", (double)r->energy_uj.value / 1e6,
		       (double)r->energy_uj.low / 1e6, (double)r->energy_uj.high / 1e6);
	if (r->has_co2e)
		printf(", %" PRIu64 " ug CO2e, zone %s", r->co2e_ug.value, r->zone);
	printf("%s\n", r->lost ? ", and some detail was lost" : "");
}

int main(void)
{
	struct jt_client_options options = { NULL, 0, JT_CLIENT_SAY };
	struct jt_span_options training = { "training", NULL, 0, 0, 0, NULL };
	const char *const names[] = { "epoch 0", "epoch 1", "epoch 2" };
	struct jt_host_totals totals;
	struct jt_daemon_status status;
	struct jt_result result;
	struct jt_client *client;
	uint64_t span = 0, epoch[3] = { 0, 0, 0 };
	double x = 0;

	/* Without a daemon all of this does nothing, and the program does what it is for. */
	jt_client_open(&options, &client);
	jt_span_begin(client, &training, &span);
	for (uint64_t n = 0; n < 3; n++) {
		jt_epoch_begin(client, span, n, &epoch[n]);
		x = work();
		/* Its window ends within a second: nothing here waits for that. */
		jt_span_end_async(client, epoch[n]);
	}
	if (jt_span_end(client, span, &result) == 0)
		show("training", &result);
	for (int n = 0; n < 3; n++)
		if (jt_span_wait(client, epoch[n], 5000, &result) == 0)
			show(names[n], &result);
	if (jt_totals(client, &totals) == 0 && totals.has_energy)
		printf("the machine since the daemon's start: %.3f J\n",
		       (double)totals.energy_uj.value / 1e6);
	if (jt_status(client, &status) == 0)
		printf("the daemon: %s, %" PRIu64 " windows\n", status.state, status.n_windows);
	jt_client_close(client);
	printf("done: %.6f\n", x);
	return 0;
}
