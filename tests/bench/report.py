#!/usr/bin/env python3
"""Tables from compare.sh's results: medians over the rounds, added times against the direct run of the same round,
ratios to nginx; translated workloads against Gatehouse's own relay. Memory per stream is the first round's, when the
processes were fresh."""

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

TRANSLATED = ("anthropic", "gemini")  # NAME-anthropic is the workload NAME, translated


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


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}x" if ours is not None and theirs and theirs > 0 else "-"


def print_table(runs, title, columns, shown, yardstick, compared):
    """`shown`: {row's name: (workload, server)}; each of `compared` once more, as ratio to `yardstick`."""
    columns = [c for c in columns if any(value(runs, *run, *c[1:]) is not None for run in shown.values())]
    print(f"\n{title}\n")
    print("| server | " + " | ".join(name for name, *_ in columns) + " | wrong |")
    print("| --- |" + " ---: |" * (len(columns) + 1))
    values = {name: [value(runs, *run, *column[1:]) for column in columns] for name, run in shown.items()}
    for name, run in shown.items():
        wrong = sum(fields.get("errors", 0) for fields in runs.get(run, {}).values())
        print(f"| {name} | " + " | ".join(map(number, values[name])) + f" | {wrong:.0f} |")
    for name in compared if yardstick in shown else ():
        cells = map(ratio, values[name], values[yardstick])
        print(f"| {name} / {yardstick} | " + " | ".join(cells) + " | |")


def table(runs, workload, servers):
    title, columns = TABLES[workload]
    if any(run == workload for run, _ in runs):
        others = [server for server in servers if server != "nginx"]
        shown = {server: (workload, server) for server in servers}
        print_table(runs, f"{workload}: {title}", columns, shown, "nginx", others)
    shown = {f"to {vendor}": (f"{workload}-{vendor}", "gatehouse") for vendor in TRANSLATED}
    shown = {name: run for name, run in shown.items() if run in runs}
    if shown:
        relay = {"relayed": (workload, "gatehouse")} if (workload, "gatehouse") in runs else {}
        title = f"{workload}: {title}, translated by Gatehouse"
        measured = [column for column in columns if column[2] != "added"]  # there is no direct run of them
        print_table(runs, title, measured, relay | shown, "relayed", list(shown))


def main():
    runs = read(sys.argv[1])
    servers = list(dict.fromkeys(server for _, server in runs if server != "direct"))
    for workload in TABLES:
        table(runs, workload, servers)
    wrong = sum(f.get("errors", 0) for rounds in runs.values() for f in rounds.values())
    print(f"\nWrong, lost, short or unordered answers in all: {wrong:.0f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
