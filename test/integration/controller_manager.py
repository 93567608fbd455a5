"""kthena-controller-manager as a process, and what it says of itself. Standard library only."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

NAMESPACE = "kthena-system"


def eventually(is_so, seconds=40):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.1)
    return False


class Manager:
    """A process of kthena-controller-manager on free ports, from the folder of binaries `bin_folder`."""

    def __init__(self, bin_folder, *arguments, kubeconfig=None):
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        environment = dict(os.environ, POD_NAMESPACE=NAMESPACE)
        if kubeconfig:
            environment["KUBECONFIG"] = str(kubeconfig)
        self.process = subprocess.Popen(
            [str(bin_folder / "kthena-controller-manager"), "--host", "127.0.0.1", "--port=0", "--metrics-port=0", "--log-format=json",
             "--v=2", *arguments], stderr=self.log, env=environment)
        if not eventually(lambda: self.line("serving metrics and health")):
            raise AssertionError(self.text())
        self.metrics_port = self.port_in("serving metrics and health")
        webhooks = self.line("serving webhooks")
        self.port = self.port_in("serving webhooks") if webhooks else None

    def text(self):
        return pathlib.Path(self.log.name).read_text()

    def lines(self, message):
        return [json.loads(line) for line in self.text().splitlines() if f'"{message}"' in line]

    def line(self, message):
        return next(iter(self.lines(message)), None)

    def port_in(self, message):
        return int(self.line(message)["address"].rsplit(":", 1)[1])

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def is_ready(self):
        return self.get("/readyz")[0] == 200

    def metric(self, name):
        return sum(float(line.rsplit(" ", 1)[1]) for line in self.get("/metrics")[1].splitlines() if line.startswith(name))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=40)
