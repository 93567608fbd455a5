#!/usr/bin/env python3
"""Sums up what ctest ran: how many cases, which were skipped and why, which failed.

Usage: test_summary.py [NAME=JUNIT_FILE]…

Reads the JUnit files that `ctest --output-junit` writes. A skipped case of GoogleTest or of Python's unittest is one
inside a program that passed, so ctest's own summary does not show it; here each is named with its reason. Ends with 1
if no test ran.
"""

import re
import sys
import xml.etree.ElementTree
from dataclasses import dataclass, field
from pathlib import Path

RAN = re.compile(r"^\[={10}\] (\d+) tests? from \d+ test suites? ran\.")
RUN = re.compile(r"^\[ RUN      \] (\S+)")
SKIPPED = re.compile(r"^\[  SKIPPED \] (\S+) \(\d+ ms\)")
FAILED = re.compile(r"^\[  FAILED  \] ([^\s,]+).* \(\d+ ms\)")
# What unittest prints with verbosity=2.
PYTHON_RAN = re.compile(r"^Ran (\d+) tests? in ")
PYTHON_SKIPPED = re.compile(r"^(\w+) \(.*\) \.\.\. skipped ['\"](.*)['\"]$")
PYTHON_FAILED = re.compile(r"^(?:FAIL|ERROR): (\w+) \(")
REASON = re.compile(r"^\S+: Skipped$")


@dataclass
class Summary:
    """What one run of ctest did. `skipped` pairs a name with its reason."""

    programs: int = 0
    cases: int = 0
    skipped: list = field(default_factory=list)
    failed: list = field(default_factory=list)


def reason_in(lines):
    """The text after `file:line: Skipped`, on one line."""
    for index, line in enumerate(lines):
        if REASON.match(line):
            return " ".join(part.strip() for part in lines[index + 1 :] if part.strip()) or "no reason given"
    return "no reason given"


def read_cases(program, output, summary):
    """Adds the GoogleTest or unittest cases in a program's output; a program of another kind counts as one case.

    Returns whether a failed case was named."""
    lines = output.splitlines()
    counts = [int(match.group(1)) for line in lines if (match := RAN.match(line) or PYTHON_RAN.match(line))]
    named = len(summary.failed)
    begin = 0
    for index, line in enumerate(lines):
        if RUN.match(line):
            begin = index + 1
        elif match := SKIPPED.match(line):
            summary.skipped.append((f"{program}: {match.group(1)}", reason_in(lines[begin:index])))
        elif match := PYTHON_SKIPPED.match(line):
            summary.skipped.append((f"{program}: {match.group(1)}", match.group(2)))
        elif match := FAILED.match(line) or PYTHON_FAILED.match(line):
            if (name := f"{program}: {match.group(1)}") not in summary.failed:  # subtests fail under one name
                summary.failed.append(name)
    summary.cases += sum(counts) if counts else 1
    return len(summary.failed) > named


def read_junit(text):
    """Turns the text of one JUnit file into a Summary."""
    summary = Summary()
    for test in xml.etree.ElementTree.fromstring(text).iter("testcase"):
        name = test.get("name")
        output = test.findtext("system-out") or ""
        status = test.get("status")
        if status == "run":
            summary.programs += 1
            read_cases(name, output, summary)
        elif status == "fail":
            summary.programs += 1
            if not read_cases(name, output, summary):
                summary.failed.append(name)
        else:
            last = [line.strip() for line in output.splitlines() if line.strip()][-1:]
            summary.skipped.append((name, last[0] if last else f"ctest says {status}"))
    return summary


def print_summary(name, summary):
    print(
        f"{name}: {summary.programs} programs, {summary.cases} cases, "
        f"{len(summary.failed)} failed, {len(summary.skipped)} skipped"
    )
    for test, reason in summary.skipped:
        print(f"  skipped  {test}: {reason}")
    for test in summary.failed:
        print(f"  FAILED   {test}")


def main(arguments):
    print("\n== tests")
    ran = 0
    for argument in arguments:
        name, _, path = argument.partition("=")
        if not Path(path).is_file():
            print(f"{name}: ctest left no result")
            continue
        summary = read_junit(Path(path).read_text(encoding="utf-8", errors="replace"))
        print_summary(name, summary)
        ran += summary.programs
    if ran == 0:
        print("no test ran")
    return 0 if ran else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
