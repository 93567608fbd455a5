#!/usr/bin/env python3
"""Measures our Kubernetes informer beside client-go's, against the same canned server of 10,000 pods.

Every round runs each client once, in turn, so that a ratio compares what was measured within seconds. See
bench/README.md for what is counted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))

import testbed_binaries as go  # noqa: E402
from testbed_process import die_with_parent  # noqa: E402

MEGA = 1e6
# (name, what it is, unit, scale, the most that ours may be: of client-go's figure if it is a share)
FIGURES = [
    ("list_cpu_seconds", "list and decode, processor", "s", 1.0, ("share", 1 / 3)),
    ("list_seconds", "list and decode, elapsed", "s", 1.0, None),
    ("steady_bytes", "memory, steady growth", "MB", 1 / MEGA, ("limit", 40.0)),
    ("above_steady", "memory, peak above steady", "MB", 1 / MEGA, ("limit", 16.0)),
    ("watch_share", "watch, share of a core", "%", 100.0, ("limit", 3.0)),
]


class Failure(Exception):
    """Something that ends the measurement, with a message for people."""


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round and a short watch")
    parser.add_argument("--rounds", type=int, help="rounds (5; 1 with --quick)")
    parser.add_argument("--pods", type=int, default=10000)
    parser.add_argument("--rate", type=float, default=1000, help="events a second")
    parser.add_argument("--watch-events", type=int, help="events to watch (10,000; 2,000 with --quick)")
    parser.add_argument("--ours", type=Path, default=ROOT / "build/release/bin/bench-informer", help="our program")
    parser.add_argument("--only", choices=("client-go", "ours"), help="one client alone")
    parser.add_argument("--check", action="store_true", help="end with 1 if ours misses a goal")
    parser.add_argument("--json", metavar="FILE", help="write all figures of all rounds")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 5)
    arguments.watch_events = arguments.watch_events or (2000 if arguments.quick else 10000)
    return arguments


def build_informer():
    """Compiles informer/, at the versions its go.sum pins; None where there is no Go for it."""
    target = ROOT / "build" / "peers" / "informer"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        command, toolchain = go.go_command()
    except go.Unavailable as reason:
        print(f"client-go is left out: {reason}", file=sys.stderr)
        return None
    build = [command, "build", "-trimpath", "-o", str(target), "."]
    subprocess.run(build, cwd=HERE / "informer", env=go.go_environment(toolchain), check=True)
    return target


def clients_of(arguments):
    clients = {}
    if arguments.only != "ours":
        clients["client-go"] = build_informer()
    if arguments.only != "client-go":
        clients["ours"] = arguments.ours if arguments.ours.exists() else None
        if clients["ours"] is None:
            print(f"ours is left out: {arguments.ours} is not there", file=sys.stderr)
    found = {name: program for name, program in clients.items() if program}
    if not found:
        raise Failure("there is no client to measure")
    return found


class Server:
    """pod_server.py in a process of its own."""

    def __init__(self, arguments):
        command = [sys.executable, str(HERE / "pod_server.py"), f"--pods={arguments.pods}", f"--rate={arguments.rate}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise Failure("the server did not start")
        self.url = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def measure(program, server, arguments):
    command = [str(program), "--server", server.url, "--json"]
    command += ["--objects", str(arguments.pods), "--watch-events", str(arguments.watch_events)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, preexec_fn=die_with_parent)
    if done.returncode != 0:
        raise Failure(f"{program.name} ended with status {done.returncode}")
    figures = json.loads(done.stdout)
    figures["above_steady"] = max(0, figures["peak_bytes"] - figures["steady_bytes"])
    figures["watch_share"] = figures["watch_cpu_seconds"] / figures["watch_seconds"]
    return figures


def print_table(rounds, names):
    """Medians over the rounds. Returns whether ours met its goals."""
    met = True
    print(f"{'':28}" + "".join(f"{name:>12}" for name in names) + "   ours may be")
    for key, what, unit, scale, goal in FIGURES:
        medians = {name: scale * statistics.median(each[name][key] for each in rounds) for name in names}
        most = goal[1] if goal else None
        if goal and goal[0] == "share":
            most = medians["client-go"] * goal[1] if "client-go" in medians else None
        line = f"{what:28}" + "".join(f"{medians[name]:>9.2f} {unit:<2}" for name in names)
        if most is not None:
            missed = "ours" in medians and medians["ours"] > most
            met = met and not missed
            line += f"   {most:.2f} {unit}{'  MISSED' if missed else ''}"
        print(line)
    return met


def main():
    arguments = parse_arguments()
    try:
        clients = clients_of(arguments)
        rounds = []
        with Server(arguments) as server:
            for number in range(arguments.rounds):
                print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
                rounds.append({name: measure(program, server, arguments) for name, program in clients.items()})
    except Failure as failure:
        print(f"bench/peers: {failure}", file=sys.stderr)
        return 1
    if os.getloadavg()[0] > os.cpu_count():
        print("WARNING: other processes kept this machine busy; times are not to be trusted")
    met = print_table(rounds, list(clients))
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(rounds, indent=2) + "\n", encoding="utf-8")
    return 1 if arguments.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
