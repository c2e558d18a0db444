# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# jouletrail.bash - completion out of what `jouletrail COMMAND --help` says, asked once per shell:
# commands, options, the words that an option takes, files and directories by what --help calls them.
# shellcheck shell=bash

declare -gA _jouletrail_said

# The text of --help of $1, a command or nothing, in REPLY; of the program that is being completed.
_jouletrail_help() {
    local key="${COMP_WORDS[0]} $1" program=${COMP_WORDS[0]/#\~/$HOME}

    if [ -z "${_jouletrail_said[$key]+x}" ]; then
        # shellcheck disable=SC2086 # no command is no word
        _jouletrail_said[$key]=$("$program" $1 --help 2>/dev/null)
    fi
    REPLY=${_jouletrail_said[$key]}
}

# Lines "--name letter value text" of the options of a command, in REPLY.
_jouletrail_options() {
    local line rows='' row='^  (-(.), |    )--([a-z0-9-]+)( [^ ]+)? *(.*)$'

    _jouletrail_help "$1"
    while IFS= read -r line; do
        if [[ $line =~ $row ]]; then
            rows+=$'\n'"--${BASH_REMATCH[3]} -${BASH_REMATCH[2]:--}${BASH_REMATCH[4]:- .} ${BASH_REMATCH[5]}"
        elif [[ $line =~ ^\ {28}[^\ ] ]]; then
            rows+=" ${line:28}"
        fi
    done <<<"$REPLY"
    REPLY=${rows#$'\n'}
}

# Adds what a value that --help calls $1 can be.
_jouletrail_add() { # WHAT WORD
    case $1 in
    DIR) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$2") ;;
    FILE* | BASELINE | VKEY*) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$2") ;;
    ZONE*)
        _jouletrail_add "$("${COMP_WORDS[0]/#\~/$HOME}" intensity list 2>/dev/null |
            awk '$6 == "average" { print $1 }')" "$2"
        ;;
    PID) _jouletrail_add "$(ps -A -o pid=)" "$2" ;;
    *[a-z0-9-]*) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$1" -- "$2") ;;
    esac
}

# The values of option $2 of command $1. Status 1: it is none, or takes none.
_jouletrail_values() { # COMMAND OPTION WORD
    local name letter value text word list=': (([^ ,]+, )*[^ ,]+) or ([^ ,]+)$' default=' \(([^ ]+)\)$'

    _jouletrail_options "$1"
    while read -r name letter value text; do
        [ "$2" = "$name" ] || [ "$2" = "$letter" ] || continue
        [ "$value" != . ] || return 1
        if [[ $text =~ $list ]]; then
            for word in ${BASH_REMATCH[1]//,/} "${BASH_REMATCH[3]}"; do
                _jouletrail_add "$word" "$3"
            done
        elif [[ $value =~ ^(DIR|FILE|BASELINE|VKEY|ZONE|PID) ]]; then
            _jouletrail_add "$value" "$3"
        elif [[ $text =~ $default ]]; then
            _jouletrail_add "${BASH_REMATCH[1]}" "$3"
        fi
        return 0
    done <<<"$REPLY"
    return 1
}

# What may stand there beside options, by the usage line; words before it are $3….
_jouletrail_arguments() { # COMMAND WORD WORDS…
    local usage part word given="" list=''

    _jouletrail_help "$1"
    usage=${REPLY%%$'\n\n'*}
    usage=${usage#*\[options\]}
    usage=${usage//[$'\n'\[\]]/ }
    for word in "${@:3}"; do
        [ -z "$word" ] || [[ ! " ${usage//|/ } " =~ \ $word\  ]] || given=$word
    done
    # " | " stands between forms, "|" between words of one.
    while read -r part; do
        [ -z "$given" ] || [[ " ${part//|/ } " =~ \ $given\  ]] || continue
        for word in ${part//|/ }; do
            case $word in
            --) list+=" --" && break ;;
            -*) break ;;
            [a-z]*) [ "$given" ] || list+=" $word" ;;
            [A-Z]*) [ -z "$list" ] && _jouletrail_add "$word" "$2" && break ;;
            esac
        done
    done <<<"${usage// | /$'\n'}"
    [ -z "$list" ] || _jouletrail_add "$list" "$2"
}

_jouletrail() {
    local line=${COMP_LINE:0:COMP_POINT} words word before command i

    COMPREPLY=()
    read -ra words <<<"$line"
    [ "$line" = "${line%[[:space:]]}" ] || words+=('')
    word=${words[-1]}
    command=${words[1]}
    if [ ${#words[@]} -eq 2 ]; then
        _jouletrail_help ''
        _jouletrail_add "$(awk '/^  [a-z]/ { print $1 }' <<<"$REPLY") help --help --version" "$word"
        return
    fi
    # What stands behind -- is another command line.
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [ "${COMP_WORDS[i]}" = -- ]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                mapfile -t COMPREPLY < <(compgen -c -- "$word")
            fi
            return
        fi
    done
    before=${words[-2]}
    if [[ $word =~ ^(--[a-z0-9-]+)=(.*)$ ]]; then
        before=${BASH_REMATCH[1]} word=${BASH_REMATCH[2]}
    fi
    if [ "$command" = help ]; then
        _jouletrail_help ''
        _jouletrail_add "$(awk '/^  [a-z]/ { print $1 }' <<<"$REPLY")" "$word"
    elif ! _jouletrail_values "$command" "$before" "$word"; then
        [ "${word#-}" != "$word" ] || _jouletrail_arguments "$command" "$word" "${words[@]:2}"
        if [ ${#COMPREPLY[@]} -eq 0 ] || [ "${COMPREPLY[*]}" = -- ]; then
            _jouletrail_options "$command"
            _jouletrail_add "$(awk '{ print $1 }' <<<"$REPLY")" "$word"
        fi
    fi
    # Readline replaces only what stands behind the last of its word breaks: "aws:eu" from "eu" on.
    i=${word%"${COMP_WORDS[COMP_CWORD]#[:=]}"}
    COMPREPLY=("${COMPREPLY[@]#"$i"}")
}

complete -o filenames -F _jouletrail jouletrail
