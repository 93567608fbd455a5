#!/usr/bin/env python3
"""Tests tools/testbed with stand-ins for Go and for the servers: nothing is built, nothing of the machine is changed."""

import os
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / "tools"
sys.path.insert(0, str(TOOLS))

import testbed_binaries as binaries  # noqa: E402

# Says it is Go 1.24, and "builds" by writing the name of the program into the file, noting each build.
GO = """#!/bin/sh
case "$1" in
  version) echo "go version go1.24.1 linux/amd64" ;;
  list) [ -z "$FAKE_LIST_FAILS" ] || { echo "dial tcp: no such host" >&2; exit 1; }; echo one two three ;;
  build)
    echo "$*" >>"$FAKE_BUILDS"
    [ -z "$FAKE_BUILD_FAILS" ] || { echo "does not compile" >&2; exit 1; }
    for word; do [ "$previous" = -o ] && target="$word"; previous="$word"; done
    echo built >"$target"; chmod +x "$target" ;;
esac
"""


class TestbedToolTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.temporary = self.make_folder("tmp")
        self.builds = self.scratch / "builds"
        self.builds.touch()
        self.program("bin/go", GO)
        self.environment = dict(os.environ, XDG_CACHE_HOME=str(self.scratch / "cache"), TMPDIR=str(self.temporary))
        self.environment.update({"FAKE_BUILDS": str(self.builds), "PATH": f"{self.scratch}/bin:{os.environ['PATH']}"})
        self.environment.pop("KUBEBUILDER_ASSETS", None)
        self.environment.pop("KTHENA_TESTBED_DIR", None)

    def make_folder(self, name):
        folder = self.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def program(self, name, text):
        path = self.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def run_tool(self, *arguments, **environment):
        command = [sys.executable, str(TOOLS / "testbed"), *arguments]
        full = dict(self.environment, **environment)
        return subprocess.run(command, env=full, capture_output=True, text=True, check=False, timeout=60)

    def assert_nothing_left(self):
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_without_binaries_a_test_is_skipped_and_the_last_line_says_why(self):
        done = self.run_tool("run", "true")
        self.assertEqual(done.returncode, 77)
        self.assertIn("tools/testbed build makes them", done.stdout.splitlines()[-1])
        self.assert_nothing_left()

    def test_assets_that_lack_a_program_are_named(self):
        self.program("assets/etcd", "")
        done = self.run_tool("run", "true", KUBEBUILDER_ASSETS=str(self.scratch / "assets"))
        self.assertEqual(done.returncode, 77)
        self.assertIn("has no kube-apiserver, kubectl", done.stdout)

    def test_a_build_is_made_once(self):
        for _ in range(2):
            done = self.run_tool("build")
            self.assertEqual(done.returncode, 0, done.stderr)
        folder = Path(done.stdout.strip())
        self.assertEqual(folder, self.scratch / "cache/kthena/testbed" / binaries.version())
        self.assertEqual(sorted(path.name for path in folder.iterdir()), sorted(binaries.PACKAGES))
        builds = self.builds.read_text(encoding="utf-8")
        self.assertEqual(len(builds.splitlines()), len(binaries.PACKAGES))
        self.assertIn(f"gitVersion=v{binaries.version()} ", builds)

    def test_two_builds_at_once_are_one(self):
        threads = [threading.Thread(target=self.run_tool, args=("build",)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.builds.read_text(encoding="utf-8").splitlines()), len(binaries.PACKAGES))

    def test_a_failed_build_leaves_nothing_in_place(self):
        done = self.run_tool("build", FAKE_BUILD_FAILS="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not compile", done.stderr)
        left = [path.name for path in (self.scratch / "cache/kthena/testbed").iterdir()]
        self.assertEqual(left, [f"{binaries.version()}.lock"])

    def test_no_network_is_a_reason_to_skip(self):
        done = self.run_tool("build", FAKE_LIST_FAILS="1")
        self.assertEqual(done.returncode, 77)
        self.assertIn("cannot be fetched: dial tcp: no such host", done.stdout.splitlines()[-1])

    def test_no_go_is_a_reason_to_skip(self):
        with unittest.mock.patch.object(binaries, "go_version", return_value=None):
            with self.assertRaisesRegex(binaries.Unavailable, "there is no Go"):
                binaries.go_command()

    def test_a_go_that_can_fetch_a_newer_one_is_told_to(self):
        for version, expected in {(1, 24): "local", (1, 30): "local", (1, 22): binaries.TOOLCHAIN}.items():
            with unittest.mock.patch.object(binaries, "go_version", return_value=version):
                self.assertEqual(binaries.go_command()[1], expected)

    def test_a_server_that_dies_is_reported_with_its_log(self):
        self.program("assets/etcd", "#!/bin/sh\necho the disk is full >&2\nexit 3\n")
        for name in ("kube-apiserver", "kubectl"):
            self.program(f"assets/{name}", "#!/bin/sh\n")
        for command in (["run", "true"], ["--dir", str(self.temporary / "bed"), "start"]):
            done = self.run_tool(*command, KUBEBUILDER_ASSETS=str(self.scratch / "assets"))
            self.assertEqual(done.returncode, 1)
            self.assertIn("etcd ended with status 3", done.stderr)
            self.assertIn("the disk is full", done.stderr)
            self.assert_nothing_left()

    def test_a_folder_that_is_no_bed_is_not_touched(self):
        for name in binaries.NEEDED:
            self.program(f"assets/{name}", "#!/bin/sh\n")
        mine = self.make_folder("tmp/mine")
        (mine / "thesis.txt").touch()
        for command in ("start", "stop"):
            done = self.run_tool("--dir", str(mine), command, KUBEBUILDER_ASSETS=str(self.scratch / "assets"))
            self.assertEqual(done.returncode, 1 if command == "start" else 0, done.stderr)
            self.assertTrue((mine / "thesis.txt").exists())

    def test_the_folder_of_a_killed_run_is_swept_up_by_the_next(self):
        killed = self.make_folder("tmp/kthena-testbed-killed")
        (killed / "lock").touch()
        self.program("assets/etcd", "#!/bin/sh\nexit 3\n")
        for name in ("kube-apiserver", "kubectl"):
            self.program(f"assets/{name}", "#!/bin/sh\n")
        self.run_tool("run", "true", KUBEBUILDER_ASSETS=str(self.scratch / "assets"))
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main(verbosity=2)
