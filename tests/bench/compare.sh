#!/usr/bin/env bash
# Gatehouse beside nginx as plain proxy: same provider, same driver, alternating rounds. docs/benchmarks.md explains.
#
#   tests/bench/compare.sh                       builds what is missing, runs everything, prints the tables
#   ROUNDS=1 SECONDS_PER_RUN=2 tests/bench/compare.sh    a quick look
#   SERVERS=nginx tests/bench/compare.sh         without the gateway
#
# Settings (environment): SERVERS ("nginx gatehouse"), WORKLOADS (see `workload`), ROUNDS (3), SECONDS_PER_RUN (4),
# CONNECTIONS (32), IDLE (1000), COUNT_REQUESTS (400; requests under callgrind), BUILD (build/bench), OUT (BUILD/out),
# GATEHOUSE (a binary instead of the built one), SERVER_CPU (0), LOAD_CPU (1).
# Everything stays on 127.0.0.1, every run is bounded, and only processes started here are ended.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
SERVERS=${SERVERS:-nginx gatehouse}
WORKLOADS=${WORKLOADS:-idle chat-1k chat-1k-anthropic chat-1k-gemini chat-16k chat-128k burst paced paced-anthropic \
    paced-gemini ttft latency abort}
ROUNDS=${ROUNDS:-3}
SECONDS_PER_RUN=${SECONDS_PER_RUN:-4}
CONNECTIONS=${CONNECTIONS:-32}
IDLE=${IDLE:-1000}
COUNT_REQUESTS=${COUNT_REQUESTS:-400}
BUILD=${BUILD:-$root/build/bench}
OUT=${OUT:-$BUILD/out}
SERVER_CPU=${SERVER_CPU:-0}
LOAD_CPU=${LOAD_CPU:-1}
aborting=20  # clients that leave in the abort workload

provider_port=19100
declare -A port=([nginx]=19101 [gatehouse]=19102 [direct]=$provider_port)
declare -A pid=([direct]=0)
export BENCH_PROVIDER_KEY=sk-bench-provider BENCH_CALLER_KEY=bench-key

say() { echo "compare.sh: $*" >&2; }

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

build() {
    local targets=(bench_provider bench_load)
    if [[ " $SERVERS " == *" gatehouse "* && -z ${GATEHOUSE:-} ]]; then
        targets+=(gatehouse)
        GATEHOUSE=$BUILD/gatehouse
    fi
    (cd "$root" && cmake --preset release -B "$BUILD" -DGATEHOUSE_BENCH=ON >"$OUT/build.log" &&
        cmake --build "$BUILD" --target "${targets[@]}" >>"$OUT/build.log") ||
        { tail -n 20 "$OUT/build.log" >&2; exit 1; }
    provider=$BUILD/tests/bench/bench_provider
    load=$BUILD/tests/bench/bench_load
}

nginx_configuration() { # DIRECTORY
    cat <<TEXT
worker_processes 1;
worker_rlimit_nofile 65536;
pid $1/nginx.pid;
daemon off;
events { worker_connections 16384; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    client_max_body_size 64m;
    client_body_buffer_size 2m;
    client_body_temp_path $1/body;
    proxy_temp_path $1/proxy;
    fastcgi_temp_path $1/fastcgi;
    uwsgi_temp_path $1/uwsgi;
    scgi_temp_path $1/scgi;
    tcp_nodelay on;
    upstream provider { server 127.0.0.1:$provider_port; keepalive 512; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:${port[nginx]} backlog=4096;
        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_read_timeout 300s;
        }
    }
}
TEXT
}

command_of() { # SERVER: sets `command`
    case $1 in
        nginx)
            mkdir -p "$OUT/nginx"
            { [[ $EUID -ne 0 ]] || echo "user root;"; nginx_configuration "$OUT/nginx"; } >"$OUT/nginx/nginx.conf"
            command=(nginx -e "$OUT/nginx/error.log" -p "$OUT/nginx" -c "$OUT/nginx/nginx.conf")
            ;;
        gatehouse)
            command=("$GATEHOUSE" serve --config "$here/bench.yaml")
            ;;
    esac
}

drive() { # SERVER MODE ARGUMENTS...
    local server=$1 mode=$2
    shift 2
    timeout 120 taskset -c "$LOAD_CPU" "$load" "$mode" -u "http://127.0.0.1:${port[$server]}/v1/chat/completions" \
        -k "$BENCH_CALLER_KEY" -W "${watch:-${pid[$server]}}" "$@"
}

wait_for_answer() { # SERVER PID: until it answers one request rightly; sets `waited` to milliseconds
    local begin=$(($(date +%s%N) / 1000000))
    while ! watch=0 drive "$1" closed -c 1 -n 1 -s 1 >"$OUT/probe" 2>&1; do
        if ! kill -0 "$2" 2>/dev/null || (($(date +%s%N) / 1000000 - begin > 20000)); then
            say "$1 does not answer: $(cat "$OUT/probe")"
            tail -n 5 "$OUT/$1.log" >&2
            exit 1
        fi
    done
    waited=$(($(date +%s%N) / 1000000 - begin))
}

start() { # SERVER
    command_of "$1"
    (cd "$OUT" && exec taskset -c "$SERVER_CPU" "${command[@]}") >"$OUT/$1.log" 2>&1 &
    pid[$1]=$!
    started+=("$!")
    wait_for_answer "$1" "${pid[$1]}"
    echo "workload=start server=$1 round=1 milliseconds=$waited" >>"$results"
}

provider_count() { # NAME: of its /stats
    curl -fs "http://127.0.0.1:$provider_port/stats" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"
}

abort_workload() { # SERVER: chunks that the provider made per stream whose client left after 5 of 150
    local line
    curl -fs -X POST -o /dev/null "http://127.0.0.1:$provider_port/reset"
    line=$(drive "$1" stream -m mock-stream-150x20 -c $aborting -n $aborting -s 10 -a 5)
    while curl -fs "http://127.0.0.1:$provider_port/stats" | grep -qv '"streams_active":0'; do
        sleep 0.1
    done
    echo "$line chunks_made=$(($(provider_count chunks) / aborting))"
}

# Translated for a provider of another dialect: Gatehouse alone can, and is shown beside its own relay.
translated() { [[ $1 == *-anthropic || $1 == *-gemini ]]; }

servers_of() { # WORKLOAD
    if ! translated "$1"; then
        echo direct "$SERVERS"
    elif [[ " $SERVERS " == *" gatehouse "* ]]; then
        echo gatehouse
    fi
}

model_of() { # WORKLOAD MODEL: its name at the provider of that dialect
    case $1 in
        *-anthropic) echo "claude-$2" ;;
        *-gemini) echo "gemini-$2" ;;
        *) echo "$2" ;;
    esac
}

# A run that was not translated must not pass for one.
require_translated() { # WORKLOAD ASKED-OF-OPENAI-BEFORE
    if translated "$1" && [[ $(provider_count chat) != "$2" ]]; then
        say "$1 was relayed instead of translated"
        exit 1
    fi
}

workload() { # NAME SERVER
    local many=20000000
    case $1 in
        idle) drive "$2" idle -m mock-stream-2x9000 -c "$IDLE" -s 2 ;;            # memory per open stream
        chat-1k | chat-1k-*)
            drive "$2" closed -m "$(model_of "$1" mock)" -b 1024 -c "$CONNECTIONS" -n $many -s "$SECONDS_PER_RUN" -w 200
            ;;
        chat-16k) drive "$2" closed -b 16384 -c "$CONNECTIONS" -n $many -s "$SECONDS_PER_RUN" -w 100 ;;
        chat-128k) drive "$2" closed -b 131072 -c "$CONNECTIONS" -n $many -s "$SECONDS_PER_RUN" -w 64 ;;
        burst) drive "$2" stream -m mock-stream-100x0 -e 100 -c "$CONNECTIONS" -n $many -s "$SECONDS_PER_RUN" -w 64 ;;
        paced | paced-*)  # 5,000 chunks/s
            drive "$2" stream -m "$(model_of "$1" mock-stream-50x20)" -e 50 -c 100 -n 300 -s 20
            ;;
        ttft) drive "$2" stream -m mock-stream-8x5 -e 8 -c 2 -n $((SECONDS_PER_RUN * 40)) -s 20 -w 10 ;;
        latency) drive "$2" rate -r 200 -c 16 -n $((SECONDS_PER_RUN * 200)) -s 30 -w 50 ;;
        abort) abort_workload "$2" ;;
        *) say "no workload '$1'"; exit 2 ;;
    esac
}

# User-mode instructions per request where there are no hardware counters: the difference of two counted runs, so that
# start and end cancel out. nginx runs as one process then.
count_instructions() { # SERVER REQUESTS BODY MODEL MODE: sets `total`
    local counted
    command_of "$1"
    if [[ $1 == nginx ]]; then
        command+=(-g 'master_process off;')
    else
        # valgrind 3.19 cannot read the debug information of clang 19.
        objcopy --strip-debug "${command[0]}" "$OUT/gatehouse-stripped"
        command[0]=$OUT/gatehouse-stripped
    fi
    (cd "$OUT" && exec valgrind --tool=callgrind --callgrind-out-file=/dev/null "${command[@]}") \
        >"$OUT/$1.log" 2>"$OUT/callgrind.log" &
    counted=$!
    started+=("$counted")
    wait_for_answer "$1" "$counted"
    if ! drive "$1" "$5" -b "$3" -m "$4" -c 8 -n "$2" -s 100 >"$OUT/probe"; then
        say "wrong answers while counting: $(cat "$OUT/probe")"
        exit 1
    fi
    kill -TERM "$counted"
    wait "$counted" || true
    total=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$OUT/callgrind.log")
    : "${total:?callgrind counted nothing: see $OUT/callgrind.log}"
}

# Of streams a quarter: their chunks are many. They are 10 ms apart, so that each leaves alone also when callgrind
# makes a server fifty times as slow.
count_all() {
    local server name size model mode units few total requests
    for server in $SERVERS; do
        while read -r name size model mode units; do
            if translated "$name" && [[ $server != gatehouse ]]; then
                continue
            fi
            model=$(model_of "$name" "$model")
            requests=$COUNT_REQUESTS
            [[ $mode != stream ]] || requests=$((COUNT_REQUESTS / 4))
            count_instructions "$server" "$requests" "$size" "$model" "$mode"
            few=$total
            count_instructions "$server" $((3 * requests)) "$size" "$model" "$mode"
            echo "workload=$name server=$server round=1 user_kilo_instructions=$(((total - few) / (2 * requests * units)))e-3" \
                >>"$results"
            say "counted $name of $server"
        done <<<"chat-1k 1024 mock closed 1
chat-1k-anthropic 1024 mock closed 1
chat-1k-gemini 1024 mock closed 1
chat-16k 16384 mock closed 1
chat-128k 131072 mock closed 1
paced 1024 mock-stream-50x10 stream 50
paced-anthropic 1024 mock-stream-50x10 stream 50
paced-gemini 1024 mock-stream-50x10 stream 50"
    done
}

mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
results=$OUT/results.txt
: >"$results"
build
ulimit -n "$(ulimit -Hn)"

taskset -c "$LOAD_CPU" "$provider" "$provider_port" >"$OUT/provider.log" 2>&1 &
started+=("$!")
for server in $SERVERS; do
    start "$server"
done
for round in $(seq "$ROUNDS"); do
    for name in $WORKLOADS; do
        asked=$(provider_count chat)
        for server in $(servers_of "$name"); do
            line=$(workload "$name" "$server") || say "$name of $server: not all answers were right"
            require_translated "$name" "$asked"
            echo "workload=$name server=$server round=$round $line" >>"$results"
        done
        say "round $round: $name done"
    done
done
for server in $SERVERS; do
    kill -TERM "${pid[$server]}"
    wait "${pid[$server]}" || true
    pid[$server]=0
done
if ! grep -q kilo_instructions "$results"; then
    say "no hardware counters here: counting user instructions with callgrind"
    count_all
fi
python3 "$here/report.py" "$results"
