#!/usr/bin/env python3
"""Counts the instructions that a replayed request costs in the router, as a guard against regressions.

Instructions of the program alone, not of the kernel, under valgrind's callgrind; they repeat within about one percent
on any machine, unlike times. The cost of one request is the difference between many and few of them, so that start,
connects and polls do not count. Compared with reference.json; --update writes it anew.
"""

import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "bench", "router"))

import processes  # noqa: E402
import proxies  # noqa: E402

REFERENCE = os.path.join(HERE, "reference.json")
TOLERANCE = 0.05
# name: options of the load generator; calls is the smaller of the two counts
CASES = {
    "plain-1KiB": {"body_bytes": 1024, "calls": 300},
    "plain-16KiB": {"body_bytes": 16 * 1024, "calls": 200},
    "plain-220KiB": {"body_bytes": 220 * 1024, "calls": 40},
    "stream-20-events": {"body_bytes": 1024, "calls": 15, "events": 20, "interval_us": 3000},
}


class Counter:
    """A program under callgrind."""

    def __init__(self, proxy, directory):
        self.out = os.path.join(directory, "callgrind.out")
        proxy.prefix = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=yes", f"--callgrind-out-file={self.out}"]
        proxy.patience = 60.0
        self.proxy = proxy.start()
        self.pid = proxy.process.pid

    def control(self, *arguments):
        done = subprocess.run(["callgrind_control", *arguments, str(self.pid)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise processes.Failure(f"callgrind_control: {done.stdout}{done.stderr}")

    def instructions(self, work):
        """Instructions that the program executes while `work` runs."""
        self.control("--zero")
        for old in glob.glob(self.out + "*"):
            os.remove(old)
        work()
        self.control("--dump=bench")
        total = 0
        for path in glob.glob(self.out + "*"):
            with open(path, encoding="utf-8", errors="replace") as file:
                found = re.findall(r"^(?:totals|summary):\s+(\d+)", file.read(), re.MULTILINE)
            total += int(found[0]) if found else 0
        if total == 0:
            raise processes.Failure("callgrind wrote no totals")
        return total


def without_debug_information(program, directory):
    """A copy that valgrind can read: it gives up on what this compiler writes for debuggers, and needs names alone."""
    copy = os.path.join(directory, os.path.basename(program))
    subprocess.run(["objcopy", "--strip-debug", program, copy], check=True)
    return copy


def measure(counter, generator, options, repeats=1):
    """Instructions per call, the least of `repeats`."""
    few = options["calls"]
    many = 3 * few

    def run(calls):
        report = generator.run("saturate", counter.proxy.target, connections=1, timeout=120,
                               **{**options, "calls": calls})
        if "failed" in report:
            raise processes.Failure(report["failed"])

    run(few)  # pools and caches fill
    costs = []
    for _ in range(repeats):
        base = counter.instructions(lambda: run(few))
        costs.append((counter.instructions(lambda: run(many)) - base) / (many - few))
    return min(costs)


def compare(name, cost, reference):
    """A line for people, and whether it is within the tolerance."""
    if name not in reference:
        return f"{name:20} {cost:12.0f}  no reference", True
    change = cost / reference[name] - 1
    verdict = "ok" if abs(change) <= TOLERANCE else "MORE" if change > 0 else "less: update the reference"
    return f"{name:20} {cost:12.0f}  reference {reference[name]:.0f}  {change:+.1%}  {verdict}", change <= TOLERANCE


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "release", "bin"))
    parser.add_argument("--program", choices=["router", "haproxy"], default="router",
                        help="haproxy: for comparison, without a reference")
    parser.add_argument("--cases", help="a comma list of " + ", ".join(CASES))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--update", action="store_true", help="write reference.json")
    parser.add_argument("--keep", metavar="DIR", help="copy the last callgrind.out files there")
    arguments = parser.parse_args()
    chosen = {name: options for name, options in CASES.items()
              if not arguments.cases or name in arguments.cases.split(",")}

    reference = {}
    if arguments.program == "router" and os.path.exists(REFERENCE):
        with open(REFERENCE, encoding="utf-8") as file:
            reference = json.load(file)
    good = True
    with processes.measuring("callgrind") as directory:
        backends = processes.Backends(arguments.bin)
        generator = processes.LoadGenerator(arguments.bin)
        kind = {"router": proxies.Router, "haproxy": proxies.Haproxy}[arguments.program]
        proxies.Router.binary = without_debug_information(os.path.join(arguments.bin, "kthena-router"), directory)
        proxies.Router.environment = {"METRICS_SCRAPE_INTERVAL": "1h"}
        if kind.version() is None:
            raise processes.Failure(f"{arguments.program} is not here")
        counter = Counter(kind(backends, os.path.join(directory, arguments.program)), directory)
        costs = {}
        for name, options in chosen.items():
            costs[name] = measure(counter, generator, options, arguments.repeats)
            line, within = compare(name, costs[name], reference)
            print(line, flush=True)
            good = good and within
        if arguments.keep:
            for path in glob.glob(counter.out + "*"):
                shutil.copy(path, arguments.keep)
        if arguments.update and arguments.program == "router":
            with open(REFERENCE, "w", encoding="utf-8") as file:
                json.dump({**reference, **{name: round(cost) for name, cost in costs.items()}}, file, indent=1)
                file.write("\n")
    return 0 if good or arguments.update else 1


if __name__ == "__main__":
    sys.exit(main())
