#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# lint_selftest.sh - every checker accepts a good tree and fails on each bad example.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
SPDX='SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause'
export B=build

# A small tree that every checker accepts.
good_tree() {
    rm -rf "$work/t"
    mkdir -p "$work/t/src/power" "$work/t/src/carbon" "$work/t/src/base" \
        "$work/t/include/jouletrail" "$work/t/tests/unit/power" "$work/t/bpf" "$work/t/tools"
    cp .clang-format .clang-tidy "$work/t/"
    cd "$work/t" || exit 1
    source_file src/power/power.c 'int power_two(void)' 'return 2;'
    header_file src/power/power.h POWER_POWER_H 'int power_two(void);'
    header_file include/jouletrail/shared.h JOULETRAIL_SHARED_H 'struct jt_x {' '	int a;' '};'
    source_file tests/unit/power/power.c 'int main(void)' 'return 0;'
    printf '#!/bin/sh\n# %s\n# ok.sh - does nothing.\ntrue\n' "$SPDX" >tools/ok.sh
    chmod +x tools/ok.sh
    cd "$OLDPWD" || exit 1
}

# source_file PATH SIGNATURE STATEMENT
source_file() {
    printf '/* %s */\n/* %s - an example. */\n%s\n{\n\t%s\n}\n' \
        "$SPDX" "$(basename "$1")" "$2" "$3" >"$1"
}

# header_file PATH GUARD LINE…
header_file() {
    local path=$1 guard=$2 name

    shift 2
    name=$(basename "$path")
    printf '/* %s */\n/* %s - an example. */\n' "$SPDX" "$name" >"$path"
    printf '%s\n' "#ifndef $guard" "#define $guard" '' "$@" '' "#endif /* $guard */" >>"$path"
}

# bad CHECKER RULE FILE COMMAND: COMMAND spoils the good tree's FILE; RULE must fail, alone.
bad() {
    local checker=$1 rule=$2 file=$3 output

    good_tree
    (cd "$work/t" && eval "$4") || exit 1
    output=$(tools/check-"$checker".sh "$work/t" 2>&1)
    if printf '%s\n' "$output" | grep -q "^not ok [0-9]* - .*$rule"; then
        tap_pass "check-$checker: $rule ($file)"
    else
        tap_fail "check-$checker: $rule ($file)" "$output"
    fi
}

for checker in layers style scripts docs format tidy; do
    good_tree
    tap_run "check-$checker accepts a good tree" tools/check-$checker.sh "$work/t"
done

add() { # FILE TEXT
    printf '%b\n' "$2" >>"$1"
}

bad layers 'power includes no other stage' power.c \
    'add src/power/power.c "#include \"carbon/carbon.h\""'
bad layers 'base includes only base' b.h \
    'header_file src/base/b.h BASE_B_H "#include \"power/power.h\""'
bad layers 'has a layer' src/misc 'mkdir src/misc'
bad layers 'never in the tracer' power.c 'add src/power/power.c "#include <microhttpd.h>"'
bad layers 'libbpf and skeletons' power.c 'add src/power/power.c "#include <bpf/libbpf.h>"'
bad layers 'no clock and no files' c.c 'add src/carbon/c.c "#include <fcntl.h>"'
bad layers 'do no I/O' c.c 'add src/carbon/c.c "int f(void) { return open(0, 0); }"'
bad layers 'only daemon, cli and main log' power.c \
    'add src/power/power.c "#include \"base/log.h\""'
bad layers 'integers only' shared.h 'add include/jouletrail/shared.h "double x;"'
bad layers 'do not reach into src' shared.h \
    'add include/jouletrail/shared.h "#include \"base/b.h\""'
bad layers 'climbs' power.c 'add src/power/power.c "#include \"../carbon/c.h\""'

bad style 'names the licence' power.c 'sed -i 1d src/power/power.c'
bad style 'what the file is for' power.c 'sed -i 2d src/power/power.c'
bad style 'beyond 450 lines' power.c 'seq -f "/* %g */" 450 >>src/power/power.c'
bad style 'beyond 100 columns' power.c 'add src/power/power.c "/* $(printf %090d 0) more */ "'
bad style 'put off' power.c 'add src/power/power.c "/* TO""DO later */"'
bad style 'trailing white space' power.c 'add src/power/power.c "int x; "'
bad style 'ends with a newline' power.c 'printf "int x;" >>src/power/power.c'
bad style 'bpf_printk' a.bpf.c 'add bpf/a.bpf.c "void f(void) { bpf_printk(0); }"'
bad style 'guarded' power.h 'sed -i "/^#/d" src/power/power.h'
bad style 'alone as C11' shared.h 'sed -i "s/int a/uint8_t a/" include/jouletrail/shared.h'
bad style 'alone as C++17' shared.h 'sed -i "s/int a/int class/" include/jouletrail/shared.h'
bad style 'header of src/ compiles' power.h 'sed -i "s/(void)/(size_t n)/" src/power/power.h'
bad style 'called util' util.c 'cp src/power/power.c src/power/util.c'
bad style 'cannot be bounded' power.c 'add src/power/power.c "void f(char *a) { strcpy(a, a); }"'
bad style 'no exit()' power.c 'add src/power/power.c "void f(void) { exit(1); }"'
bad style 'mirrors' lone.c 'cp tests/unit/power/power.c tests/unit/power/lone.c'

bad scripts 'bash parses' ok.sh 'add tools/ok.sh "if"'
bad scripts 'executable' ok.sh 'chmod -x tools/ok.sh'
bad scripts 'Python compiles' a.py 'add tools/a.py "def f(:"'
bad docs 'every test' README.md 'printf "\140power::none\140\n" >README.md'
bad docs 'every file' README.md 'printf "\140src/power/none.c\140\n" >README.md'
if command -v shellcheck >/dev/null; then
    bad scripts 'shellcheck' ok.sh 'add tools/ok.sh "echo \$(ls) \$1"'
fi
if command -v clang-format >/dev/null; then
    bad format 'formatted' power.c 'sed -i "s/return/  return/" src/power/power.c'
fi
if command -v clang-tidy >/dev/null; then
    bad tidy 'clang-tidy' power.c 'sed -i "s/return 2/int z = 0; return 2 \/ z/" src/power/power.c'
fi
if command -v cppcheck >/dev/null; then
    bad tidy 'cppcheck' power.c 'sed -i "s/return 2/int a[2]; return a[2] = 1/" src/power/power.c'
fi

tap_done
