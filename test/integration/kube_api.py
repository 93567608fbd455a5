"""A Kubernetes API server as tests see it: an address and a name, both from the environment. Standard library only.

What is not told here, such as which server it is, a test must not know: the same tests run against every server.
"""

import http.client
import json
import os
import pathlib
import shlex
import ssl
import subprocess
import sys
import time
import unittest
import urllib.parse
import uuid


def needed(name):
    """A variable that `tools/testbed run` sets; without it the test cannot run."""
    value = os.environ.get(name)
    if not value:
        print(f"{name} is not set: start this with tools/testbed run")
        sys.exit(77)
    return value


class Api:
    """Calls with one token. Answers are (status, decoded JSON)."""

    def __init__(self, token=None):
        self.url = urllib.parse.urlsplit(needed("KTHENA_TESTBED_SERVER"))
        self.token = token or needed("KTHENA_TESTBED_TOKEN")
        self.context = ssl.create_default_context(cafile=needed("KTHENA_TESTBED_CA"))

    def connect(self, timeout=30):
        return http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=timeout, context=self.context)

    def headers(self, content_type=None):
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return dict(headers, **{"Content-Type": content_type}) if content_type else headers

    def call(self, method, path, body=None, content_type="application/json"):
        connection = self.connect()
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, self.headers(content_type if text else None))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def get(self, path):
        return self.call("GET", path)

    def watch(self, path, resource_version):
        """Yields (type, object) until the server ends the watch. A refusal comes as one ("HTTP", Status)."""
        connection = self.connect()
        try:
            query = urllib.parse.urlencode({"watch": "1", "resourceVersion": resource_version, "timeoutSeconds": 20})
            connection.request("GET", f"{path}?{query}", headers=self.headers())
            answer = connection.getresponse()
            if answer.status != 200:
                yield "HTTP", json.loads(answer.read())
                return
            for line in answer:
                event = json.loads(line)
                yield event["type"], event["object"]
        finally:
            connection.close()


class ApiTest(unittest.TestCase):
    """Gives each test a namespace of its own, `self.namespace`, and `self.api` with all rights."""

    def setUp(self):
        self.api = Api()
        self.namespace = f"test-{uuid.uuid4().hex[:12]}"
        status, answer = self.api.call("POST", "/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        self.assertEqual(status, 201, answer)

    def in_namespace(self, resource, group="api/v1"):
        return f"/{group}/namespaces/{self.namespace}/{resource}"

    def create_config_map(self, name, **data):
        body = {"metadata": {"name": name}, "data": data}
        status, answer = self.api.call("POST", self.in_namespace("configmaps"), body)
        self.assertEqual(status, 201, answer)
        return answer

    def eventually(self, is_so, seconds=30):
        """Whether is_so() becomes true in time; asks again and again."""
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def server_can(self, variable):
        """The command in `variable`; skips the test when this server has none."""
        command = os.environ.get(variable)
        if not command:
            self.skipTest(f"{variable} is not set: this server cannot do that")
        return shlex.split(command)


def write_kubeconfig(path, token):
    """A kubeconfig for whoever has that token."""
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "c",
              "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
              "clusters": [{"name": "c", "cluster": {"server": needed("KTHENA_TESTBED_SERVER"),
                                                     "certificate-authority": needed("KTHENA_TESTBED_CA")}}],
              "users": [{"name": "u", "user": {"token": token}}]}
    pathlib.Path(path).write_text(json.dumps(config), encoding="utf-8")


def kubectl(*arguments, stdin=None, check=True):
    """Runs kubectl; returns what it printed, or with check=False the finished process."""
    command = [needed("KTHENA_TESTBED_KUBECTL"), *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)
    if not check:
        return done
    if done.returncode != 0:
        raise AssertionError(f"kubectl {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout
