/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* place.c - is every runtime's cgroup path read for what it says? */
#include "identity/place.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/random.h"

#define ID    "3f1c9a5b7e2d4806a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778"
#define ID2   "a90112233445566778899aabbccddeeff00112233445566778899aabbccddeef"
#define UID   "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
#define UID_S "0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9"

/* What is NULL is not there. len is how much of the path the container's (else VM's) name takes. */
struct given {
	const char *path;
	const char *runtime;
	const char *container;
	const char *pod;
	const char *qos;
	const char *unit;
	const char *slice;
	const char *session;
	const char *vm;
};

/* What a row leaves out is not there. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* Paths as the runtimes make them. */
static const struct given docker[] = {
	{ "/docker/" ID, "docker", ID },
	{ "/docker/" ID "/init.scope", "docker", ID },
	{ "/system.slice/docker-" ID ".scope", "docker", ID, .unit = "docker-" ID ".scope",
	  .slice = "system.slice" },
	{ "/system.slice/docker-" ID ".scope/system.slice/nginx.service", "docker", ID,
	  .unit = "docker-" ID ".scope", .slice = "system.slice" },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID ".scope", "docker",
	  ID, .unit = "docker-" ID ".scope", .slice = "user-1000.slice" },
	{ "/batch/" ID, "oci", ID },
	{ "/ecs/0123456789abcdef0123456789abcdef/" ID, "oci", ID },
};

static const struct given containerd[] = {
	{ "/default/web", "containerd", "web" },
	{ "/default/" ID "/nested", "containerd", ID },
	{ "/k8s.io/" ID, "containerd", ID },
	{ "/system.slice/nerdctl-" ID ".scope", "containerd", ID, .unit = "nerdctl-" ID ".scope",
	  .slice = "system.slice" },
	{ "/system.slice/runc-web\\x2d1.scope", "runc", "web-1", .unit = "runc-web\\x2d1.scope",
	  .slice = "system.slice" },
	{ "/system.slice/containerd.service", .unit = "containerd.service",
	  .slice = "system.slice" },
};

static const struct given podman[] = {
	{ "/machine.slice/libpod-" ID ".scope/container", "podman", ID,
	  .unit = "libpod-" ID ".scope", .slice = "machine.slice" },
	{ "/machine.slice/libpod-conmon-" ID ".scope", "podman", ID "/conmon",
	  .unit = "libpod-conmon-" ID ".scope", .slice = "machine.slice" },
	{ "/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope/container", "podman",
	  ID, ID2, .unit = "libpod-" ID ".scope", .slice = "machine-libpod_pod_" ID2 ".slice" },
	{ "/libpod_parent/libpod-" ID, "podman", ID },
	{ "/libpod_parent/libpod-conmon-" ID, "podman", ID "/conmon" },
	{ "/libpod_parent/" ID2 "/libpod-" ID, "podman", ID, ID2 },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope/container",
	  "podman", ID, .unit = "libpod-" ID ".scope", .slice = "user-1000.slice" },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/user-libpod_pod_" ID2
	  ".slice/libpod-" ID ".scope",
	  "podman", ID, ID2, .unit = "libpod-" ID ".scope", .slice = "user-1000.slice" },
	{ "/system.slice/web.service/libpod-payload-" ID, "podman", ID, .unit = "web.service",
	  .slice = "system.slice" },
};

static const struct given kubernetes[] = {
	{ "/kubepods/burstable/pod" UID "/" ID, "oci", ID, UID, "burstable" },
	{ "/kubepods/besteffort/pod" UID "/" ID, "oci", ID, UID, "besteffort" },
	{ "/kubepods/pod" UID "/" ID, "oci", ID, UID, "guaranteed" },
	{ "/kubepods/burstable/pod" UID, .pod = UID, .qos = "burstable" },
	/* a static pod: the hash of its file */
	{ "/kubepods/burstable/pod2fa4c1a9a1a5dbd34ed1db2de6b5c3ee/" ID, "oci", ID,
	  "2fa4c1a9a1a5dbd34ed1db2de6b5c3ee", "burstable" },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_S
	  ".slice/cri-containerd-" ID ".scope",
	  "containerd", ID, UID, "burstable", "cri-containerd-" ID ".scope",
	  "kubepods-burstable-pod" UID_S ".slice" },
	{ "/kubepods.slice/kubepods-pod" UID_S ".slice/crio-" ID ".scope/container", "cri-o", ID,
	  UID, "guaranteed", "crio-" ID ".scope", "kubepods-pod" UID_S ".slice" },
	{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_S
	  ".slice/crio-conmon-" ID ".scope",
	  "cri-o", ID "/conmon", UID, "besteffort", "crio-conmon-" ID ".scope",
	  "kubepods-besteffort-pod" UID_S ".slice" },
	{ "/kubepods/burstable/pod" UID "/crio-" ID, "cri-o", ID, UID, "burstable" },
	{ "/kubepods.slice/kubepods-burstable.slice/"
	  "kubepods-burstable-pod2fa4c1a9a1a5dbd34ed1db2de6b5c3ee.slice/docker-" ID ".scope",
	  "docker", ID, "2fa4c1a9a1a5dbd34ed1db2de6b5c3ee", "burstable", "docker-" ID ".scope",
	  "kubepods-burstable-pod2fa4c1a9a1a5dbd34ed1db2de6b5c3ee.slice" },
	{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
	  "kubelet-kubepods-burstable-pod" UID_S ".slice/cri-containerd-" ID ".scope",
	  "containerd", ID, UID, "burstable", "cri-containerd-" ID ".scope",
	  "kubelet-kubepods-burstable-pod" UID_S ".slice" },
	{ "/system.slice/containerd.service/kubepods-burstable-pod" UID_S
	  ".slice:cri-containerd:" ID,
	  .unit = "containerd.service", .slice = "system.slice" },
};

static const struct given lxc_and_nspawn[] = {
	{ "/lxc.payload.web", "lxc", "web" },
	{ "/lxc.payload.web/init.scope", "lxc", "web" },
	{ "/lxc.monitor.web", "lxc", "web/monitor" },
	{ "/lxc.payload/web/system.slice/ssh.service", "lxc", "web" },
	{ "/lxc/101/ns", "lxc", "101" },
	{ "/machine.slice/web.scope/payload", "nspawn", "web", .unit = "web.scope",
	  .slice = "machine.slice" },
	{ "/machine.slice/machine-web\\x2d2.scope", "nspawn", "web-2",
	  .unit = "machine-web\\x2d2.scope", .slice = "machine.slice" },
	{ "/machine.slice/systemd-nspawn@web.service/payload/init.scope", "nspawn", "web",
	  .unit = "systemd-nspawn@web.service", .slice = "machine.slice" },
	{ "/system.slice/web.service/payload", "nspawn", "web", .unit = "web.service",
	  .slice = "system.slice" },
	{ "/payload", "nspawn", "payload" },
	{ "/machine.slice/machine-lxc\\x2d77\\x2dold\\x2dbox.scope", "libvirt-lxc", "old-box",
	  .unit = "machine-lxc\\x2d77\\x2dold\\x2dbox.scope", .slice = "machine.slice" },
};

static const struct given vms[] = {
	{ "/machine.slice/machine-qemu\\x2d1\\x2ddebian12.scope/libvirt/vcpu0", "libvirt",
	  .unit = "machine-qemu\\x2d1\\x2ddebian12.scope", .slice = "machine.slice",
	  .vm = "debian12" },
	{ "/machine.slice/machine-qemu\\x2d12\\x2dmy\\x2dvm.scope/libvirt/emulator", "libvirt",
	  .unit = "machine-qemu\\x2d12\\x2dmy\\x2dvm.scope", .slice = "machine.slice",
	  .vm = "my-vm" },
	{ "/machine/qemu-3-old.libvirt-qemu/vcpu1", "libvirt", .vm = "old" },
	{ "/machine/old.libvirt-qemu", "libvirt", .vm = "old" },
	{ "/qemu.slice/100.scope", "proxmox", .unit = "100.scope", .slice = "qemu.slice",
	  .vm = "100" },
};

static const struct given units[] = {
	{ "/" },
	{ "" },
	{ "/init.scope", .unit = "init.scope", .slice = "-.slice" },
	{ "/system.slice", .slice = "system.slice" },
	{ "/system.slice/ssh.service", .unit = "ssh.service", .slice = "system.slice" },
	{ "/system.slice/system-getty.slice/getty@tty1.service", .unit = "getty@tty1.service",
	  .slice = "system-getty.slice" },
	{ "/system.slice/dev-disk-by\\x2duuid-12.swap", .unit = "dev-disk-by\\x2duuid-12.swap",
	  .slice = "system.slice" },
	{ "/user.slice/user-1000.slice/session-3.scope", .unit = "session-3.scope",
	  .slice = "user-1000.slice", .session = "3" },
	{ "/user.slice/user-1000.slice/session-c12.scope", .unit = "session-c12.scope",
	  .slice = "user-1000.slice", .session = "c12" },
	{ "/user.slice/user-1000.slice/user@1000.service/init.scope", .unit = "init.scope",
	  .slice = "user-1000.slice" },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-42.scope",
	  .unit = "app-firefox-42.scope", .slice = "user-1000.slice" },
	{ "/system.slice/_cpu.service", .unit = "cpu.service", .slice = "system.slice" },
	{ "/one/two" },
	/* Close to a pattern is not the pattern. */
	{ "/docker/" ID "0" },
	{ "/system.slice/docker-" ID, .slice = "system.slice" },
	{ "/kubepods/pod0a1b2c3d-4e5f_6071-8293-a4b5c6d7e8f9" },
	{ "/machine.slice/machine-qemu\\x2dx.scope", "nspawn", "qemu-x",
	  .unit = "machine-qemu\\x2dx.scope", .slice = "machine.slice" },
	{ "/.service" },
	{ "/.slice/.scope" },
};

static void check_word(const char *path, const char *what, const char *got, const char *want)
{
	cr_expect(want ? !strcmp(got, want) : !got[0], "%s of %s: '%s', not '%s'", what, path, got,
		  want ? want : "");
}

static void check(const struct given *g, size_t n)
{
	for (size_t i = 0; i < n; i++, g++) {
		struct place p;

		place_parse(g->path, &p);
		check_word(g->path, "runtime", p.runtime ? p.runtime : "", g->runtime);
		check_word(g->path, "container", p.name[PLACE_CONTAINER].id, g->container);
		check_word(g->path, "pod", p.name[PLACE_POD].id, g->pod);
		check_word(g->path, "qos", p.qos ? p.qos : "", g->qos);
		check_word(g->path, "unit", p.name[PLACE_UNIT].id, g->unit);
		check_word(g->path, "slice", p.name[PLACE_SLICE].id, g->slice);
		check_word(g->path, "session", p.name[PLACE_SESSION].id, g->session);
		check_word(g->path, "vm", p.name[PLACE_VM].id, g->vm);
	}
}

#define CHECK(table) check(table, sizeof(table) / sizeof((table)[0]))

Test(place, docker)
{
	CHECK(docker);
}

Test(place, containerd_and_bare_runtimes)
{
	CHECK(containerd);
}

Test(place, podman)
{
	CHECK(podman);
}

Test(place, kubernetes)
{
	CHECK(kubernetes);
}

Test(place, lxc_and_nspawn)
{
	CHECK(lxc_and_nspawn);
}

Test(place, virtual_machines)
{
	CHECK(vms);
}

Test(place, units_slices_and_sessions)
{
	CHECK(units);
}

/* A container that makes a group with another's name below itself stays what it is. */
Test(place, nobody_pretends_to_be_another)
{
	struct place p, q;

	place_parse("/docker/" ID "/docker/" ID2, &p);
	cr_expect_str_eq(p.name[PLACE_CONTAINER].id, ID);
	cr_expect(eq(sz, p.name[PLACE_CONTAINER].len, strlen("/docker/" ID)));
	place_parse("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/docker-" ID ".scope", &p);
	cr_expect_str_eq(p.name[PLACE_VM].id, "vm");
	cr_expect_str_empty(p.name[PLACE_CONTAINER].id);
	/* Where the id is a lie, the place still tells the two apart. */
	place_parse("/system.slice/docker-" ID ".scope", &p);
	place_parse("/user.slice/user-1000.slice/user@1000.service/docker-" ID ".scope", &q);
	cr_expect_str_eq(p.name[PLACE_CONTAINER].id, q.name[PLACE_CONTAINER].id);
	cr_expect(ne(sz, p.name[PLACE_CONTAINER].len, q.name[PLACE_CONTAINER].len));
}

/* Whatever bytes a path has, ids are strings and lie within it. */
Test(place, any_bytes)
{
	static const char *const piece[] = { "/",	"pod",	 ".slice",   ".scope",
					     "docker-", ID,	 UID_S,	     "\\x2d",
					     "\\x",	"\n",	 "\xff",     "machine-qemu",
					     "1",	"user@", ".service", "machine.slice",
					     "payload", "_" };
	struct random_source r = { .seed = 1 };

	for (int n = 0; n < 20000; n++) {
		char path[4096] = "";
		struct place p;

		for (uint64_t k = random_below(&r, 12); k > 0; k--)
			strcat(path, piece[random_below(&r, sizeof(piece) / sizeof(*piece))]);
		place_parse(path, &p);
		for (int w = 0; w < PLACE_N_WHATS; w++) {
			cr_assert(strnlen(p.name[w].id, PLACE_ID_LEN) < PLACE_ID_LEN);
			cr_assert(p.name[w].len <= strlen(path), "%s", path);
		}
	}
}

Test(place, names_longer_than_any_directory)
{
	char *path = calloc(1, 70000);
	struct place p;

	strcpy(path, "/default/");
	memset(path + 9, 'x', 60000);
	place_parse(path, &p);
	cr_expect(eq(sz, strlen(p.name[PLACE_CONTAINER].id), PLACE_ID_LEN - 1));
	free(path);
}
