#!/usr/bin/env bash
# Gatehouse's two commands, from a bare Debian 12 and a clean clone: run it, test it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'TEXT'
usage: ./gatehouse.sh run [ARGUMENT...]   install what is missing, build, serve config/gatehouse.yaml in the foreground
                                          (arguments go to `gatehouse serve`, e.g. --listen 127.0.0.1:8090)
       ./gatehouse.sh test [ARGUMENT...]  install what is missing, build with ASan and UBSan, run every test
                                          (arguments go to ctest, e.g. -L net_tests)
       ./gatehouse.sh help                this text

What is missing is installed as Debian packages, as root or through sudo; docker/dependencies.sh names them.
TEXT
}

build() {
    local preset=$1
    shift
    # CI has an hour for four builds: there each room is compiled in batches.
    cmake --preset "$preset" ${CI:+-DGATEHOUSE_WERROR=ON -DCMAKE_UNITY_BUILD=ON} >"build/$preset.configure.log" || {
        cat "build/$preset.configure.log" >&2
        return 1
    }
    cmake --build --preset "$preset" --parallel "$(nproc)" --target "$@"
}

run() {
    docker/dependencies.sh install build run
    mkdir -p build
    docker/ranks.sh || echo "gatehouse.sh: without the vocabularies token counts are estimates" >&2
    docker/model.sh || echo "gatehouse.sh: without its weights the local embedder does not answer" >&2
    build release gatehouse
    exec build/release/gatehouse serve --config config/gatehouse.yaml "$@"
}

run_tests() {
    docker/dependencies.sh install build run test
    if [[ ! -r /proc/self/maps ]]; then
        echo "gatehouse.sh: the sanitizers need /proc; mount it first: mount -t proc proc /proc" >&2
        return 1
    fi
    mkdir -p build
    docker/ranks.sh || echo "gatehouse.sh: without the vocabularies the test tokens_parity is skipped" >&2
    docker/model.sh || echo "gatehouse.sh: without its weights tests of the local embedder are skipped" >&2
    build dev all ${CI:+all_verify_interface_header_sets}
    export ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-19/bin/llvm-symbolizer
    export UBSAN_OPTIONS=print_stacktrace=1
    ctest --preset dev --parallel "$(nproc)" --no-tests=error --output-on-failure "$@"
}

case "${1:-help}" in
    run) run "${@:2}" ;;
    test) run_tests "${@:2}" ;;
    help | --help | -h) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
