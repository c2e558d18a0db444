/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* resolver.c - is each runtime's state found, and nothing read that must not be? */
#include "resolver/resolver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolver/files.h"

#define ID  "3f1c9a5b7e2d4806a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778"
#define ID2 "4f1c9a5b7e2d4806a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778"
#define UID "8a7e5f3c-1b2d-4e6f-9a8b-7c6d5e4f3a2b"

static char root[] = "/tmp/jouletrail-unit-XXXXXX";
static int root_fd = -1;
static struct lookup_answer a;

static void make_root(void)
{
	cr_assert_not_null(mkdtemp(root));
	root_fd = files_open_root(root);
	cr_assert(ge(int, root_fd, 0));
}

static void remove_root(void)
{
	char command[128];

	close(root_fd);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert(eq(int, system(command), 0));
}

TestSuite(resolver, .init = make_root, .fini = remove_root);

/* The directories above it, too. */
static void make_file(const char *path, const char *text)
{
	char whole[1024];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	for (char *c = whole + strlen(root) + 1; (c = strchr(c, '/')); c++) {
		*c = '\0';
		mkdir(whole, 0755);
		*c = '/';
	}
	if (!text)
		return;
	f = fopen(whole, "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static void make_link(const char *to, const char *path)
{
	char whole[1024];

	make_file(path, NULL);
	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	cr_assert(eq(int, symlink(to, whole), 0));
}

static const char *ask(const char *runtime, const char *id, uint32_t uid, const char *pod)
{
	struct lookup_question q = { .number = 7, .what = LOOKUP_CONTAINER, .uid = uid };

	snprintf(q.runtime, sizeof(q.runtime), "%s", runtime);
	snprintf(q.id, sizeof(q.id), "%s", id);
	snprintf(q.pod, sizeof(q.pod), "%s", pod);
	resolver_answer(root_fd, "app", &q, &a);
	cr_expect(eq(u64, a.number, 7));
	return a.is_found ? a.name : "nothing";
}

#define DOCKER "var/lib/docker/containers/" ID "/config.v2.json"

Test(resolver, nothing_there)
{
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing");
	cr_expect_str_eq(ask("podman", ID, 1000, ""), "nothing");
}

Test(resolver, docker)
{
	make_file(DOCKER, "{\"Name\":\"/web\",\"Config\":{\"Labels\":{\"app\":\"x\"}}}");
	cr_expect_str_eq(ask("docker", ID, 0, ""), "web");
	cr_expect_str_eq(a.labels, "app=x");
	cr_expect_str_eq(ask("oci", ID, 0, ""), "web", "below a parent of its owner's choice");
	cr_expect_str_eq(ask("docker", ID2, 0, ""), "nothing");
	cr_expect_str_eq(ask("docker", ID, 1000, ""), "nothing", "a user has called a cgroup so");
}

Test(resolver, storage_of_any_driver)
{
	make_file("var/lib/containers/storage/vfs-containers/containers.json",
		  "[{\"id\":\"" ID "\",\"names\":[\"web\"]}]");
	make_file("var/lib/containers/storage/overlay-containers/containers.json",
		  "[{\"id\":\"" ID2 "\",\"names\":[\"db\"]}]");
	cr_expect_str_eq(ask("podman", ID, 0, ""), "web");
	cr_expect_str_eq(ask("podman", ID2, 0, ""), "db");
}

Test(resolver, crio_and_containerd)
{
	make_file("var/lib/containers/storage/overlay-containers/" ID "/userdata/config.json",
		  "{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"container\","
		  "\"io.kubernetes.container.name\":\"db\"}}");
	make_file("run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID2 "/config.json",
		  "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
		  "\"io.kubernetes.cri.container-name\":\"nginx\"}}");
	cr_expect_str_eq(ask("cri-o", ID, 0, ""), "db");
	cr_expect_str_eq(ask("containerd", ID2, 0, ""), "nginx");
}

Test(resolver, users_own)
{
	make_file("etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n"
				"bob:x:1001:1001::/home/bob:/bin/sh\nodd\n:::::\n");
	make_file("home/ann/.local/share/containers/storage/overlay-containers/containers.json",
		  "[{\"id\":\"" ID "\",\"names\":[\"mine\"]}]");
	cr_expect_str_eq(ask("podman", ID, 1000, ""), "mine");
	cr_expect_str_eq(ask("podman", ID, 0, ""), "nothing", "not the machine's");
	/* What he may not read himself is not read for him. */
	make_link("/home/ann/.local", "home/bob/.local");
	cr_expect_str_eq(ask("podman", ID, 1001, ""), "nothing");
}

Test(resolver, kubelet)
{
	struct lookup_question q = { .what = LOOKUP_POD, .id = UID };

	make_file("var/log/pods/prod_web-0_" UID "/nginx/0.log", "");
	make_link("/x", "var/log/containers/web-0_prod_nginx-" ID ".log");
	cr_expect_str_eq(ask("containerd", ID, 0, UID), "nginx");
	cr_expect_str_eq(a.pod_name, "web-0");
	cr_expect_str_eq(ask("containerd", ID2, 0, UID), "");
	cr_expect_str_eq(a.pod_name, "web-0", "its pod is known, if it is not");
	resolver_answer(root_fd, "", &q, &a);
	cr_expect(eq(u32, a.is_found, 1));
	cr_expect_str_eq(a.namespace, "prod");
	cr_expect_str_eq(a.pod_name, "web-0");
}

Test(resolver, ids_are_no_paths)
{
	make_file("var/lib/docker/config.v2.json", "{\"Name\":\"/web\"}");
	cr_expect_str_eq(ask("docker", "..", 0, ""), "nothing");
	cr_expect_str_eq(ask("docker", "a/../..", 0, ""), "nothing");
	cr_expect_str_eq(ask("docker", "", 0, ""), "nothing");
	cr_expect_str_eq(ask("docker", "a\nb", 0, ""), "nothing");
}

Test(resolver, what_is_no_file)
{
	char path[512];

	make_file(DOCKER, NULL);
	snprintf(path, sizeof(path), "%s/" DOCKER, root);
	cr_assert(eq(int, mkfifo(path, 0600), 0));
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing", "nobody waits for its other end");
	unlink(path);
	cr_assert(eq(int, mkdir(path, 0700), 0));
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing");
	rmdir(path);
	make_link(DOCKER, DOCKER);
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing", "a link to itself");
	unlink(path);
	make_link("/etc/passwd", DOCKER);
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing", "links end within the root");
}

Test(resolver, too_large)
{
	char path[512];

	make_file(DOCKER, "{\"Name\":\"/web\"}");
	snprintf(path, sizeof(path), "%s/" DOCKER, root);
	cr_assert(eq(int, truncate(path, FILES_MAX_BYTES + 1), 0));
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing");
}

Test(resolver, half_written)
{
	make_file(DOCKER, "{\"Name\":\"/web\",\"Confi");
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing");
	make_file(DOCKER, "");
	cr_expect_str_eq(ask("docker", ID, 0, ""), "nothing");
	make_file(DOCKER, "{\"Name\":\"/web\"}");
	cr_expect_str_eq(ask("docker", ID, 0, ""), "web");
}
