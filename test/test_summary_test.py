#!/usr/bin/env python3
"""Tests tools/test_summary.py."""

import contextlib
import io
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import test_summary

JUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux" tests="5" failures="3" disabled="0" skipped="1" hostname="" time="1">
  <testcase name="net_test" classname="net_test" time="0.1" status="run"><system-out>[==========] Running 2 tests
[ RUN      ] Dns.AsksTheSystemResolver
/net/dns_test.cc:12: Skipped
no name server
in this sandbox

[  SKIPPED ] Dns.AsksTheSystemResolver (0 ms)
[ RUN      ] Dns.ReadsNumbers
[       OK ] Dns.ReadsNumbers (0 ms)
[==========] 2 tests from 1 test suite ran. (0 ms total)
[  PASSED  ] 1 test.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Dns.AsksTheSystemResolver
</system-out></testcase>
  <testcase name="json_test" classname="json_test" time="0.1" status="fail"><failure message=""/><system-out>
[ RUN      ] Parse.RefusesDepth/7
x.cc:1: Failure
[  FAILED  ] Parse.RefusesDepth/7, where GetParam() = 7 (3 ms)
[==========] 31 tests from 2 test suites ran. (0 ms total)
[  FAILED  ] 1 test, listed below:
[  FAILED  ] Parse.RefusesDepth/7, where GetParam() = 7
</system-out></testcase>
  <testcase name="crash_test" classname="crash_test" time="0.1" status="fail"><failure message=""/>
    <system-out>Segmentation fault</system-out></testcase>
  <testcase name="bed_test" classname="bed_test" time="0.1" status="fail"><failure message=""/><system-out>
test_a_watch_goes_on (__main__.BedTest.test_a_watch_goes_on) ... skipped 'KTHENA_TESTBED_COMPACT is not set'
test_objects_stay (__main__.BedTest.test_objects_stay) ... 
======================================================================
FAIL: test_objects_stay (__main__.BedTest.test_objects_stay) (kind='Pod')
FAIL: test_objects_stay (__main__.BedTest.test_objects_stay) (kind='Node')
Ran 2 tests in 0.1s
</system-out></testcase>
  <testcase name="scripts" classname="scripts" time="0.1" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>
    <system-out>shellcheck is not installed
</system-out></testcase>
</testsuite>
"""


class TestSummary(unittest.TestCase):
    def setUp(self):
        self.summary = test_summary.read_junit(JUNIT)

    def test_counts_programs_and_their_cases(self):
        self.assertEqual((self.summary.programs, self.summary.cases), (4, 2 + 31 + 1 + 2))

    def test_names_each_skipped_case_once_with_its_reason(self):
        self.assertEqual(
            self.summary.skipped,
            [
                ("net_test: Dns.AsksTheSystemResolver", "no name server in this sandbox"),
                ("bed_test: test_a_watch_goes_on", "KTHENA_TESTBED_COMPACT is not set"),
                ("scripts", "shellcheck is not installed"),
            ],
        )

    def test_names_failed_cases_and_programs_that_died(self):
        self.assertEqual(self.summary.failed, ["json_test: Parse.RefusesDepth/7", "crash_test", "bed_test: test_objects_stay"])

    def test_no_result_at_all_is_a_failure(self):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            self.assertEqual(test_summary.main(["dev=does/not/exist.xml"]), 1)
        self.assertIn("no test ran", output.getvalue())


if __name__ == "__main__":
    unittest.main()
