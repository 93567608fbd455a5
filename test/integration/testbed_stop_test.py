#!/usr/bin/env python3
"""Does tools/testbed leave nothing behind, however it ends? With real servers; ends with 77 where there are none."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "testbed"


class TestbedStopTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.environment = dict(os.environ, TMPDIR=scratch.name)
        self.environment.pop("KTHENA_TESTBED_DIR", None)

    def eventually(self, is_so):
        deadline = time.monotonic() + 30
        while not is_so():
            self.assertLess(time.monotonic(), deadline, "not in time")
            time.sleep(0.02)

    def processes(self, part=""):
        """Ids of the processes whose command line names a file in our scratch folder, and `part`."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = Path(f"/proc/{entry}/cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(self.scratch) in command and part in command:
                found.append(int(entry))
        return found

    def start_run(self, script):
        """`tools/testbed run sh -c script`, once the script has said `running`."""
        command = [sys.executable, str(TOOL), "run", "sh", "-c", script]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "running\n")
        return process

    def run_tool(self, *arguments):
        command = [sys.executable, str(TOOL), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=120)

    def assert_nothing_left(self):
        self.assertEqual(self.processes(), [])
        self.assertEqual(list(self.scratch.iterdir()), [])

    def test_a_signal_ends_servers_command_and_what_the_command_left(self):
        run = self.start_run("sleep 600 & echo running; exec sleep 601")
        self.assertGreater(len(self.processes("etcd")), 0)
        run.send_signal(signal.SIGTERM)
        errors = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 128 + signal.SIGTERM)
        self.assertIn("the command left a process behind", errors)
        self.assert_nothing_left()

    def test_the_status_of_the_command_is_that_of_the_run(self):
        self.assertEqual(self.run_tool("run", "sh", "-c", "exit 7").returncode, 7)
        self.assert_nothing_left()

    def test_servers_die_with_a_run_that_is_killed_and_the_next_one_cleans_up(self):
        run = self.start_run("echo running; exec sleep 600")
        self.assertGreater(len(self.processes("etcd")), 0)
        run.kill()
        run.wait()
        self.eventually(lambda: not self.processes())
        self.assertEqual(len(list(self.scratch.iterdir())), 1)
        self.assertEqual(self.run_tool("run", "true").returncode, 0)
        self.assert_nothing_left()

    def test_a_server_that_dies_ends_the_run(self):
        run = self.start_run("echo running; exec sleep 600")
        (server,) = self.processes("--secure-port=")
        os.kill(server, signal.SIGKILL)
        errors = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 1)
        self.assertIn("kube-apiserver ended with status -9", errors)
        self.assert_nothing_left()

    def test_a_bed_that_stays_is_started_once_and_stopped(self):
        bed = ("--dir", str(self.scratch / "bed"))
        self.assertEqual(self.run_tool(*bed, "start").returncode, 0)
        servers = self.processes()
        self.assertIn("already running", self.run_tool(*bed, "start").stderr)
        self.assertEqual(self.processes(), servers)
        self.assertIn("export KUBECONFIG=", self.run_tool(*bed, "env").stdout)
        self.assertEqual(self.run_tool(*bed, "stop").returncode, 0)
        self.eventually(lambda: not self.processes())
        self.assert_nothing_left()


if __name__ == "__main__":
    probe = subprocess.run([sys.executable, str(TOOL), "run", "true"], capture_output=True, text=True, check=False)
    if probe.returncode == 77:
        print(probe.stdout, end="")
        sys.exit(77)
    unittest.main(verbosity=2)
