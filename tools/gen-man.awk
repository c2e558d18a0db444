# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gen-man.awk - a manual page out of its prose and of what the program says of itself.
#
#   jouletrail COMMAND --help >HELP
#   awk -v version=0.1.0 -f tools/gen-man.awk HELP tools/dist/man/options.in PAGE.1.in >PAGE.1
#
# PAGE.1.in is roff, in which these lines stand for what HELP has:
#
#   @SYNOPSIS@   the usage line
#   @OPTIONS@    .SH OPTIONS, every option with its line of --help
#   @COMMANDS@   every command of `jouletrail --help`
#
# and @VERSION@ anywhere; .TH and SEE ALSO are made where a page has none. What there is to say of an
# option beyond its line follows "@--NAME": in options.in for every command that has the option, or
# behind @OPTIONS@, up to the next .SH, for this page alone. A page cannot speak of an option that its
# command has not.

FNR == 1 { file++ }

function fail(message) {
    printf "%s:%d: %s\n", FILENAME, FNR, message > "/dev/stderr"
    failed = 1
    exit 1
}

# Text of --help as roff: `x` in bold, and no line that begins like a request.
function roff(s,    out) {
    gsub(/\\/, "\\e", s)
    gsub(/-/, "\\-", s)
    gsub(/…/, "\\\\\\&.\\|.\\|.", s)
    while (match(s, /`[^`]+`/)) {
        out = out substr(s, 1, RSTART - 1) "\\fB" substr(s, RSTART + 1, RLENGTH - 2) "\\fR"
        s = substr(s, RSTART + RLENGTH)
    }
    s = out s
    return s ~ /^[.']/ ? "\\&" s : s
}

function sentence(s) {
    s = toupper(substr(s, 1, 1)) substr(s, 2)
    return s ~ /[.:?]$/ ? s : s "."
}

# "-p PID | -- CMD [ARG…]": options and words in bold, what stands for something in italics.
function usage_roff(s,    n, i, w, out, font) {
    n = split(s, w, " ")
    for (i = 1; i <= n; i++) {
        font = w[i] ~ /^\[?[A-Z]/ || w[i] == "[options]" ? "\\fI" : w[i] ~ /^[|]$/ ? "" : "\\fB"
        w[i] = roff(w[i])
        if (font) {
            sub(/^\[/, "[" font, w[i]) || sub(/^/, font, w[i])
            sub(/\]+$/, "\\fR&", w[i]) || sub(/$/, "\\fR", w[i])
        }
        out = out (i > 1 ? " " : "") w[i]
    }
    return out
}

function put_options(    i) {
    if (last_line != ".SH OPTIONS")
        print ".SH OPTIONS"
    for (i = 1; i <= n_options; i++) {
        print ".TP"
        print option_head[i]
        print roff(sentence(option_text[i]))
        if (option_name[i] in own)
            printf "%s", own[option_name[i]]
        else if (option_name[i] in shared)
            printf "%s", shared[option_name[i]]
    }
    collecting = 0
}

# ---- HELP -----------------------------------------------------------------------------------

file == 1 && /^usage: / { sub(/^usage: /, ""); usage = $0; in_usage = 1; next }
file == 1 && in_usage && /^ / { sub(/^ +/, " "); usage = usage $0; next }
file == 1 { in_usage = 0 }
file == 1 && /^  [a-z]/ {
    command[++n_commands] = $1
    sub(/^ +[^ ]+ +/, "")
    command_text[n_commands] = $0
    next
}
file == 1 && /^  (-[^ ], |    )--[a-z]/ {
    line = $0
    letter = line ~ /^  -/ ? substr(line, 3, 2) : ""
    sub(/^[^a-z]*(-[^ ], )?(    )?--/, "", line)
    name = line
    sub(/ .*/, "", name)
    line = substr(line, length(name) + 1)
    value = ""
    if (line ~ /^ [^ ]/) {
        value = substr(line, 2)
        sub(/ .*/, "", value)
        line = substr(line, length(value) + 2)
    }
    sub(/^ +/, "", line)
    option_name[++n_options] = name
    number[name] = n_options
    option_text[n_options] = line
    head = letter ? roff(letter) " \", \" " : ""
    option_head[n_options] = (head || value ? ".BR " : ".B ") head roff("--" name) \
        (value ? " \" \\fI" roff(value) "\\fR\"" : "")
    next
}
file == 1 && n_options && /^                            [^ ]/ {
    sub(/^ +/, "")
    option_text[n_options] = option_text[n_options] (option_text[n_options] ? " " : "") $0
    next
}
file == 1 { next }

# ---- options.in -----------------------------------------------------------------------------

file == 2 && /^@--/ { about = substr($0, 4); next }
file == 2 && about { shared[about] = shared[about] $0 "\n" }
file == 2 { next }

# ---- the page -------------------------------------------------------------------------------

{ gsub(/@VERSION@/, version) }
/^\.TH / { titled = 1 }
/^\.SH SEE ALSO/ { refers = 1 }
/^\.SH / && !titled {
    titled = 1
    name = FILENAME
    sub(/.*\//, "", name)
    section = name
    sub(/\.[0-9]\.in$/, "", name)
    sub(/\.in$/, "", section)
    sub(/.*\./, "", section)
    printf ".TH %s %s \"\" \"jouletrail %s\" \"User commands\"\n.nh\n.ad l\n", roff(toupper(name)), section, version
}

collecting && /^@--/ {
    about = substr($0, 4)
    if (!(about in number))
        fail("its command has no --" about)
    own[about] = ""
    next
}
collecting && !/^\.SH/ {
    if (!about || about == "-")
        fail("only @--NAME and what there is to say of it stand between @OPTIONS@ and .SH")
    own[about] = own[about] $0 "\n"
    next
}
collecting { put_options() }

/^@OPTIONS@$/ { collecting = 1; about = ""; seen = 1; next }
/^@SYNOPSIS@$/ { print usage_roff(usage); last_line = $0; next }
/^@COMMANDS@$/ {
    for (i = 1; i <= n_commands; i++)
        printf ".TP\n.BR jouletrail\\-%s (1)\n%s\n", roff(command[i]),
            roff(sentence(command_text[i]))
    next
}
/^@/ { fail("'" $0 "' is none of @SYNOPSIS@, @OPTIONS@, @COMMANDS@ and @--NAME") }
{ print; last_line = $0 }
# A command's name is not to be broken.
/^\.TH / { print ".nh\n.ad l" }

END {
    if (failed)
        exit 1
    if (collecting)
        put_options()
    if (n_options && !seen)
        fail("no line @OPTIONS@")
    if (!refers)
        print ".SH SEE ALSO\n.BR jouletrail (1)"
}
