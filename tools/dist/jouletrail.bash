# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# jouletrail.bash - completion of subcommands, options and the values that have a list.
# shellcheck shell=bash disable=SC2207

_jouletrail_values() { # OPTION SUBCOMMAND: the words that may follow it; status 1 when any may
    case $2:$1 in
    flame:-f | flame:--format) echo "svg folded json" && return ;;
    flame:-p | flame:--pid) ps -A -o pid= && return ;;
    flame:-b | flame:--by) echo "process thread" && return ;;
    flame:-F | flame:--frequency) echo "99 499 999" && return ;;
    esac
    case $1 in
    -f | --format) echo "human json csv" ;;
    --weight) echo "time smt freq cycles" ;;
    --idle-policy) echo "separate proportional reserved" ;;
    --uncertainty) echo "analytical montecarlo" ;;
    --static-power) echo "calibrated learnt none" ;;
    -p | --power) echo "auto powercap perf msr hwmon gpu model none" ;;
    -b | --by) echo "process thread comm cgroup container pod unit slice user session vm zone host" ;;
    --metrics) echo "127.0.0.1:9841" ;;
    --retain) echo "7d 30d 90d 365d" ;;
    -i | --interval | --tick | -d | --duration) echo "1s 10s 60s" ;;
    --intensity) echo "table uk electricitymaps watttime" ;;
    -z | --zone | --zones) jouletrail intensity list 2>/dev/null | awk '$6 == "average" { print $1 }' ;;
    --kind) echo "average marginal" ;;
    *) return 1 ;;
    esac
}

_jouletrail_options() { # SUBCOMMAND
    local grid="--zone --intensity --kind --intensity-location --intensity-key --intensity-cache"
    local site="--pue --embodied --share --water"
    local method="--weight --smt-corun --idle-policy --static-power --uncertainty"
    local measuring="$grid --interval --tick --power --calibration $method --irq --ledger --key-dir
        --max-tasks --root --power-root --by --label --cmdline --guest-energy --capture --no-names --help"

    case $1 in
    run) echo "--format --output --explain --compare --plan $site --sci-per $measuring --" ;;
    plan)
        echo "--format --duration --zones --forecast --intensity-key --intensity-cache --deadline --from
            --allow-zones --sku --kind --exec --ledger --key-dir --cron --systemd --help --"
        ;;
    whatif)
        echo "--format --shift --zone --best-within --unplanned --series --kind --by --key --key-dir --help"
        ;;
    api) echo "--listen --data --forecast --timeout --help" ;;
    daemon) echo "--duration --retain --metrics --metrics-series $site $measuring" ;;
    top) echo "--format --once $measuring" ;;
    flame) echo "--format --output --pid --all --frequency --duration $measuring --" ;;
    replay) echo "--format $grid $site $method --ledger --key-dir --help" ;;
    calibrate)
        echo "--duration --output --wall-idle --wall-max --force --power --root --power-root --help"
        ;;
    verify) echo "--format --key --key-dir --state --witness --quorum --strict --threads --help" ;;
    prove) echo "--index --from --to --help" ;;
    verify-proof) echo "--format --key --help" ;;
    ledger) echo "--format --key --key-dir --help info repair export" ;;
    report)
        echo "--format --by --since --until --uncertainty --explain --key --key-dir $grid $site --sci-per --help"
        ;;
    doctor) echo "--format --root --power-root --help" ;;
    intensity) echo "--format $grid --help list show at check pack" ;;
    estimate)
        echo "--format --energy --energy-low --energy-high --power --duration --from --to $grid $site
            --sci-per --csv --help"
        ;;
    esac
}

_jouletrail() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} values i

    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "run top flame daemon replay verify prove verify-proof ledger report
            plan whatif api intensity estimate calibrate doctor --help --version" -- "$word"))
        return
    fi
    # What stands behind -- is another command line.
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [ "${COMP_WORDS[i]}" = -- ]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                COMPREPLY=($(compgen -c -- "$word"))
            fi
            return
        fi
    done
    case $before in
    --ledger | -l | --key-dir | --guest-energy | --root | --power-root | --intensity-cache)
        COMPREPLY=($(compgen -d -- "$word"))
        return
        ;;
    --forecast | --series | --data | --plan | --compare | --allow-zones | --output | -o | --capture | --calibration | \
        --state | --key | -k | --witness | -w | --intensity-key | --csv)
        COMPREPLY=($(compgen -f -- "$word"))
        return
        ;;
    esac
    if values=$(_jouletrail_values "$before" "${COMP_WORDS[1]}"); then
        COMPREPLY=($(compgen -W "$values" -- "$word"))
    elif [ "${COMP_WORDS[1]}" = replay ] && [ "${word#-}" = "$word" ]; then
        COMPREPLY=($(compgen -f -- "$word"))
    elif [[ ${COMP_WORDS[1]} =~ ^(verify|prove|report|whatif)$ ]] && [ "${word#-}" = "$word" ]; then
        COMPREPLY=($(compgen -d -- "$word"))
    else
        COMPREPLY=($(compgen -W "$(_jouletrail_options "${COMP_WORDS[1]}")" -- "$word"))
    fi
}

complete -o filenames -F _jouletrail jouletrail
