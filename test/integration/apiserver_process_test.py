#!/usr/bin/env python3
"""`kthena apiserver` as a process: its start, its end, and what it says of a wrong use. Argument: the folder of binaries."""

import json
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen([str(BIN / "kthena"), "apiserver", f"--data-dir={folder}", "--api=127.0.0.1:0"],
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.kubeconfig = self.process.stdout.readline().strip().partition("=")[2]

    def call(self, method, path, body=None, content_type="application/json"):
        request = urllib.request.Request(self.url + path, method=method, headers={
            "Authorization": f"Bearer {(self.folder / 'admin.token').read_text(encoding='ascii')}",
            "Content-Type": content_type})
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        context = ssl.create_default_context(cafile=str(self.folder / "authority.pem"))
        try:
            with urllib.request.urlopen(request, data, timeout=30, context=context) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def end(self, number=signal.SIGTERM):
        """Its exit status; fails if it does not end."""
        self.process.send_signal(number)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


class ApiServerProcessTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self):
        server = Server(self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.end(signal.SIGKILL))
        return server

    def test_ends_in_order_although_something_cannot(self):
        server = self.start()
        self.assertTrue(pathlib.Path(server.kubeconfig).is_file())
        self.assertEqual(server.call("POST", "/api/v1/namespaces", {"metadata": {"name": "z"}})[0], 201)
        held = {"metadata": {"name": "c", "finalizers": ["example.com/held"]}}
        self.assertEqual(server.call("POST", "/api/v1/namespaces/z/configmaps", held)[0], 201)
        self.assertEqual(server.call("DELETE", "/api/v1/namespaces/z")[0], 200)
        self.assertEqual(server.end(), 0)
        # What could not end is still ending, and ends once nothing holds it.
        server = self.start()
        self.assertEqual(server.call("GET", "/api/v1/namespaces/z")[1]["status"]["phase"], "Terminating")
        patch = {"metadata": {"finalizers": None}}
        path = "/api/v1/namespaces/z/configmaps/c"
        self.assertEqual(server.call("PATCH", path, patch, "application/merge-patch+json")[0], 200)
        for _ in range(1000):
            if server.call("GET", "/api/v1/namespaces/z")[0] == 404:
                break
        else:
            self.fail("the namespace is still there")
        self.assertEqual(server.end(), 0)

    def test_a_namespace_is_not_ending_because_something_is_called_so(self):
        server = self.start()
        thing = {"metadata": {"name": "z", "annotations": {"deletionTimestamp": "x"}}}
        self.assertEqual(server.call("POST", "/api/v1/namespaces", thing)[0], 201)
        self.assertEqual(server.call("POST", "/api/v1/namespaces/z/configmaps", {"metadata": {"name": "c"}})[0], 201)

    def test_what_was_acknowledged_survives_a_kill(self):
        server = self.start()
        for i in range(20):
            status, _ = server.call("POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": f"c{i}"}})
            self.assertEqual(status, 201)
        server.end(signal.SIGKILL)
        listed = self.start().call("GET", "/api/v1/namespaces/default/configmaps")[1]
        self.assertEqual(len(listed["items"]), 20)

    def test_a_second_one_on_the_same_folder_is_told_who_has_it(self):
        first = self.start()
        done = self.run_it(f"--data-dir={self.folder}", "--api=127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(first.process.pid), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def run_it(self, *arguments):
        return subprocess.run([str(BIN / "kthena"), "apiserver", *arguments], capture_output=True, text=True, check=False,
                              timeout=30)

    def test_a_wrong_use_is_told(self):
        for arguments, status, words in (
            (["--api=nowhere"], 1, "--api"),
            (["--apj=127.0.0.1:0"], 2, "--api"),
            (["--tls-cert-file=/nonexistent"], 1, "--tls-private-key-file"),
            (["--token-auth-file=/nonexistent"], 1, "/nonexistent"),
            (["--client-ca-file=/dev/null"], 1, "/dev/null"),
        ):
            with self.subTest(arguments=arguments):
                done = self.run_it(f"--data-dir={self.folder}", *arguments)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(words, done.stderr)

    def test_bodies_that_cannot_be_taken(self):
        server = self.start()
        path = "/api/v1/namespaces/default/configmaps"
        self.assertEqual(server.call("POST", path, b"{", "application/json")[0], 400)
        self.assertEqual(server.call("POST", path, b"x", "text/plain")[0], 415)
        self.assertEqual(server.call("POST", path, b'{"metadata":{"name":"a","name":"b"}}')[0], 400)
        self.assertEqual(server.call("POST", path, b" " * (4 << 20))[0], 413)
        secret = {"metadata": {"name": "s"}, "data": {"k": "A" * (2 << 20)}}
        self.assertIn(server.call("POST", "/api/v1/namespaces/default/secrets", secret)[0], (413, 422))


if __name__ == "__main__":
    BIN = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
