#!/usr/bin/env python3
"""What a dead primary costs its clients before and after its circuit breaker has opened.

usage: dead_primary.py GATEHOUSE [REQUESTS]

Three models take turns on one connection: a good target alone, one that refuses connections before it, and one that
accepts and never answers before it. Shown are times as the client has them, and by pairs what the dead target adds.
"""

import asyncio
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

ANSWER = json.dumps({
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}).encode()

CONFIG = """
server: {{listen: "127.0.0.1:{port}", admin_listen: "127.0.0.1:{admin}", lanes: 1}}
data_dir: {directory}/data
auth: {{required: false}}
telemetry: {{log: {{level: error}}}}
providers:
  good: {{kind: openai, base_url: "http://127.0.0.1:{good}/v1"}}
  refused: {{kind: openai, base_url: "http://127.0.0.1:{refused}/v1"}}
  silent: {{kind: openai, base_url: "http://127.0.0.1:{silent}/v1", timeouts: {{first_byte: 1s}}}}
models:
  good: {{targets: [{{provider: good, model: m}}]}}
  refused: {{targets: [{{provider: refused, model: m}}, {{provider: good, model: m}}]}}
  silent: {{targets: [{{provider: silent, model: m}}, {{provider: good, model: m}}]}}
circuit_breaker: {{open_for: 1h}}
"""


class Providers:
    """One that answers at once, one that never does."""

    def __init__(self):
        self.silent_calls = 0
        self.ports = {}
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait()

    def run(self, ready):
        async def main():
            for name, serve in (("good", self.answer), ("silent", self.ignore)):
                server = await asyncio.start_server(serve, "127.0.0.1", 0)
                self.ports[name] = server.sockets[0].getsockname()[1]
            ready.set()
            await asyncio.Event().wait()

        asyncio.run(main())

    async def answer(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                await reader.readexactly(int(lengths[0].split(b":")[1]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                             % (len(ANSWER), ANSWER))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def ignore(self, reader, writer):
        self.silent_calls += 1
        await reader.read()
        writer.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("the gateway does not listen")


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(port, requests, providers):
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(model):
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]})
        began = time.perf_counter()
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            sys.exit(f"{model}: {reply.status}")
        return (time.perf_counter() - began) * 1000

    for model in ("refused", "silent"):
        print(f"{model}, first eight: " + ", ".join(f"{ask(model):.1f}" for _ in range(8)) + " ms")
    before = providers.silent_calls
    times = {model: [] for model in ("good", "refused", "silent")}
    for _ in range(requests):
        for model, taken in times.items():
            taken.append(ask(model))
    for model, taken in times.items():
        added = [mine - good for mine, good in zip(taken, times["good"])]
        print(f"{model:8} p50 {quantile(taken, .5):6.2f}  p99 {quantile(taken, .99):6.2f}  max {max(taken):6.2f} ms;  "
              f"added p50 {quantile(added, .5):5.2f}  p99 {quantile(added, .99):5.2f} ms")
    print(f"calls to the silent one meanwhile: {providers.silent_calls - before}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    providers = Providers()
    ports = {"port": free_port(), "admin": free_port(), "refused": free_port(), **providers.ports}
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "gatehouse.yaml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(CONFIG.format(directory=directory, **ports))
        gateway = subprocess.Popen([sys.argv[1], "serve", "--config", file], stdout=subprocess.DEVNULL)
        try:
            wait_for(ports["port"])
            measure(ports["port"], int(sys.argv[2]) if len(sys.argv) > 2 else 1000, providers)
        finally:
            gateway.terminate()
            gateway.wait()


if __name__ == "__main__":
    main()
