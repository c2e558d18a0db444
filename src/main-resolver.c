/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main-resolver.c - jouletrail-resolver: reads runtimes' state files for the one who traces. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/options.h"
#include "resolver/files.h"
#include "resolver/resolver.h"

struct resolver_settings {
	const char *root;
	const char *label;
};

static const struct option_row resolver_rows[] = {
	{ .name = "root",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct resolver_settings, root),
	  .arg = "DIR",
	  .help = "state files are looked for below it" },
	{ .name = "label",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct resolver_settings, label),
	  .arg = "NAMES",
	  .help = "labels that are told of, comma-separated" },
};

static const struct options_spec resolver_spec = {
	.command = "jouletrail-resolver",
	.about = "Answers what a runtime's state files say of a container, for jouletrail.\n"
		 "Questions come as packets on standard input. Needs CAP_DAC_READ_SEARCH at most.",
	.row = resolver_rows,
	.n_rows = ARRAY_LENGTH(resolver_rows),
};

/* A text ends within its field, whoever sent it. */
#define END_TEXT(field) ((field)[sizeof(field) - 1] = '\0')

static int serve(int root_fd, const char *labels)
{
	struct lookup_question q;
	struct lookup_answer a;

	for (;;) {
		ssize_t n = recv(STDIN_FILENO, &q, sizeof(q), 0);

		if (n < 0 && errno == EINTR)
			continue;
		/* The other end is gone. */
		if (n == 0)
			return EXIT_DONE;
		if (n != sizeof(q)) {
			log_error("a question of %zd bytes", n);
			return EXIT_FAILED;
		}
		END_TEXT(q.runtime);
		END_TEXT(q.id);
		END_TEXT(q.pod);
		resolver_answer(root_fd, labels, &q, &a);
		if (send(STDIN_FILENO, &a, sizeof(a), MSG_NOSIGNAL) != sizeof(a))
			return errno == EPIPE ? EXIT_DONE : EXIT_FAILED;
	}
}

int main(int argc, char **argv)
{
	struct resolver_settings o = { .label = "" };
	struct options_arguments args;
	int code, root_fd;

	(void)argc;
	if (!options_begin(&resolver_spec, argv, &o, &args, &code))
		return code;
	root_fd = files_open_root(o.root);
	if (root_fd < 0) {
		log_error("%s: %s", o.root ? o.root : "/", strerror(-root_fd));
		return EXIT_FAILED;
	}
	code = serve(root_fd, o.label);
	close(root_fd);
	return code;
}
