#!/usr/bin/env python3
"""What the cache costs and gives: processor time of a miss beside the same gateway without a cache, and the time of hits
in each tier. docs/benchmarks.md has the figures.

    tests/bench/cache.py            after tests/bench/compare.sh has built its tools (--build)

Everything stays on 127.0.0.1, every run is bounded, and only processes started here are ended.
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import time

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
key = "bench-key"
environment = dict(os.environ, BENCH_PROVIDER_KEY="sk-bench-provider", BENCH_CALLER_KEY=key)
server_cpu, load_cpu = {0}, {1}
url = "http://127.0.0.1:19102/v1/chat/completions"

caches = {
    "off": "cache: {coalesce: false, exact: {enabled: false}}",
    "exact": "cache: {coalesce: false, max_temperature: 1}",
    "coalesce": "cache: {max_temperature: 1, exact: {enabled: false}}",
    "both": "cache: {max_temperature: 1}",
    "signature": "cache: {coalesce: false, max_temperature: 1, semantic: {mode: signature}}",
    "semantic": "cache: {coalesce: false, max_temperature: 1, exact: {max_size: 2GiB}, "
                "semantic: {mode: semantic, max_entries: 2M}}",
}


class Running:
    """A process that is ended when this is."""

    def __init__(self, command, cpus, log):
        self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment,
                                        preexec_fn=lambda: os.sched_setaffinity(0, cpus))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Bench:
    def __init__(self, options):
        self.options = options
        self.out = pathlib.Path(options.build) / "cache"
        self.out.mkdir(parents=True, exist_ok=True)
        self.load = pathlib.Path(options.build) / "tests/bench/bench_load"
        self.provider = pathlib.Path(options.build) / "tests/bench/bench_provider"
        self.gatehouse = pathlib.Path(options.build) / "gatehouse"

    def drive(self, mode, count, *more):
        command = [str(self.load), mode, "-k", key, "-u", url, "-m", "mock", "-n", str(count), "-s", "300", *map(str, more)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=400, env=environment,
                              preexec_fn=lambda: os.sched_setaffinity(0, load_cpu))
        if done.returncode != 0:
            raise SystemExit(f"wrong answers: {done.stdout}{done.stderr}")
        return dict(re.findall(r"(\w+)=([0-9.]+)", done.stdout))

    def serve(self, which):
        config = self.out / f"{which}.yaml"
        text = (here / "bench.yaml").read_text() + f"data_dir: {self.out}/data-{which}\nledger: {{enabled: false}}\n"
        text += caches[which] + "\n"
        if which == "semantic":
            text += f"embedders: {{local: {{kind: local, path: {root}/build/models/embedder.model}}}}\n"
        config.write_text(text)
        log = open(self.out / f"{which}.log", "w")
        running = Running([str(self.gatehouse), "serve", "--config", str(config)], server_cpu, log)
        for _ in range(200):
            try:
                self.drive("closed", 1, "-c", 1)
                return running
            except SystemExit:
                time.sleep(0.05)
        running.__exit__()
        raise SystemExit(f"{which} does not answer: see {self.out}/{which}.log")

    def lane_time(self, running):
        """Nanoseconds on a processor so far: of the lane, and of all threads."""
        lane = everything = 0
        for task in pathlib.Path(f"/proc/{running.process.pid}/task").iterdir():
            spent = int((task / "schedstat").read_text().split()[0])
            everything += spent
            if (task / "comm").read_text().strip() == "lane":
                lane += spent
        return lane, everything

    def misses(self, which, size):
        count = self.options.requests
        with self.serve(which) as running:
            self.drive("closed", 3000, "-c", 16, "-b", size)
            before = self.lane_time(running)
            self.drive("closed", count, "-c", 16, "-b", size)
            after = self.lane_time(running)
        return [(b - a) / count for a, b in zip(before, after)]

    def miss_cost(self, size):
        spent = {which: [] for which in ("off", "exact", "coalesce", "both", "signature")}
        for turn in range(self.options.rounds):
            order = list(spent) if turn % 2 == 0 else list(reversed(spent))
            for which in order:
                spent[which].append(self.misses(which, size))
        base = [statistics.median(each[i] for each in spent["off"]) for i in (0, 1)]
        for which, rounds in spent.items():
            lane, everything = (statistics.median(each[i] for each in rounds) for i in (0, 1))
            print(f"miss, {size} bytes, {which}: lane {lane:.0f} ns ({100 * (lane / base[0] - 1):+.1f} %), "
                  f"all threads {everything:.0f} ns ({100 * (everything / base[1] - 1):+.1f} %)", flush=True)

    def hits(self):
        with self.serve("both") as running:
            self.drive("closed", 200, "-c", 1, "-d", 50)
            before = self.lane_time(running)
            closed = self.drive("closed", self.options.requests, "-c", 16, "-d", 50)
            after = self.lane_time(running)
            paced = self.drive("rate", 4000, "-c", 8, "-d", 50, "-r", 400)
            print(f"hit, exact: lane {(after[0] - before[0]) / self.options.requests:.0f} ns, "
                  f"{float(closed['per_second']):.0f}/s; 400/s: p50 {paced['p50']} us, p99 {paced['p99']} us "
                  f"at the client", flush=True)
            self.show_tiers()

    def ask(self, connection, text):
        body = json.dumps({"model": "mock", "temperature": 0, "messages": [{"role": "user", "content": text}]})
        began = time.perf_counter()
        connection.request("POST", "/v1/chat/completions", body,
                           {"authorization": f"Bearer {key}", "content-type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        took = time.perf_counter() - began
        return reply.getheader("x-gatehouse-cache-type") or reply.getheader("x-gatehouse-cache"), took

    def show_tiers(self):
        """From the request's head to its last byte, as the gateway has measured it."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", 19103)) as admin:
            admin.request("GET", "/metrics")
            text = admin.getresponse().read().decode()
        tiers = {}
        for tier, bound, count in re.findall(
                r'gatehouse_cache_hit_duration_seconds_bucket\{tier="(\w+)",le="([^"]+)"\} (\d+)', text):
            tiers.setdefault(tier, []).append((bound, int(count)))
        for tier, buckets in tiers.items():
            total = buckets[-1][1]
            if total:
                shown = ", ".join(f"{100 * count / total:.2f} % <= {bound} s" for bound, count in buckets
                                  if 0.001 < count / total)
                print(f"  {tier}, {total} hits in the gateway: {shown[:400]}", flush=True)

    def meaning(self):
        entries = self.options.entries
        subject = ["engine", "garden", "river", "window", "signal", "bridge", "castle", "harbour"]
        with self.serve("semantic"):
            connection = http.client.HTTPConnection("127.0.0.1", 19102)
            kept = [f"Why does a big {subject[i % 8]} number {i} need so much care?" for i in range(1000)]
            for text in kept:
                self.ask(connection, text)
            for have in (1000, entries):
                connection.close()  # the server closes what waits while questions are put in
                if have > 1000:
                    self.drive("closed", have - 1000, "-c", 16, "-b", 40)
                times = []
                for i, text in enumerate(kept[:500] if have == 1000 else kept[500:]):
                    tier, took = self.ask(connection, text.replace("a big", "a large"))
                    if tier == "semantic":
                        times.append(took)
                    elif i % 100 == 0:
                        print(f"  not found: {text}: {tier}")
                if not times:
                    raise SystemExit("nothing was found by its meaning")
                times.sort()
                print(f"hit, semantic, {have} questions: {len(times)} of 500; at a Python client p50 "
                      f"{1e6 * times[len(times) // 2]:.0f} us, p99 {1e6 * times[int(len(times) * 0.99)]:.0f} us", flush=True)
                times = sorted(self.ask(connection, text)[1] for text in kept[:500])
                print(f"  the same client, exact: p50 {1e6 * times[250]:.0f} us, p99 {1e6 * times[495]:.0f} us", flush=True)
            self.show_tiers()
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", 19103)) as admin:
                admin.request("GET", "/metrics")
                text = admin.getresponse().read().decode()
            for name in ("gatehouse_cache_questions", "gatehouse_cache_question_bytes", "gatehouse_cache_entries",
                         "gatehouse_cache_bytes", "gatehouse_process_resident_memory_bytes"):
                print("  " + re.search(rf"^{name} \S+", text, re.M).group(0), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(root / "build/bench"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=30000)
    parser.add_argument("--entries", type=int, default=100000)
    parser.add_argument("--only", choices=("miss", "hit", "meaning"))
    options = parser.parse_args()
    bench = Bench(options)
    with Running([str(bench.provider), "19100"], load_cpu, subprocess.DEVNULL):
        if options.only in (None, "miss"):
            bench.miss_cost(1024)
            bench.miss_cost(16384)
        if options.only in (None, "hit"):
            bench.hits()
        if options.only in (None, "meaning"):
            bench.meaning()


if __name__ == "__main__":
    main()
