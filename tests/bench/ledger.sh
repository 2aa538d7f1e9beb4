#!/usr/bin/env bash
# What the ledger costs a request: the same gateway with it and without it, in alternating rounds. Processor time is
# told by thread: the lane, on whose time clients wait; the store's writer and the log's, which run beside it.
# docs/benchmarks.md has the figures.
#
#   tests/bench/ledger.sh            after tests/bench/compare.sh has built its tools (BUILD)
#
# Settings (environment): ROUNDS (8), REQUESTS (60000, of a round), CONNECTIONS (32), COUNT_REQUESTS (400; under
# callgrind, 0: none), BUILD (build/bench), OUT (BUILD/ledger), GATEHOUSE (BUILD/gatehouse), SERVER_CPU (0), LOAD_CPU (1).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
ROUNDS=${ROUNDS:-8}
REQUESTS=${REQUESTS:-60000}
CONNECTIONS=${CONNECTIONS:-32}
COUNT_REQUESTS=${COUNT_REQUESTS:-400}
BUILD=${BUILD:-$root/build/bench}
OUT=${OUT:-$BUILD/ledger}
GATEHOUSE=${GATEHOUSE:-$BUILD/gatehouse}
SERVER_CPU=${SERVER_CPU:-0}
LOAD_CPU=${LOAD_CPU:-1}
export BENCH_PROVIDER_KEY=sk-bench-provider BENCH_CALLER_KEY=bench-key

started=()
end_all() {
    local one
    for one in "${started[@]}"; do
        kill "$one" 2>/dev/null || true
    done
    wait 2>/dev/null || true
}
trap end_all EXIT
trap 'exit 130' INT TERM

mkdir -p "$OUT"
cd "$OUT"
for which in on off; do
    enabled=$([[ $which == on ]] && echo true || echo false)
    { cat "$here/bench.yaml"; echo "data_dir: $OUT/data"; echo "ledger: {enabled: $enabled}"; } >"$which.yaml"
done

drive() { # REQUESTS ARGUMENTS...
    local requests=$1
    shift
    timeout 300 taskset -c "$LOAD_CPU" "$BUILD/tests/bench/bench_load" closed -k "$BENCH_CALLER_KEY" \
        -u http://127.0.0.1:19102/v1/chat/completions -b 1024 -m mock -c "$CONNECTIONS" -n "$requests" -s 300 "$@"
}

start() { # COMMAND...: sets `server`, waits for an answer
    rm -rf data
    taskset -c "$SERVER_CPU" "$@" >server.log 2>&1 &
    server=$!
    started+=("$server")
    until drive 1 -c 1 >probe 2>&1; do
        kill -0 "$server" || { tail -n 5 server.log >&2; exit 1; }
    done
}

stop() {
    kill -TERM "$server"
    wait "$server" || true
}

threads() { # nanoseconds on a processor so far, by the thread's name
    local task
    for task in /proc/"$server"/task/*; do
        echo "$(<"$task/comm") $(cut -d' ' -f1 "$task/schedstat")"
    done
}

taskset -c "$LOAD_CPU" "$BUILD/tests/bench/bench_provider" 19100 >provider.log 2>&1 &
started+=("$!")
: >rounds
for round in $(seq "$ROUNDS"); do
    order="on off"
    ((round % 2)) || order="off on"
    for which in $order; do
        start "$GATEHOUSE" serve --config "$which.yaml"
        drive 5000 >probe
        threads >before
        drive "$REQUESTS" >probe || { echo "wrong answers: $(cat probe)" >&2; exit 1; }
        threads >after
        stop
        paste -d' ' before after | awk -v which="$which" -v n="$REQUESTS" '
            { name = $1; spent[name] += $4 - $2; all += $4 - $2 }
            END { printf "%s lane_ns=%d store_ns=%d all_ns=%d\n", which, spent["lane"] / n, spent["store"] / n, all / n }' \
            | tee -a rounds
    done
done

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : int((v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }
for field in lane store all; do
    on=$(sed -n "s/^on .*${field}_ns=\([0-9]*\).*/\1/p" rounds | median)
    off=$(sed -n "s/^off .*${field}_ns=\([0-9]*\).*/\1/p" rounds | median)
    echo "median $field: on $on ns, off $off ns, difference $((on - off)) ns"
done

if ((COUNT_REQUESTS > 0)); then
    for which in on off; do
        for times in 1 3; do
            start valgrind --tool=callgrind --separate-threads=yes --callgrind-out-file=callgrind.$which.$times \
                "$GATEHOUSE" serve --config "$which.yaml"
            drive $((COUNT_REQUESTS * times)) -c 8 >probe
            stop
        done
    done
    echo "callgrind.WHICH.TIMES-THREAD hold the instructions; the difference of 3 and 1 is of $((2 * COUNT_REQUESTS)) requests"
fi
