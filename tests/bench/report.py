#!/usr/bin/env python3
"""Tables from compare.sh's results: medians over the rounds, added times against the direct run of the same round,
ratios to nginx. Memory per stream is the first round's, when the processes were fresh."""

import statistics
import sys

# workload: (title, [(column, field, how)])
#   median   as measured          added    minus the direct run of the same round
#   first    the first round      most     the largest of all rounds
TABLES = {
    "start": ("Start to first answer", [("ms", "milliseconds", "first")]),
    "idle": ("Open streams that say nothing", [("KiB/stream", "kib_per_stream", "first")]),
    **{
        f"chat-{size}": (
            f"Whole answers, {size} prompt",
            [
                ("requests/s", "per_second", "median"),
                ("p50 us", "p50", "median"),
                ("p99 us", "p99", "median"),
                ("CPU us", "cpu_us", "median"),
                ("k instr.", "kilo_instructions", "median"),
                ("k instr. user", "user_kilo_instructions", "first"),
                ("peak KiB", "peak_kib", "most"),
            ],
        )
        for size in ("1k", "16k", "128k")
    },
    "burst": (
        "Streams as fast as they go",
        [
            ("chunks/s", "chunks_per_second", "median"),
            ("CPU us/chunk", "cpu_us", "median"),
            ("k instr./chunk", "kilo_instructions", "median"),
            ("peak KiB", "peak_kib", "most"),
        ],
    ),
    "paced": (
        "100 streams, 5,000 chunks/s in all",
        [
            ("chunk +p50 us", "chunk_p50", "added"),
            ("chunk +p99 us", "chunk_p99", "added"),
            ("CPU us/chunk", "cpu_us", "median"),
            ("k instr./chunk", "kilo_instructions", "median"),
            ("k instr. user", "user_kilo_instructions", "first"),
            ("peak KiB", "peak_kib", "most"),
        ],
    ),
    "ttft": ("Time to first chunk, 2 streams", [("+p50 us", "ttft_p50", "added"), ("+p99 us", "ttft_p99", "added")]),
    "latency": (
        "200 requests/s",
        [("+p50 us", "p50", "added"), ("+p99 us", "p99", "added"), ("k instr.", "kilo_instructions", "median")],
    ),
    "abort": ("Clients that leave after 5 of 150 chunks", [("chunks made", "chunks_made", "median")]),
}


def read(path):
    """{(workload, server): {round: {field: number}}}"""
    runs = {}
    for line in open(path, encoding="utf-8"):
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        key = words.pop("workload"), words.pop("server")
        numbers = runs.setdefault(key, {}).setdefault(int(words.pop("round")), {})
        numbers.update({field: float(value) for field, value in words.items()})
    return runs


def value(runs, workload, server, field, how):
    rounds = runs.get((workload, server), {})
    numbers = {number: fields[field] for number, fields in rounds.items() if field in fields}
    if how == "added":
        direct = runs.get((workload, "direct"), {})
        numbers = {n: v - direct[n][field] for n, v in numbers.items() if field in direct.get(n, {})}
    if not numbers:
        return None
    if how == "first":
        return numbers[min(numbers)]
    return max(numbers.values()) if how == "most" else statistics.median(numbers.values())


def number(text):
    if text is None:
        return "-"
    return f"{text:,.0f}" if abs(text) >= 100 else f"{text:.1f}"


def table(runs, workload, servers):
    title, columns = TABLES[workload]
    columns = [c for c in columns if any(value(runs, workload, s, *c[1:]) is not None for s in servers)]
    print(f"\n{workload}: {title}\n")
    print("| server | " + " | ".join(name for name, *_ in columns) + " | wrong |")
    print("| --- |" + " ---: |" * (len(columns) + 1))
    for server in servers:
        cells = [number(value(runs, workload, server, *column[1:])) for column in columns]
        wrong = sum(fields.get("errors", 0) for fields in runs.get((workload, server), {}).values())
        print(f"| {server} | " + " | ".join(cells) + f" | {wrong:.0f} |")
    for server in servers:
        if server != "nginx" and "nginx" in servers:
            cells = []
            for column in columns:
                ours = value(runs, workload, server, *column[1:])
                theirs = value(runs, workload, "nginx", *column[1:])
                cells.append(f"{ours / theirs:.2f}x" if ours is not None and theirs and theirs > 0 else "-")
            print(f"| {server} / nginx | " + " | ".join(cells) + " | |")


def main():
    runs = read(sys.argv[1])
    servers = list(dict.fromkeys(server for _, server in runs if server != "direct"))
    for workload in TABLES:
        if any(run == workload for run, _ in runs):
            table(runs, workload, servers)
    wrong = sum(f.get("errors", 0) for rounds in runs.values() for f in rounds.values())
    print(f"\nWrong, lost, short or unordered answers in all: {wrong:.0f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
