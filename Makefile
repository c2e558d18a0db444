# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The one Makefile. Everything built lies under $(B); `make B=build-asan SAN=1` is a second tree.
#
#   make            the programs                make check       every test, both trees
#   make unit       unit tests only             make check-long  the same with longer property loops
#   make lint       the written rules           make bench       figures -> $(B)/bench.json
#   make format     apply .clang-format         make install     DESTDIR= PREFIX=
#   make clean      removes $(B) and $(B)-asan  make check-vm    the kernels, each in a guest
#   make fuzz       libFuzzer, FUZZ_S=300 each  make raplsim    simulated meters
#   make deb        packages of Debian          V=1, -s         shows the commands, nothing

B      ?= build
V      ?= 0
PREFIX ?= /usr/local

ifeq ($(origin CC),default)
CC         := gcc
endif
CLANG      ?= clang
BPFTOOL    ?= $(or $(shell command -v bpftool 2>/dev/null),/usr/sbin/bpftool)
LLVM_STRIP ?= llvm-strip
AWK        ?= awk

VERSION := 0.1.0
ARCH    := $(shell uname -m | sed -e 's/x86_64/x86/' -e 's/aarch64/arm64/')

CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	   -Wundef -Wvla -Wwrite-strings -Wformat=2 -Werror
# Nothing that the dynamic linker writes stays writable.
LDFLAGS ?= -Wl,-z,relro,-z,now
STD     := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
INC     := -Isrc -Iinclude -I$(B)/gen -isystem $(B)/skel
HARDEN  := -fstack-protector-strong -D_FORTIFY_SOURCE=2
ifdef SAN
HARDEN  := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# Instrumented code hides from gcc what bounds a value; the plain tree keeps these warnings.
WARN    += -Wno-format-truncation -Wno-maybe-uninitialized
endif
# -MD, not -MMD: a skeleton counts as a system header, and what it changes must be compiled again.
ALL_CFLAGS := $(STD) $(WARN) $(INC) $(HARDEN) $(CFLAGS) -DJT_VERSION='"$(VERSION)"' -MD -MP
# The tracer's: nothing that listens. Tests link that too.
LDLIBS  := -lbpf -ldw -lelf -lz -lcrypto -ljansson -lseccomp -lm -lpthread

ifeq ($(V),0)
Q := @
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),@:,@printf '  %-7s %s\n' '$(1)' '$(2)')
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# ---- kernel side -------------------------------------------------------------------------------
BPF_SRC  := $(wildcard bpf/*.bpf.c tests/bpf/*.bpf.c tests/bench/*.bpf.c)
SKEL     := $(patsubst %.bpf.c,$(B)/skel/%.skel.h,$(notdir $(BPF_SRC)))
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Wall -Wextra -Werror \
	      -Wno-unused-parameter -Wno-missing-declarations -Ivmlinux -Iinclude -Ibpf -MMD -MP

$(B)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@

# Scenario programs of the kernel tests.
$(B)/bpf/%.bpf.o: tests/bpf/%.bpf.c Makefile
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@

# Reference programs of the benches.
$(B)/bpf/%.bpf.o: tests/bench/%.bpf.c Makefile
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@

$(B)/skel/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	@mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst -,_,$*)_bpf > $@

# ---- tables: src/DIR/NAME.tsv + tools/gen-NAME.awk -> $(B)/gen/DIR/NAME.inc --------------------
TSV := $(wildcard src/*/*.tsv)
# Tables of the same columns have one script.
gen_awk = tools/gen-$(if $(filter pue embodied,$(1)),sites,$(1)).awk
GEN := $(TSV:src/%.tsv=$(B)/gen/%.inc)

define gen_rule
$(B)/gen/$(1).inc: src/$(1).tsv $(call gen_awk,$(notdir $(1))) Makefile
	$$(call say,GEN,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(AWK) -v sha256="$$$$(sha256sum < $$< | cut -c1-64)" \
		-f $(call gen_awk,$(notdir $(1))) $$< > $$@
endef
$(foreach t,$(TSV:src/%.tsv=%),$(eval $(call gen_rule,$(t))))

# The page that jouletrail-metrics shows: src/serve/page.TYPE -> $(B)/gen/serve/page.TYPE.inc
PAGE := $(patsubst src/%,$(B)/gen/%.inc,$(addprefix src/serve/page.,html css js))
GEN  += $(PAGE)

$(PAGE): $(B)/gen/%.inc: src/% tools/gen-page.awk Makefile
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(AWK) -f tools/gen-page.awk $< > $@

# ---- user space: all but main.c in one archive that the tests link too -------------------------
SRC := $(filter-out src/main.c,$(sort $(wildcard src/*/*.c)))
OBJ := $(SRC:%.c=$(B)/%.o)
LIB := $(B)/libjouletrail-internal.a

$(B)/%.o: %.c Makefile | $(SKEL) $(GEN)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

# The strict scanner looks at every byte of a ledger.
$(B)/src/ledger/scan.o $(B)/src/ledger/scan_record.o: ALL_CFLAGS += $(if $(SAN),,-O3)

$(LIB): $(OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/jouletrail: $(B)/src/main.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $^ -lncursesw -ltinfo $(LDLIBS) -o $@

# ---- the library of clients: objects of its own, of which only include/jouletrail/client.h shows --
CLIENT_SRC := $(sort $(wildcard src/client/*.c)) src/base/buf.c src/base/json.c
CLIENT_OBJ := $(CLIENT_SRC:%.c=$(B)/pic/%.o)
CLIENT     := $(B)/libjouletrail.so.0 $(B)/libjouletrail.a
OBJCOPY    ?= objcopy
comma      := ,

$(B)/pic/%.o: %.c Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -fvisibility=hidden -c $< -o $@

$(B)/libjouletrail.so.0: $(CLIENT_OBJ) src/client/libjouletrail.map
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) \
		$(if $(SAN),,-Wl$(comma)-z$(comma)defs) \
		-Wl,--version-script=src/client/libjouletrail.map $(CLIENT_OBJ) -lpthread -o $@
	$(Q)ln -sf $(@F) $(B)/libjouletrail.so

# One object, so that what is not to be called has no name in a program that is linked with it.
$(B)/libjouletrail.a: $(CLIENT_OBJ)
	$(call say,AR,$@)
	$(Q)$(CC) -nostdlib -r $^ -o $(B)/pic/libjouletrail.o
	$(Q)$(OBJCOPY) --localize-hidden $(B)/pic/libjouletrail.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(B)/pic/libjouletrail.o

# ---- the simulator: only where its library is --------------------------------------------------
# Meters with a known truth: docs/raplsim.md. Nothing but tests and demonstrations needs it.
FUSE3 := $(wildcard /usr/include/fuse3/fuse.h)
SIM   := $(if $(FUSE3),$(B)/raplsim)

$(B)/tools/%.o: ALL_CFLAGS += -Itools

$(B)/raplsim: $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tools/raplsim/*.c))) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lfuse3 -o $@

# The one program that knows the network: unprivileged, started by the other one.
$(B)/jouletrail-feed: $(B)/src/main-feed.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $^ -lcurl $(LDLIBS) -o $@

# Reads what runtimes say of their containers: no libbpf, no network, one capability.
$(B)/jouletrail-resolver: $(B)/src/main-resolver.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $^ -ljansson -lcrypto -lm -o $@

# The one program that listens for the tracer: no libbpf, no privilege.
$(B)/jouletrail-metrics: $(B)/src/main-metrics.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $^ -lmicrohttpd -lcrypto -lm -lpthread -o $@

# Brings ticks to who cannot scrape: no libbpf, no privilege.
$(B)/jouletrail-push: $(B)/src/main-push.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $^ -lcurl -lriemann-client -ljansson -lcrypto -lm \
		-lpthread -o $@

# `jouletrail api`: listens, so it is none of the tracer's.
$(B)/jouletrail-api: $(B)/src/main-api.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $^ -lmicrohttpd $(LDLIBS) -o $@

# ---- manual pages: the prose of tools/dist/man, the options of the program itself ---------------
MAN := $(patsubst tools/dist/man/%.in,$(B)/man/%,$(wildcard tools/dist/man/jouletrail*.in))

# Only jouletrail-COMMAND.1 is of a command; api is a program of its own that answers for itself.
$(MAN): $(B)/man/%: tools/dist/man/%.in tools/dist/man/options.in tools/gen-man.awk $(B)/jouletrail $(B)/jouletrail-api
	$(call say,MAN,$@)
	@mkdir -p $(@D)
	$(Q)$(B)/jouletrail $(patsubst jouletrail-%,%,$(filter jouletrail-%,$(basename $*))) --help > $@.help
	$(Q)$(AWK) -v version='$(VERSION)' -f tools/gen-man.awk $@.help tools/dist/man/options.in $< > $@

all: $(MAN)

.PHONY: all raplsim unit check check-long check-vm tests lint format bench fuzz install clean
all: $(B)/jouletrail $(B)/jouletrail-feed $(B)/jouletrail-resolver $(B)/jouletrail-metrics \
	$(B)/jouletrail-push $(B)/jouletrail-api $(CLIENT)

raplsim: $(SIM)

# ---- tests -------------------------------------------------------------------------------------
# Criterion suites in tests/unit, tests/sim and tests/bpf; programs that shell suites and benches use beside
# them; tests/run.sh runs suites and adds them up.
suites    = $(patsubst tests/%.c,$(B)/tests/%,$(filter-out %.bpf.c,$(sort $(wildcard $(1)))))
UNIT     := $(call suites,tests/unit/*/*.c)
SIMS     := $(call suites,tests/sim/*.c)
KERNEL   := $(call suites,tests/bpf/*.c)
GUEST    := $(call suites,tests/vm/guest/*.c)
HELPERS  := $(call suites,tests/e2e/*.c tests/bench/*.c tests/vm/*.c)
E2E      := $(sort $(wildcard tests/e2e/*.sh))
LINT     := $(sort $(wildcard tools/check-*.sh))
# Each boots a guest: the matrix, and the part of it that `check` runs.
VM       := $(sort $(wildcard tests/vm/linux-*.sh)) tests/vm/powercap-module.sh tests/vm/guest-energy.sh \
	    tests/vm/systemd.sh
VM_CHECK := tests/vm/linux-6.1.sh tests/vm/linux-6.12-smt.sh tests/vm/linux-6.12-lockdown.sh \
	    tests/vm/powercap-module.sh tests/vm/guest-energy.sh
FUZZ     := $(call suites,tests/fuzz/fuzz-*.c)
PROGRAMS := $(UNIT) $(SIMS) $(KERNEL) $(GUEST) $(HELPERS) $(FUZZ)

# Headers that tests share: "unit/random.h". Literals may go where execv and threads want char *.
$(B)/tests/%.o: ALL_CFLAGS += -Itests -Wno-write-strings

$(UNIT) $(SIMS) $(KERNEL) $(GUEST): TESTLIBS := -lcriterion
$(PROGRAMS): $(B)/tests/%: $(B)/tests/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(LIB) -lmicrohttpd $(LDLIBS) $(TESTLIBS) -o $@

# Fuzz targets: with a main() that runs corpora; `make fuzz` links libFuzzer, for FUZZ_S seconds each.
$(FUZZ): $(B)/tests/fuzz/driver.o
FUZZ_S ?= 300
# All that a stranger's bytes get to, without what attaches or listens.
FUZZ_SRC := $(wildcard src/ledger/*.c src/base/*.c src/types/*.c src/quant/*.c src/plan/*.c \
	    src/stacks/*.c src/intensity/*.c src/export/*.c src/expo/*.c src/cli/compar*.c) src/cli/nearest.c \
	    src/resolver/states.c src/client/*.c src/push/emf_lines.c \
	    src/serve/live.c src/serve/live_json.c \
	    $(filter-out $(addprefix src/cli/api,.c _http.c _start.c _store.c),$(wildcard src/cli/api*.c))

# The control socket is served to a stub's pipeline: tests/stubs/pipeline.h.
FUZZ_CONTROL_SRC := src/control/*.c src/attrib/*.c src/carbon/*.c src/identity/*.c $(addprefix src/daemon/,\
	    family.c spans.c spans_window.c spans_cgroups.c span_part.c span_capture.c slow.c \
	    capture_text.c capture_lines.c line.c)

fuzz: $(SKEL) $(GEN)
	$(Q)for t in $(notdir $(FUZZ)); do \
		mkdir -p $(B)/fuzz/corpus-$$t && $(CLANG) $(STD) $(INC) -O1 -g -w \
			-DJT_VERSION='"$(VERSION)"' \
			-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
			-Itests tests/fuzz/$$t.c $(FUZZ_SRC) $(LDLIBS) \
			$$([ $$t != fuzz-control ] || echo $(FUZZ_CONTROL_SRC)) \
			-o $(B)/fuzz/$$t && $(B)/fuzz/$$t -max_total_time=$(FUZZ_S) -max_len=70000 \
			-artifact_prefix=$(B)/fuzz/ $(B)/fuzz/corpus-$$t tests/fuzz/corpus/$$t || exit 1; \
	done

# Libraries that stand for others in tests: one source, and what each of them has of it.
STUBS := $(B)/tests/stubs/nvml.so $(B)/tests/stubs/nvml-old.so $(B)/tests/stubs/nvml-other.so

$(STUBS): $(B)/tests/stubs/nvml%.so: tests/stubs/nvml.c tests/stubs/nvml.h Makefile
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) $(HARDEN) $(CFLAGS) -Itests -fPIC -shared \
		-DSTUB_$(subst -,_,nvml$*) $< -o $@

$(UNIT): | $(STUBS)

# Everything that `check` runs in this tree.
tests: all $(SIM) $(PROGRAMS)

unit: $(UNIT)
	$(Q)tests/run.sh --tree $(B) $(UNIT)

# The checkers run what the compiler would see, so the generated files come first.
lint: $(SKEL) $(GEN)
	$(Q)CC='$(CC)' AWK='$(AWK)' tests/run.sh --tree $(B) $(LINT)

check: tests
ifdef SAN
	$(Q)tests/run.sh --tree $(B) $(UNIT) $(SIMS) $(E2E)
else
	$(Q)$(MAKE) --no-print-directory B=$(B)-asan SAN=1 CFLAGS='-O1 -g' tests
	$(Q)CC='$(CC)' AWK='$(AWK)' VM_QUICK=1 tests/run.sh \
		--tree $(B) $(LINT) $(UNIT) $(SIMS) $(KERNEL) $(E2E) $(VM_CHECK) \
		--tree $(B)-asan $(patsubst $(B)/%,$(B)-asan/%,$(UNIT) $(SIMS)) $(E2E)
endif

check-long: export LONG := 1
check-long: export SUITE_TIMEOUT_S := 7200
check-long: check

# Emulated, on a machine with other work: half an hour for a guest is no hang.
check-vm: export SUITE_TIMEOUT_S := 3600
check-vm: export VM_TIMEOUT_S := 1700
check-vm: tests
	$(Q)tests/run.sh --tree $(B) $(VM)

format:
	$(Q)find src include bpf tests tools -name '*.[ch]' | xargs clang-format -i

bench: all $(filter $(B)/tests/bench/%,$(HELPERS))
	$(Q)B=$(B) JT=$(B)/jouletrail tests/bench/run.sh

# ---- install -----------------------------------------------------------------------------------
BINDIR        ?= $(PREFIX)/bin
LIBDIR        ?= $(PREFIX)/lib
INCLUDEDIR    ?= $(PREFIX)/include
LIBEXECDIR    ?= $(PREFIX)/libexec/jouletrail
MANDIR        ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
DOCDIR        ?= $(PREFIX)/share/doc/jouletrail
PYTHONDIR     ?= $(PREFIX)/share/jouletrail/python
SYSCONFDIR    ?= $(if $(filter /usr /usr/local,$(PREFIX)),/etc,$(PREFIX)/etc)
UNITDIR       ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR   ?= $(PREFIX)/lib/sysusers.d
DOCS          := README.md LICENSE $(wildcard docs/*.md docs/*.py docs/*.c) \
		 tools/dist/grafana-dashboard.json tools/dist/prometheus-rules.yml

install: all
	$(Q)install -D -m 755 $(B)/jouletrail '$(DESTDIR)$(BINDIR)/jouletrail'
	$(Q)install -D -m 755 $(B)/jouletrail-feed '$(DESTDIR)$(LIBEXECDIR)/jouletrail-feed'
	$(Q)install -m 755 $(B)/jouletrail-resolver '$(DESTDIR)$(LIBEXECDIR)/jouletrail-resolver'
	$(Q)install -m 755 $(B)/jouletrail-metrics '$(DESTDIR)$(LIBEXECDIR)/jouletrail-metrics'
	$(Q)install -m 755 $(B)/jouletrail-push '$(DESTDIR)$(LIBEXECDIR)/jouletrail-push'
	$(Q)install -m 755 $(B)/jouletrail-api '$(DESTDIR)$(LIBEXECDIR)/jouletrail-api'
	$(Q)install -D -m 644 $(B)/libjouletrail.so.0 '$(DESTDIR)$(LIBDIR)/libjouletrail.so.0'
	$(Q)ln -sf libjouletrail.so.0 '$(DESTDIR)$(LIBDIR)/libjouletrail.so'
	$(Q)install -m 644 $(B)/libjouletrail.a '$(DESTDIR)$(LIBDIR)/libjouletrail.a'
	$(Q)install -d '$(DESTDIR)$(INCLUDEDIR)/jouletrail' '$(DESTDIR)$(LIBDIR)/pkgconfig'
	$(Q)install -m 644 include/jouletrail/client.h include/jouletrail/client_host.h \
		'$(DESTDIR)$(INCLUDEDIR)/jouletrail'
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' tools/dist/jouletrail.pc.in \
		> '$(DESTDIR)$(LIBDIR)/pkgconfig/jouletrail.pc'
	$(Q)install -d '$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(MANDIR)/man5'
	$(Q)install -m 644 $(filter %.1,$(MAN)) '$(DESTDIR)$(MANDIR)/man1'
	$(Q)install -m 644 $(filter %.5,$(MAN)) '$(DESTDIR)$(MANDIR)/man5'
	$(Q)install -D -m 644 tools/dist/jouletrail.bash '$(DESTDIR)$(COMPLETIONDIR)/jouletrail'
	$(Q)install -d '$(DESTDIR)$(UNITDIR)'
	$(Q)sed 's|@BINDIR@|$(BINDIR)|' tools/dist/jouletrail.service > '$(DESTDIR)$(UNITDIR)/jouletrail.service'
	$(Q)chmod 644 '$(DESTDIR)$(UNITDIR)/jouletrail.service'
	$(Q)install -D -m 644 tools/dist/jouletrail.sysusers '$(DESTDIR)$(SYSUSERSDIR)/jouletrail.conf'
	$(Q)[ -e '$(DESTDIR)$(SYSCONFDIR)/jouletrail.conf' ] || install -D -m 644 tools/dist/jouletrail.conf \
		'$(DESTDIR)$(SYSCONFDIR)/jouletrail.conf'
	$(Q)install -d '$(DESTDIR)$(DOCDIR)'
	$(Q)install -m 644 $(DOCS) '$(DESTDIR)$(DOCDIR)'
	$(Q)install -D -m 644 -t '$(DESTDIR)$(DOCDIR)/users' docs/users/*.md
	$(Q)install -D -m 644 -t '$(DESTDIR)$(DOCDIR)/images' docs/images/*
	$(Q)install -D -m 644 -t '$(DESTDIR)$(PYTHONDIR)/jouletrail' tools/python/jouletrail/*.py \
		tools/python/jouletrail/py.typed
	$(Q)install -m 644 tools/python/pyproject.toml '$(DESTDIR)$(PYTHONDIR)'
	$(call say,INSTALL,$(DESTDIR)$(BINDIR)/jouletrail)

# The same as packages of Debian: $(B)/*.deb.
.PHONY: deb
deb: all
	$(call say,DEB,$(B)/jouletrail_$(VERSION)-1_*.deb)
	$(Q)tools/dist/deb.sh '$(B)' $(VERSION)

clean:
	$(Q)rm -rf $(B) $(B)-asan

# What guests need lies in $(B)/vm, packages in $(B)/deb: nothing of this tree.
-include $(shell find $(B) \( -path '$(B)/vm' -o -path '$(B)/deb' \) -prune -o -name '*.d' -print 2>/dev/null)
