/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listen.c - is HOST:PORT taken for what it is, and said why when it is not? */
#include "base/listen.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static void expect_refused(const char *where, const char *says)
{
	struct why why = { "" };

	cr_expect_eq(listen_open(where, LISTEN_BY_ADDRESS, &why), -EINVAL, "%s", where);
	cr_expect(strstr(why.text, says), "%s: '%s'", where, why.text);
}

Test(listen, what_is_no_host_and_port)
{
	expect_refused("", "no HOST:PORT");
	expect_refused("9841", "no HOST:PORT");
	expect_refused(":9841", "no HOST:PORT");
	expect_refused("127.0.0.1:", "no HOST:PORT");
	expect_refused("127.0.0.1:http", "no HOST:PORT");
	expect_refused("127.0.0.1:65536", "no HOST:PORT");
	expect_refused("127.0.0.1:-1", "no HOST:PORT");
	expect_refused("127.0.0.1: 80", "no HOST:PORT");
	expect_refused("::1:9841", "[::1]:PORT");
	expect_refused("[]:9841", "no address");
	expect_refused("example.org:9841", "names are not looked up");
	expect_refused("127.0.0.256:9841", "names are not looked up");
}

static int open_at(const char *where, char text[LISTEN_TEXT_LEN])
{
	struct why why = { "" };
	int fd = listen_open(where, LISTEN_BY_ADDRESS, &why);

	cr_assert_geq(fd, 0, "%s", why.text);
	cr_assert(listen_text(fd, text));
	return fd;
}

Test(listen, who_reaches_it)
{
	char text[LISTEN_TEXT_LEN];
	int fd = open_at("127.0.0.1:0", text);

	cr_expect(listen_is_loopback(fd));
	cr_expect_eq(strncmp(text, "127.0.0.1:", 10), 0);
	cr_expect_str_neq(text, "127.0.0.1:0");
	close(fd);
	fd = open_at("localhost:0", text);
	cr_expect(listen_is_loopback(fd));
	close(fd);
	fd = open_at("0.0.0.0:0", text);
	cr_expect_not(listen_is_loopback(fd));
	close(fd);
	cr_expect_not(listen_is_loopback(-1));
	cr_expect_not(listen_text(-1, text));
}

Test(listen, an_address_in_use)
{
	char text[LISTEN_TEXT_LEN];
	struct why why = { "" };
	int fd = open_at("127.0.0.1:0", text);

	cr_expect_eq(listen_open(text, LISTEN_BY_ADDRESS, &why), -EADDRINUSE);
	cr_expect(strstr(why.text, text), "%s", why.text);
	close(fd);
}
