#!/usr/bin/env python3
"""Measures our router beside nginx and haproxy, in front of the same four backends.

Every round runs every cell against every program, one after the other, so that a ratio compares what was measured
within seconds. See bench/README.md for what the cells are and docs/benchmarks.md for the last results.
"""

import argparse
import json
import os
import signal
import sys
import time

import cells
import processes
import proxies
import report

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROXIES = {each.name: each for each in (proxies.Nginx, proxies.Haproxy, proxies.Router)}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two short rounds: under two minutes, rough figures")
    parser.add_argument("--rounds", type=int, help="rounds (7; 2 with --quick)")
    parser.add_argument("--only", help="programs, a comma list of nginx, haproxy, router")
    parser.add_argument("--cells", help="cells, a comma list of names or parts of names")
    parser.add_argument("--json", metavar="FILE", help="write all figures of all rounds")
    parser.add_argument("--markdown", metavar="FILE", help="write the table for docs/benchmarks.md")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "release", "bin"), help="where our binaries are")
    parser.add_argument("--router", metavar="FILE", help="the router's binary, if it is another")
    arguments = parser.parse_args()
    if arguments.rounds is None:
        arguments.rounds = 2 if arguments.quick else 7
    return arguments


def installed(arguments):
    """The programs to measure, and their versions; says which are left out."""
    proxies.Router.binary = os.path.abspath(arguments.router or os.path.join(arguments.bin, "kthena-router"))
    wanted = arguments.only.split(",") if arguments.only else list(PROXIES)
    unknown = [name for name in wanted if name not in PROXIES]
    if unknown:
        raise processes.Failure(f"--only: unknown {', '.join(unknown)}")
    versions = {name: PROXIES[name].version() for name in wanted}
    for name in [name for name, version in versions.items() if version is None]:
        if arguments.only:
            raise processes.Failure(f"{name} is not here")
        print(f"{name} is left out: it is not here", file=sys.stderr)
        del versions[name]
    for binary in ("bench-backend", "bench-loadgen"):
        if not os.path.exists(os.path.join(arguments.bin, binary)):
            raise processes.Failure(f"{arguments.bin}/{binary} is missing: cmake --build build/release --target {binary}")
    return versions


class Measurement:
    def __init__(self, arguments, versions, directory):
        self.arguments = arguments
        self.cells = cells.select(arguments.cells)
        self.versions = versions
        self.backends = processes.Backends(arguments.bin)
        scale = 0.4 if arguments.quick else 1.0
        self.context = cells.Context(processes.LoadGenerator(arguments.bin), self.backends, scale)
        self.under_test = {name: PROXIES[name](self.backends, os.path.join(directory, name)) for name in versions}
        self.direct = proxies.Direct(self.backends)
        self.rounds = []
        self.busy = []  # share of the machine that others used, per round

    def run(self):
        for number in range(self.arguments.rounds):
            self.say(f"round {number + 1} of {self.arguments.rounds}")
            clock = BusyClock()
            self.rounds.append(self.run_round(number))
            self.busy.append(clock.others())
        self.say("")

    def run_round(self, number):
        names = list(self.under_test)
        names = names[number % len(names):] + names[:number % len(names)]
        figures = {name: {} for name in names + ["direct"]}
        used = {name: {"connections": 0, "requests": 0, "calls": 1} for name in names}
        for proxy in self.under_test.values():
            self.say_part(f"starting {proxy.name}")
            proxy.start()
        for cell in [cell for cell in self.cells if not cell.fresh]:
            if cell.direct:
                self.say_part(f"{cell.name}, direct")
                figures["direct"].update(cell.measure(self.direct, self.context)[0])
            for name in names:
                self.say_part(f"{cell.name}, {name}")
                more, outcome = cell.measure(self.under_test[name], self.context)
                figures[name].update(more)
                used[name]["calls"] += outcome["calls"]
                if outcome["mode"] != "streams":  # which need a connection each
                    used[name]["connections"] += outcome["backend"]["model_connections"]
                    used[name]["requests"] += outcome["backend"]["requests"]
        time.sleep(1.1)  # nginx writes its log every second
        for name in names:
            self.finish_shared(self.under_test[name], figures[name], used[name])
        for cell in [cell for cell in self.cells if cell.fresh]:
            for name in names:
                self.say_part(f"{cell.name}, {name}")
                proxy = self.under_test[name].start()
                figures[name].update(cell.measure(proxy, self.context)[0])
                proxy.stop()
        return figures

    def finish_shared(self, proxy, figures, used):
        if used["requests"] > 0:
            figures["connections_per_1000"] = used["connections"] / used["requests"] * 1000
            figures["log_lines_per_1000"] = proxy.log_lines() / used["calls"] * 1000
        proxy.stop()

    @staticmethod
    def say(text):
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="\n" if text else "", file=sys.stderr, flush=True)
        elif text:
            print(text, file=sys.stderr, flush=True)

    @staticmethod
    def say_part(text):
        if sys.stderr.isatty():
            print(f"\r\033[K  {text}", end="", file=sys.stderr, flush=True)


class BusyClock:
    """How much of the machine processes other than ours have used since it was made."""

    def __init__(self):
        self.start = self.read()

    @staticmethod
    def read():
        """(busy seconds of all cores less ours, stolen seconds, wall). Of children that ended, their parent's figure tells."""
        with open("/proc/stat", encoding="ascii") as file:
            fields = [int(each) for each in file.readline().split()[1:9]]
        tick = os.sysconf("SC_CLK_TCK")
        user, nice, system, _, _, interrupts, soft, steal = fields
        ours = 0.0
        for pid in processes.tree_of(os.getpid()):
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                    parts = file.read().rsplit(")", 1)[1].split()
                ours += sum(int(each) for each in parts[11:15])
            except (OSError, IndexError):
                pass
        return ((user + nice + system + interrupts + soft) - ours) / tick, steal / tick, time.monotonic()

    def others(self):
        now = self.read()
        wall = now[2] - self.start[2]
        return max(0.0, (now[0] - self.start[0]) / wall), (now[1] - self.start[1]) / wall


def describe(measurement, arguments):
    versions = ", ".join(f"{name}: {version}" for name, version in measurement.versions.items())
    lines = [
        f"Machine: {report.machine()}; proxy on core {processes.core(processes.PROXY_CORE)}, backends and load on core "
        f"{processes.core(processes.LOAD_CORE)}.",
        f"Programs: {versions}. Commit {report.commit(ROOT)}.",
        f"{arguments.rounds} interleaved rounds{' (quick)' if arguments.quick else ''}; median (quartiles), then the "
        "ratio to nginx of the same round, × median (quartiles).",
    ]
    others = max(share for share, _ in measurement.busy)
    steal = max(share for _, share in measurement.busy)
    if others > 0.1 or steal > 0.02:
        lines.append(f"Disturbed: in the worst round other processes used {others:.2f} cores, and the host took "
                     f"{steal:.2f} cores away. Measure again on an idle machine.")
    return lines


def finish(measurement, arguments):
    summary = report.Summary(measurement.rounds, list(measurement.under_test))
    heading = describe(measurement, arguments)
    print("\n".join(heading) + "\n\n" + report.as_text(summary.table()))
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"machine": report.machine(), "commit": report.commit(ROOT), "versions": measurement.versions,
                       "quick": arguments.quick, "busy": measurement.busy, "rounds": measurement.rounds,
                       "summary": summary.to_json(), "failures": measurement.context.failures}, file, indent=1)
            file.write("\n")
    if arguments.markdown:
        with open(arguments.markdown, "w", encoding="utf-8") as file:
            file.write("\n".join(heading) + "\n\n" + report.as_markdown(summary.table()) + "\n")
    for failure in measurement.context.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if measurement.context.failures else 0


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with processes.measuring("router") as directory:
        os.sched_setaffinity(0, {processes.core(processes.LOAD_CORE)})
        measurement = Measurement(arguments, installed(arguments), directory)
        measurement.run()
        return finish(measurement, arguments)


if __name__ == "__main__":
    sys.exit(main())
