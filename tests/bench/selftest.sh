#!/usr/bin/env bash
# Shows that the provider makes the faults it is asked for, and that the driver notices each. 127.0.0.1 only.
# usage: selftest.sh DIRECTORY-OF-BINARIES [PORT]; last line: N passed, N failed.
set -euo pipefail

bin=${1:?usage: selftest.sh DIRECTORY-OF-BINARIES [PORT]}
port=${2:-19190}
url=http://127.0.0.1:$port/v1/chat/completions

"$bin/bench_provider" "$port" &
provider=$!
trap 'kill "$provider" 2>/dev/null || true; wait 2>/dev/null || true' EXIT
for _ in $(seq 50); do
    curl -fs -o /dev/null "http://127.0.0.1:$port/stats" && break
    sleep 0.1
done

passed=0
failed=0
check() { # NAME "field=value ..." ARGUMENTS-OF-BENCH_LOAD...
    local name=$1 wanted=$2 line field
    shift 2
    line=" $(timeout 40 "$bin/bench_load" "$@" || true) "
    for field in $wanted; do
        if [[ $line != *" $field "* ]]; then
            echo "FAIL $name: no '$field' in:$line"
            failed=$((failed + 1))
            return
        fi
    done
    passed=$((passed + 1))
}

check whole 'ok=200 errors=0' closed -u $url -m mock -c 4 -n 200 -s 5
check large-prompt 'ok=20 errors=0' closed -u $url -m mock -b 200000 -c 4 -n 20 -s 5
check large-answer 'ok=20 errors=0' closed -u $url -m mock-size-500000 -c 4 -n 20 -s 5
check warm-up-is-not-counted 'ok=20 errors=0' closed -u $url -m mock -c 4 -n 20 -w 10 -s 5
check stream 'ok=20 errors=0 chunks=1000' stream -u $url -m mock-stream-50x1 -e 50 -c 4 -n 20 -s 5
check burst 'ok=20 errors=0 chunks=4000' stream -u $url -m mock-stream-200x0 -e 200 -c 4 -n 20 -s 5
check rate 'ok=100 errors=0' rate -u $url -m mock -r 200 -c 2 -n 100 -s 5
check delay 'ok=4 errors=0' closed -u $url -m mock-delay-50 -c 4 -n 4 -s 5
check status 'ok=0 errors=10 http_error=10' closed -u $url -m mock-err-500 -c 2 -n 10 -s 5
check status-of-a-stream 'ok=0 errors=10 http_error=10' stream -u $url -m mock-err-429 -c 2 -n 10 -s 5
check garbage 'ok=0 errors=10 wrong=10' closed -u $url -m mock-garbage -c 2 -n 10 -s 5
check reset 'ok=0 errors=10 truncated=10' closed -u $url -m mock-reset -c 2 -n 10 -s 5
check reset-midway 'ok=0 errors=10 truncated=10' stream -u $url -m mock-stream-9x5-rst-3 -e 9 -c 2 -n 10 -s 5
check cut 'ok=0 errors=10 truncated=10' stream -u $url -m mock-stream-9x1-cut-3 -e 9 -c 2 -n 10 -s 5
check no-end-marker 'ok=0 errors=10 unterminated=10' stream -u $url -m mock-stream-9x1-nodone-3 -e 9 -c 2 -n 10 -s 5
check error-event 'ok=0 errors=10 unterminated=10' stream -u $url -m mock-stream-9x1-serr-3 -e 9 -c 2 -n 10 -s 5
check too-few-chunks 'ok=0 errors=10 short=10' stream -u $url -m mock-stream-9x1 -e 10 -c 2 -n 10 -s 5
check silence 'ok=0 errors=1 unfinished=1' stream -u $url -m mock-stream-9x1-hang-3 -e 9 -c 1 -n 1 -s 1
check leaving 'left=10 errors=0' stream -u $url -m mock-stream-200x5 -a 3 -c 5 -n 10 -s 5
check idle 'errors=0 chunks=50' idle -W "$provider" -u $url -m mock-stream-2x9000 -c 50 -s 1
check nobody-there 'errors=5 not_connected=5' closed -u http://127.0.0.1:1/x -c 1 -n 5 -s 2

# The other two APIs, in the shapes of their own clients' reading.
said() { # NAME PATH BODY LINES-OF-PYTHON: the answer is `text`, as JSON `whole` or `events`
    local name=$1 path=$2 body=$3 test=$4
    if curl -s -d "$body" "http://127.0.0.1:$port$path" | python3 -c '
import json, re, sys
text = sys.stdin.buffer.read().decode()
events = [json.loads(data) for data in re.findall(r"^data: (.*?)\r?$", text, re.M)]
whole = None if events else json.loads(text)
'"$test"; then
        passed=$((passed + 1))
    else
        echo "FAIL $name"
        failed=$((failed + 1))
    fi
}

ordered='marks = [int(mark) for mark in re.findall(r"@(\d+):\d+;the quick", text)]
assert marks == list(range(9)), marks'
ask='"max_tokens":9,"messages":[]'
gemini=/v1beta/models/mock-stream-9x1
said messages /v1/messages "{\"model\":\"mock\",$ask}" '
assert whole["content"][0]["text"].startswith("the quick") and whole["stop_reason"] == "end_turn", text
assert whole["usage"]["output_tokens"] == 64 and whole["role"] == "assistant", text'
said messages-stream /v1/messages "{\"model\":\"mock-stream-9x1\",$ask,\"stream\":true}" "$ordered"'
assert [event["type"] for event in events] == ["message_start", "content_block_start", "ping"] + \
    ["content_block_delta"] * 9 + ["content_block_stop", "message_delta", "message_stop"], text
assert re.findall(r"^event: (.*)$", text, re.M) == [event["type"] for event in events], text
assert events[-2]["usage"]["output_tokens"] == 9, text'
said messages-error-event /v1/messages "{\"model\":\"mock-stream-9x1-serr-3\",$ask,\"stream\":true}" '
assert events[-1]["type"] == "error" and len(events) == 7, text'
said messages-status /v1/messages "{\"model\":\"mock-err-529\",$ask}" 'assert whole["type"] == "error", text'
said messages-without-limit /v1/messages '{"model":"mock","messages":[]}' 'assert "404" in text, text'
said gemini "/v1beta/models/mock:generateContent" '{"contents":[]}' '
assert whole["candidates"][0]["content"]["parts"][0]["text"].startswith("the quick"), text
assert whole["candidates"][0]["finishReason"] == "STOP" and whole["modelVersion"] == "mock", text'
said gemini-stream "$gemini:streamGenerateContent?alt=sse" '{"contents":[]}' "$ordered"'
assert [event["candidates"][0].get("finishReason") for event in events] == [None] * 9 + ["STOP"], text
assert text.endswith("}\r\n\r\n") and events[-1]["usageMetadata"]["candidatesTokenCount"] == 9, text'
said gemini-no-end "$gemini-nodone-3:streamGenerateContent?alt=sse" '{"contents":[]}' '
assert len(events) == 3 and "finishReason" not in text, text'
said gemini-without-contents "/v1beta/models/mock:generateContent" '{}' 'assert "404" in text, text'

# What the provider saw: every stream that was left is gone, and it stopped producing.
for _ in $(seq 100); do
    stats=$(curl -fs "http://127.0.0.1:$port/stats")
    [[ $stats == *'"streams_active":0'* ]] && break
    sleep 0.1
done
if [[ $stats == *'"streams_active":0'* ]]; then
    passed=$((passed + 1))
else
    echo "FAIL streams stay open at the provider: $stats"
    failed=$((failed + 1))
fi

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
