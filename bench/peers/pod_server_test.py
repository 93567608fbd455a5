#!/usr/bin/env python3
"""Tests pod_server.py: what it serves is what clients of a Kubernetes API server expect."""

import http.client
import json
import subprocess
import sys
import unittest
import urllib.parse
from pathlib import Path

PODS, SIZE = 25, 7000


class PodServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        program = Path(__file__).resolve().parent / "pod_server.py"
        command = [sys.executable, str(program), f"--pods={PODS}", f"--bytes={SIZE}", "--rate=5000"]
        cls.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        cls.address = urllib.parse.urlsplit(cls.process.stdout.readline().split()[-1]).netloc

    @classmethod
    def tearDownClass(cls):
        cls.process.kill()
        cls.process.wait()
        cls.process.stdout.close()

    def open(self, path):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        return connection.getresponse()

    def get(self, path):
        return json.loads(self.open(path).read())

    def events(self, options=""):
        for line in self.open(f"/api/v1/pods?watch=1{options}"):
            yield json.loads(line)

    def test_pages_hold_every_pod_once(self):
        names, sizes, following = [], [], ""
        while True:
            page = self.get(f"/api/v1/pods?limit=10&continue={following}")
            self.assertEqual((page["kind"], page["apiVersion"]), ("PodList", "v1"))
            names += [pod["metadata"]["name"] for pod in page["items"]]
            sizes.append(len(page["items"]))
            following = page["metadata"].get("continue", "")
            if not following:
                break
            self.assertEqual(page["metadata"]["remainingItemCount"], PODS - len(names))
        self.assertEqual(sizes, [10, 10, 5])
        self.assertEqual(len(set(names)), PODS)

    def test_without_a_limit_there_is_one_page_and_pods_have_the_size_asked_for(self):
        items = self.get("/api/v1/pods")["items"]
        self.assertEqual(len(items), PODS)
        for pod in items:
            self.assertEqual(len(json.dumps(pod, separators=(",", ":"))), SIZE)
            self.assertEqual([each["manager"] for each in pod["metadata"]["managedFields"]][1], "kubelet")

    def test_events_change_pods_in_turn_with_rising_versions(self):
        last = int(self.get("/api/v1/pods")["metadata"]["resourceVersion"])
        events = self.events()
        for number in range(2 * PODS):
            event = next(events)
            pod = event["object"]
            self.assertEqual(event["type"], "MODIFIED")
            self.assertEqual((pod["kind"], pod["apiVersion"]), ("Pod", "v1"))
            self.assertTrue(pod["metadata"]["name"].endswith(f"-{number % PODS:05d}"))
            self.assertGreater(int(pod["metadata"]["resourceVersion"]), last)
            last = int(pod["metadata"]["resourceVersion"])
            ready = {each["type"]: each["status"] for each in pod["status"]["conditions"]}["Ready"]
            self.assertEqual(ready, "False" if number < PODS else "True")

    def test_a_streamed_list_ends_with_its_bookmark(self):
        events = self.events("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
        kinds = [next(events) for _ in range(PODS + 2)]
        self.assertEqual([each["type"] for each in kinds], ["ADDED"] * PODS + ["BOOKMARK", "MODIFIED"])
        self.assertIn("k8s.io/initial-events-end", kinds[PODS]["object"]["metadata"]["annotations"])

    def test_what_is_not_pods_is_not_found(self):
        answer = self.open("/api/v1/services")
        self.assertEqual((answer.status, json.loads(answer.read())["reason"]), (404, "NotFound"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
