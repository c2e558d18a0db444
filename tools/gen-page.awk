# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gen-page.awk - a text as lines of a C string, for #include in an initializer.
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    gsub(/\t/, "\\t")
    printf "\"%s\\n\"\n", $0
}
