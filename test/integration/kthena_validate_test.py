#!/usr/bin/env python3
"""`kthena validate` as a process: what the tree shows its users passes, and what is wrong is said in its exit status.

Usage: kthena_validate_test.py DIRECTORY_OF_BINARIES [unittest arguments]
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from manifest_cases import MANIFESTS, written_cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(".")

ROUTE = """apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelRoute
metadata: {name: r}
spec:
  modelName: m
  rules: []
"""


def validate(*arguments, text=""):
    return subprocess.run([BINARIES / "kthena", "validate", *arguments], input=text, capture_output=True, text=True,
                          timeout=120)


class ValidateTest(unittest.TestCase):
    def test_examples_have_no_flaw(self):
        run = validate("--strict", str(ROOT / "examples"))
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        self.assertRegex(run.stdout, r"^\d+ files, \d+ objects: 0 errors, 0 warnings\n$")

    def test_manifests_in_the_reference_have_no_flaw(self):
        pages = 0
        for page in sorted((ROOT / "docs" / "reference").glob("*.md")):
            for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL):
                if "apiVersion:" in block:
                    run = validate("--strict", "-", text=block)
                    self.assertEqual(run.returncode, 0, f"{page.name}: {run.stdout}")
                    pages += 1
        self.assertGreater(pages, 3)

    def test_what_a_cluster_takes_is_taken(self):
        run = validate(str(MANIFESTS / "accepted"))
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_what_a_cluster_refuses_is_refused_in_its_words(self):
        cases = [*written_cases("refused"), *written_cases("denied")]
        self.assertGreater(len(cases), 100)
        for case in cases:
            with self.subTest(where=case.where):
                run = validate("--strict", "-", text=case.text)
                self.assertEqual(run.returncode, 1, run.stdout)
                for words in [case.refused] if case.refused else case.denied:
                    self.assertIn(words, run.stdout)

    def test_what_a_cluster_warns_of_is_a_warning(self):
        for case in written_cases("warned"):
            with self.subTest(where=case.where):
                run = validate("-", text=case.text)
                self.assertEqual(run.returncode, 0, run.stdout)
                for line in case.warned:
                    self.assertIn(f"warning: {line}\n", run.stdout)

    def test_errors_are_status_1_with_file_and_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "route.yaml"
            path.write_text(ROUTE.replace("modelName: m", "modelName: 7"))
            run = validate(folder)
            self.assertEqual(run.returncode, 1)
            self.assertTrue(run.stdout.startswith(f"{path}:5: spec.modelName: Invalid value: "), run.stdout)

    def test_json_is_for_programs(self):
        run = validate("-o", "json", "-", text=ROUTE + "  rulez: []\n")
        report = json.loads(run.stdout)
        self.assertEqual(run.returncode, 0)
        self.assertEqual([(f["line"], f["severity"], f["path"]) for f in report["findings"]],
                         [(7, "warning", "spec.rulez")])

    def test_misuse_is_status_2(self):
        for arguments in (["--unknown", "-"], ["/no/such/file.yaml"], [], ["-o", "xml", "-"]):
            run = validate(*arguments)
            self.assertEqual(run.returncode, 2, arguments)
            self.assertTrue(run.stderr.startswith("kthena validate: "), run.stderr)

    def test_bytes_that_are_no_text_are_a_finding(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "binary.yaml"
            path.write_bytes(bytes(range(256)) * 64)
            run = validate(str(path))
            self.assertEqual(run.returncode, 1, run.stdout)

    def test_a_directory_that_cannot_be_read_hides_no_other(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            root.chmod(0o755)
            for name in "abc":
                (root / name).mkdir()
                (root / name / "route.yaml").write_text(ROUTE)
            (root / "b").chmod(0)
            try:
                # root may read everything; so as somebody else.
                identity = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
                with open(BINARIES / "kthena", "rb") as program:
                    run = subprocess.run([f"/proc/self/fd/{program.fileno()}", "validate", folder], capture_output=True, text=True,
                                         timeout=120, pass_fds=[program.fileno()], **identity)
            finally:
                (root / "b").chmod(0o755)
            self.assertEqual((run.returncode, run.stderr), (2, f"kthena validate: {root}/b: Permission denied\n"))
            self.assertEqual(run.stdout, "2 files, 2 objects: 0 errors, 0 warnings\n")

    def test_output_that_cannot_be_written_is_status_2(self):
        with open("/dev/full", "w") as full:
            run = subprocess.run([BINARIES / "kthena", "validate", "-"], input=ROUTE, stdout=full, stderr=subprocess.PIPE, text=True,
                                 timeout=120)
        self.assertEqual((run.returncode, run.stderr), (2, "kthena: the output could not be written\n"))


if __name__ == "__main__":
    BINARIES = pathlib.Path(sys.argv.pop(1))
    unittest.main()
