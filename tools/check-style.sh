#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-style.sh - the house style as far as a machine can see it.
#
#   tools/check-style.sh [ROOT]
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tests/tap.sh"
cd "${1:-$(dirname "$0")/..}" || exit 1
CC=${CC:-gcc}
CXX=${CXX:-g++}
SPDX='SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause'

# Files of the tree by name pattern(s), without what is built and what was trimmed from elsewhere.
files() {
    local args=() pattern

    for pattern; do
        args+=(-o -name "$pattern")
    done
    find . \( -name .git -o -name 'build' -o -name 'build-*' \) -prune -o -type f \
        \( "${args[@]:1}" \) -print | sed 's|^\./||' | sort
}

code=$(files '*.c' '*.h' '*.sh' '*.py' '*.awk' Makefile)
text=$(files '*.c' '*.h' '*.sh' '*.py' '*.awk' '*.md' '*.bash' '*.1' Makefile '.clang-*' \
    .editorconfig)
c_code=$(files '*.c' '*.h')
headers=$(find src include -name '*.h' 2>/dev/null | sort)

# each LIST AWK: runs an awk program over every file of LIST; what it prints is wrong.
each() {
    local file

    printf '%s\n' "$1" | while read -r file; do
        [ -n "$file" ] && awk -v file="$file" "$2" "$file"
    done
}

tap_empty "first line names the licence" "$(each "$code" '
    NR == 1 && /^#!/ { next }
    { if (index($0, "'"$SPDX"'") == 0) print file ": first line is not " "'"$SPDX"'"; exit }')"

# "/* name - what it is for. */" or the same below "/*"; scripts "# name - …" or a docstring.
tap_empty "then one sentence says what the file is for" "$(each "$code" '
    BEGIN { n = split(file, part, "/"); name = part[n] }
    NR == 1 && /^#!/ { next }
    /SPDX-License-Identifier/ { next }
    { seen = seen " " $0; if (++lines == 3) exit }
    END {
        if (name ~ /\.(c|h|sh|awk)$/) {
            if (index(seen, name " - ") == 0)
                print file ": no \"" name " - what it is for\" after the licence"
        } else if (seen !~ /(#|""\") *[A-Za-z]/) {
            print file ": no sentence after the licence"
        }
    }')"

tap_empty "no file beyond 450 lines, no header beyond 150; tests 700 and 250" "$(
    printf '%s\n' "$code" | grep -v '^vmlinux/' | while read -r file; do
        limit=450
        case $file in tests/*.h) limit=250 ;; tests/*) limit=700 ;; *.h) limit=150 ;; esac
        lines=$(wc -l <"$file")
        [ "$lines" -le "$limit" ] || echo "$file: $lines lines, at most $limit: split it by idea"
    done)"

tap_empty "no line beyond 100 columns (tabs are 8), in scripts 120" "$(
    printf '%s\n' "$code" | while read -r file; do
        beyond=121
        case $file in *.[ch]) beyond=101 ;; esac
        expand -t8 "$file" | LC_ALL=C.UTF-8 grep -nE "^.{$beyond,}\$" | cut -d: -f1 |
            sed "s|^|$file:|"
    done)"

# Spelled apart so that this file passes.
later='\b(TO''DO|FIX''ME|X''XX|HA''CK)\b'
tap_empty "nothing is put off in a comment" \
    "$(printf '%s\n' "$text" | xargs -r grep -nE "$later" /dev/null)"

tap_empty "no trailing white space, no carriage return" \
    "$(printf '%s\n' "$text" | xargs -r grep -nE $'[ \t\r]+$' /dev/null | cut -c1-100)"

tap_empty "every file ends with a newline" "$(
    printf '%s\n' "$text" | while read -r file; do
        [ -z "$(tail -c1 "$file")" ] || echo "$file"
    done)"

tap_empty "no bpf_printk" \
    "$(grep -rnE 'bpf_(trace_)?printk' bpf tests/bpf --include='*.[ch]' 2>/dev/null)"

tap_empty "headers are guarded by their own name" "$(
    printf '%s\n' "$c_code" | grep '\.h$' | grep -v '^vmlinux/' | while read -r file; do
        guard=$(basename "$file" | tr 'a-z.-' 'A-Z__')
        grep -qE "^#ifndef ([A-Z0-9_]+_|__)?$guard(__)?\$" "$file" &&
            tail -n 1 "$file" | grep -q '^#endif' || echo "$file: wants #ifndef …_$guard … #endif"
    done)"

# compile_alone STANDARD COMPILER LANGUAGE: each public header compiles with nothing before it
compile_alone() {
    printf '%s\n' "$public" | xargs -r -n 1 "$2" -std="$1" -x "$3" -pedantic -Wall -Wextra -Werror \
        -Wno-unused-function -fsyntax-only -Iinclude 2>&1 | sed -n '1,20p'
}
public=$(printf '%s\n' "$headers" | grep '^include/')
tap_empty "public headers compile alone as C11" \
    "$(compile_alone c11 "$CC" c)"
if command -v "$CXX" >/dev/null; then
    tap_empty "public headers compile alone as C++17" \
        "$(compile_alone c++17 "$CXX" c++)"
else
    tap_skip "public headers compile alone as C++17" "$CXX is not installed"
fi
tap_empty "every header of src/ compiles alone" "$(
    printf '%s\n' "$headers" | grep '^src/' | xargs -r -P "$(nproc)" -n 1 \
        "$CC" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only \
        -x c -Isrc -Iinclude 2>&1 | sed -n '1,20p')"

tap_empty "no file called util, helper, common or misc" \
    "$(printf '%s\n' "$c_code" | grep -E '(^|/)(utils?|helpers?|common|misc)\.[ch]$')"

unsafe='strcpy|strcat|stpcpy|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|system|popen|alloca'
tap_empty "no call that cannot be bounded or checked ($unsafe)" "$(
    printf '%s\n' "$c_code" | grep -vE '^(vmlinux|tests)/' |
        xargs -r grep -nE "(^|[^_[:alnum:]\".>])($unsafe)[[:space:]]*\(" /dev/null |
        grep -vE ':[0-9]+:[[:space:]]*(\*|/\*)')"

tap_empty "no exit() outside main, daemon and cli" "$(
    grep -rnE '(^|[^_[:alnum:]"])(exit|abort)[[:space:]]*\(' src --include='*.[ch]' 2>/dev/null |
        grep -vE '^src/(main\.c|cli/|daemon/)' | grep -vE ':[0-9]+:[[:space:]]*(\*|/\*)')"

# property.c: laws that several files of the folder keep together.
tap_empty "tests/unit mirrors src" "$(
    find tests/unit -name '*.c' 2>/dev/null | sort | while read -r file; do
        twin=src/${file#tests/unit/}
        case $file in */property.c) continue ;; esac
        [ -e "$twin" ] || [ -e "${twin%.c}.h" ] || [ -e "bpf/$(basename "${twin%.c}").h" ] ||
            echo "$file: there is no $twin (nor its .h)"
    done)"

tap_done
