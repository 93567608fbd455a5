#!/usr/bin/env python3
"""Runs tools/quickstart and checks what it shows and that nothing of it is left, however it ends.

Usage: quickstart_test.py simulated|real BIN [UNITTEST_ARGUMENT]…

`real` installs Python packages and weights; where they cannot be had it ends with 77 and says why.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MARK = "KTHENA_QUICKSTART_TEST"
NO_PACKAGES = "the packages could not be installed"

mode = "simulated"
programs = ""


def processes_with(mark):
    """Ids of all processes that inherited this mark in their environment and still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # it ended, or is a kernel thread, or a zombie
            continue
    return found


def eventually(condition, seconds=30):
    """Asks until the condition holds; answers whether it did."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Run:
    """One tools/quickstart in a session of its own, as a terminal would start it."""

    def __init__(self, *arguments):
        self.mark = uuid.uuid4().hex
        self.work = tempfile.TemporaryDirectory(prefix="kthena-quickstart-")
        self.output_path = Path(self.work.name) / "output"
        command = [str(ROOT / "tools/quickstart"), "--bin", programs, "--work", self.work.name, *arguments]
        if mode == "simulated":
            command.append("--simulated")
        with self.output_path.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, MARK: self.mark},
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def output(self):
        return self.output_path.read_text(encoding="utf-8", errors="replace")

    def wait_until_kept(self):
        return eventually(lambda: "Running until Ctrl-C" in self.output() or self.process.poll() is not None, 120)

    def close(self):
        """Leaves nothing behind even if the test failed."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        for process in processes_with(self.mark):
            os.kill(process, signal.SIGKILL)
        self.work.cleanup()


class Quickstart(unittest.TestCase):
    def start(self, *arguments):
        run = Run(*arguments)
        self.addCleanup(run.close)
        return run

    def assert_nothing_left(self, run):
        self.assertTrue(
            eventually(lambda: not processes_with(run.mark), 10), f"left: {processes_with(run.mark)}\n{run.output()}"
        )

    def test_streams_an_answer_says_who_gave_it_and_leaves_nothing(self):
        run = self.start()
        self.assertEqual(run.process.wait(500), 0, run.output())
        output = run.output()
        self.assertRegex(output, r"\n   gemma-[01] at 127\.0\.0\.[23]:\d+\n")
        self.assertRegex(output, r'access log: \[.*\] "POST /v1/completions HTTP/1\.1" 200 .*selected_pod=gemma-[01] ')
        self.assertRegex(output, r"Once upon a time, in a small harbour town,[^=]*\w+ \w+")
        self.assertRegex(output, r"\n   total +\d+\.\d s\n")
        self.assert_nothing_left(run)

    def test_ctrl_c_ends_what_was_kept_running(self):
        run = self.start("--keep")
        self.assertTrue(run.wait_until_kept(), run.output())
        self.assertGreaterEqual(len(processes_with(run.mark)), 4, run.output())
        os.killpg(run.process.pid, signal.SIGINT)
        self.assertEqual(run.process.wait(20), 130, run.output())
        self.assert_nothing_left(run)

    def test_kill_9_of_the_script_ends_what_it_started(self):
        run = self.start("--keep")
        self.assertTrue(run.wait_until_kept(), run.output())
        run.process.kill()
        run.process.wait(20)
        self.assert_nothing_left(run)

    def test_an_engine_that_cannot_start_is_reported_and_leaves_nothing(self):
        if mode != "simulated":
            self.skipTest("the real engines take no wrong flag here")
        broken = Path(tempfile.mkdtemp(prefix="kthena-broken-"))
        self.addCleanup(lambda: subprocess.run(["rm", "-rf", str(broken)], check=True))
        (broken / "kthena-router").symlink_to(Path(programs) / "kthena-router")
        engine = broken / "kthena-engine-simulator"
        engine.write_text("#!/bin/sh\necho no room for a model >&2\nexit 3\n")
        engine.chmod(0o755)
        run = self.start("--bin", str(broken))
        self.assertEqual(run.process.wait(60), 1, run.output())
        self.assertIn("engine 0 ended before it was ready", run.output())
        self.assertIn("no room for a model", run.output())
        self.assert_nothing_left(run)


def main(arguments):
    global mode, programs
    mode, programs = arguments[0], arguments[1]
    if mode == "real":
        # Once, so that a machine without a package index skips all of it; what follows finds everything in place.
        run = Run()
        run.process.wait(560)
        missing = NO_PACKAGES in run.output()
        run.close()
        if missing:
            print("llama.cpp and its weights cannot be installed here (no Python package index?)")
            return 77
    return 0 if unittest.main(argv=[sys.argv[0], *arguments[2:]], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
