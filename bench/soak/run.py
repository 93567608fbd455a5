#!/usr/bin/env python3
"""Thousands of streams through the router while one of four engines is killed, or while the router is told to stop.

Every stream's content is known, so each is judged to the byte. Passes when every stream of the engines that live is
exact, every stream of the killed one ends with an error event and an abort, and the router then holds no descriptor
more than before and ends cleanly on SIGTERM (under a sanitizer: without a leak). With --terminate nothing is killed: the
router gets SIGTERM while all streams run, and must finish every one of them before it ends.
"""

import argparse
import json
import os
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bench", "router"))

import processes  # noqa: E402
import proxies  # noqa: E402


class SeparateBackends(processes.Backends):
    """Four backends in four processes, so that one can die."""

    def __init__(self, binaries):
        self.port = processes.free_port(self.HOSTS)
        self.addresses = [f"{host}:{self.port}" for host in self.HOSTS]
        program = os.path.join(binaries, "bench-backend")
        self.each = [processes.start([program, "--listen", address], on_core=processes.LOAD_CORE)
                     for address in self.addresses]
        for address in self.addresses:
            processes.wait_until(lambda at=address: processes.get(f"http://{at}/health")[0] == 200, f"start of {address}")

    def streams(self):
        """Streams that have reached all backends together."""
        total = 0
        for address in self.addresses:
            status, body = processes.get(f"http://{address}/stats", timeout=30)
            total += json.loads(body)["streams"] if status == 200 else 0
        return total

    def number(self, index):
        """How the load generator names a backend: by the last octet."""
        return self.HOSTS[index].rsplit(".", 1)[1]


def descriptors(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def resident_mib(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            total += int(file.read().split()[1])
    return total * os.sysconf("SC_PAGESIZE") / (1 << 20)


class Soak:
    def __init__(self, arguments, directory):
        self.arguments = arguments
        self.backends = SeparateBackends(arguments.bin)
        kind = {each.name: each for each in (proxies.Router, proxies.Nginx, proxies.Haproxy)}[arguments.program]
        proxies.Router.binary = os.path.join(arguments.bin, "kthena-router")
        if kind.version() is None:
            raise processes.Failure(f"{arguments.program} is not here")
        self.proxy = kind(self.backends, os.path.join(directory, kind.name))
        self.problems = []

    def run(self):
        self.proxy.patience = 60.0
        self.proxy.start()
        pids = self.proxy.pids()
        before = descriptors(pids)
        report = {}
        load = threading.Thread(target=lambda: report.update(self.load()))
        load.start()
        streams = self.arguments.streams
        processes.wait_until(lambda: self.backends.streams() >= streams or not load.is_alive(),
                             f"arrival of {streams} streams", 120)
        time.sleep(1.5)
        print(f"{streams} streams open: {descriptors(pids)} descriptors, {resident_mib(pids):.1f} MiB", flush=True)
        if self.arguments.terminate:
            self.proxy.process.terminate()
            print("told the router to stop", flush=True)
        elif not self.arguments.no_kill:
            self.backends.each[0].kill()
            print(f"killed engine {self.backends.HOSTS[0]}", flush=True)
        load.join()
        self.judge(report)
        if not self.arguments.terminate:
            self.look_for_leaks(pids, before)
            self.proxy.process.terminate()
        self.end()

    def load(self):
        generator = processes.LoadGenerator(self.arguments.bin)
        a = self.arguments
        try:
            return generator.run("streams", self.proxy.target, connections=a.streams, open_rate=float(a.open_rate),
                                 events=a.events, interval_us=a.interval_ms * 1000, settle=0.1, seconds=0.1,
                                 timeout=60, tolerant=True)
        except (processes.Failure, ValueError) as failure:
            self.problems.append(f"load generator: {failure}")
            return {}

    def judge(self, report):
        print("all:", json.dumps(report.get("outcomes", {})), flush=True)
        spared = self.arguments.no_kill or self.arguments.terminate
        killed = None if spared else self.backends.number(0)
        for backend, outcomes in sorted(report.get("by_backend", {}).items()):
            expected = "error_then_abort" if backend == killed else "exact"
            wrong = {kind: count for kind, count in outcomes.items() if kind != expected}
            print(f"  engine {backend}: {json.dumps(outcomes)}, expected {expected}")
            if wrong:
                self.problems.append(f"streams of engine {backend} that should be {expected}: {wrong}")
        if sum(report.get("outcomes", {}).values()) != self.arguments.streams:
            self.problems.append("not every stream was judged")
        for complaint in report.get("complaints", [])[:2]:
            print("  for example:", complaint[:400])

    def look_for_leaks(self, pids, before):
        """With all peers gone, the pools of connections must be empty too."""
        for backend in self.backends.each:
            processes.stop(backend)
        deadline = time.monotonic() + 10
        while descriptors(pids) > before and time.monotonic() < deadline:
            time.sleep(0.1)
        after = descriptors(pids)
        print(f"afterwards: {after} descriptors (before: {before}), {resident_mib(pids):.1f} MiB")
        if after > before:
            self.problems.append(f"{after - before} descriptors are left")

    def end(self):
        process = self.proxy.process
        try:
            code = process.wait(30)
        except processes.subprocess.TimeoutExpired:
            code = "no end within 30 s"
        if code != 0 and self.arguments.program == "router":
            self.problems.append(f"end on SIGTERM: {code}\n{self.proxy.last_words()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "release", "bin"))
    parser.add_argument("--program", choices=["router", "nginx", "haproxy"], default="router")
    parser.add_argument("--streams", type=int, default=9000)
    parser.add_argument("--open-rate", type=int, default=2500, help="streams begun per second")
    parser.add_argument("--events", type=int, default=14)
    parser.add_argument("--interval-ms", type=int, default=1000)
    parser.add_argument("--no-kill", action="store_true", help="let all engines live")
    parser.add_argument("--terminate", action="store_true", help="stop the router instead, while all streams run")
    arguments = parser.parse_args()
    with processes.measuring("soak") as directory:
        soak = Soak(arguments, directory)
        soak.run()
    for problem in soak.problems:
        print(f"FAILED {problem}", file=sys.stderr)
    print("passed" if not soak.problems else "failed")
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
