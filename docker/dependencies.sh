#!/usr/bin/env bash
# The one list of Debian 12 packages that Gatehouse builds, runs and is tested with. gatehouse.sh, CI, the image and
# the README use it; docs/dependencies.md says why each is there.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: docker/dependencies.sh list SET...      print the packages of the sets, one a line
       docker/dependencies.sh missing SET...   print those that are not installed
       docker/dependencies.sh install SET...   install what is missing (root, or through sudo)

sets: run    shared libraries of the finished binary
      build  compiler, build tools, libraries' headers
      ranks  npm, with which docker/ranks.sh and docker/model.sh fetch vocabularies and weights
      test   test framework, sanitizer run time, the SDKs' Node, promtool
      ci     what .ci/run adds: the second compiler, the formatter
      bench  nginx and valgrind, for tests/bench
TEXT
}

packages_of() {
    case "$1" in
        run)
            echo ca-certificates libssl3 zlib1g libyaml-cpp0.7 libfmt9 libsimdjson14 libsqlite3-0
            echo libdate-tz3 libcld2-0 libutf8proc2 tzdata
            ;;
        build)
            echo clang-19 mold ccache ninja-build cmake libc6-dev libstdc++-12-dev
            echo libboost1.81-dev libssl-dev zlib1g-dev nlohmann-json3-dev libyaml-cpp-dev libfmt-dev
            echo libsimdjson-dev libcli11-dev libsqlite3-dev libhowardhinnant-date-dev libcld2-dev libutf8proc-dev
            echo tzdata
            ;;
        ranks)
            # npm and nodejs as commands: a newer Node from elsewhere brings its own npm and excludes Debian's.
            echo nodejs:node npm:npm
            ;;
        test)
            packages_of ranks
            echo libgtest-dev libgmock-dev libclang-rt-19-dev llvm-19
            echo ca-certificates curl openssl python3 procps prometheus
            ;;
        ci)
            echo g++-12 clang-format-19 git
            ;;
        bench)
            echo nginx-light valgrind curl python3 procps
            ;;
        *)
            echo "dependencies.sh: no set named '$1'" >&2
            return 1
            ;;
    esac
}

entries_of() {
    local set packages all=""
    for set in "$@"; do
        packages=$(packages_of "$set") || return 1
        all+=" $packages"
    done
    tr -s ' \n' '\n\n' <<<"$all" | sed '/^$/d' | sort -u
}

# An entry is a package, or package:command where any provider of the command will do.
missing_of() {
    local entries installed entry
    entries=$(entries_of "$@") || return 1
    installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' | sed -n 's/^ii //p')
    for entry in $entries; do
        if [[ $entry == *:* ]] && command -v "${entry#*:}" >/dev/null; then
            continue
        fi
        if ! grep -qxF -- "${entry%%:*}" <<<"$installed"; then
            echo "${entry%%:*}"
        fi
    done
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_missing() {
    local missing
    missing=$(missing_of "$@") || return 1
    if [[ -z $missing ]]; then
        return 0
    fi
    local -a wanted
    mapfile -t wanted <<<"$missing"
    if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null; then
        echo "dependencies.sh: neither root nor sudo; as root run: apt-get install ${wanted[*]}" >&2
        return 1
    fi
    echo "Installing ${#wanted[@]} Debian packages: ${wanted[*]}"

    # The tools are wanted, not their daemons: nothing that is installed here may start listening.
    local policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "${wanted[@]}" >/dev/null
}

if [[ $# -lt 2 ]]; then
    usage >&2
    exit 2
fi
if [[ $1 != list ]] && ! command -v dpkg-query >/dev/null; then
    echo "dependencies.sh: this is not Debian; install the counterparts of: $(entries_of "${@:2}" | tr '\n' ' ')" >&2
    exit 1
fi
case "$1" in
    list) entries_of "${@:2}" | sed 's/:.*//' ;;
    missing) missing_of "${@:2}" ;;
    install) install_missing "${@:2}" ;;
    *)
        usage >&2
        exit 2
        ;;
esac
