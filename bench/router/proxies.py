"""The programs under test, each one process on one core, in front of the same backends.

nginx and haproxy are given the settings that were fastest for them on this work: nginx with whole bodies in memory
(proxy_request_buffering off cost it 1.5 times the processor time at 220 KiB) and a buffered access log, haproxy with
buffers of 64 KiB (the default of 16 KiB cost it 1.5 times at 16 KiB). Both relay events at once. Neither looks into
bodies.
"""

import os
import re
import shutil
import subprocess

import processes

NGINX = """
daemon off;
worker_processes 1;
worker_rlimit_nofile {descriptors};
pid {dir}/nginx.pid;
error_log {dir}/error.log warn;
events {{ worker_connections {connections}; }}
http {{
  access_log {log} combined buffer=32k flush=1s;
  client_body_temp_path {dir}/client; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_max_body_size 16m;
  client_body_buffer_size 512k;
  upstream backends {{
    least_conn;
    {servers}
    keepalive 512;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }}
  server {{
    listen {address} backlog=16384;
    location / {{
      proxy_pass http://backends;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn {haproxy_connections}
  tune.bufsize 65536
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
frontend front
  bind {address} backlog 16384
  default_backend backends
backend backends
  balance leastconn
{servers}
"""

ROUTE = """
apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelRoute
metadata: {{name: bench, namespace: default}}
spec:
  modelName: bench-model
  rules:
  - name: all
    targetModels:
    - modelServerName: bench
---
apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelServer
metadata: {{name: bench, namespace: default}}
spec:
  model: bench-model
  inferenceEngine: vLLM
  workloadSelector:
    matchLabels: {{app: bench}}
  workloadPort: {{port: {port}}}
"""

POD = """
---
apiVersion: v1
kind: Pod
metadata: {{name: bench-{index}, namespace: default, labels: {{app: bench}}}}
spec: {{containers: [{{name: engine, image: none}}]}}
status:
  phase: Running
  podIP: {host}
  conditions: [{{type: Ready, status: "True"}}]
"""


class Proxy:
    """One program under test. A fresh directory and port for every start."""

    name = ""
    prefix = []  # of the command: a tool to run it under
    patience = 15.0  # seconds to start

    def __init__(self, backends, directory):
        self.backends = backends
        self.directory = directory
        self.process = None
        self.log = ""
        self.target = ""

    def start(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        port = processes.free_port(["127.0.0.1"])
        self.target = f"127.0.0.1:{port}"
        self.log = os.path.join(self.directory, "access.log")
        self.process = self.launch(port)
        try:
            processes.wait_until(self.answers, f"start of {self.name}", self.patience)
        except processes.Failure as failure:
            raise processes.Failure(f"{failure}\n{self.last_words()}") from None
        return self

    def launch(self, port):
        raise NotImplementedError

    def stop(self):
        if self.process:
            processes.stop(self.process)
            self.process = None

    def pids(self):
        """All processes, for processor time."""
        return processes.tree_of(self.process.pid)

    def serving_pids(self):
        """Those that serve, for memory."""
        return self.pids()

    def answers(self):
        if self.process.poll() is not None:
            raise processes.Failure(f"{self.name} ended with {self.process.returncode}")
        body = b'{"messages":[{"role":"user","content":"hello"}],"model":"bench-model"}'
        return processes.get(f"http://{self.target}/v1/chat/completions", body)[0] == 200

    def log_lines(self):
        try:
            with open(self.log, "rb") as file:
                return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        except OSError:
            return 0

    def last_words(self):
        try:
            with open(os.path.join(self.directory, "error.log"), encoding="utf-8", errors="replace") as file:
                return file.read()[-2000:]
        except OSError:
            return ""

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def errors(self):
        return open(os.path.join(self.directory, "error.log"), "wb")


class Nginx(Proxy):
    name = "nginx"

    def launch(self, port):
        servers = " ".join(f"server {address};" for address in self.backends.addresses)
        path = self.write(
            "nginx.conf",
            NGINX.format(dir=self.directory, log=self.log, servers=servers, address=self.target,
                         descriptors=20000, connections=19900),
        )
        return processes.start(["nginx", "-e", f"{self.directory}/start.log", "-c", path],
                               on_core=processes.PROXY_CORE, stderr=self.errors())

    def serving_pids(self):
        return self.pids()[1:]  # without the master

    @staticmethod
    def version():
        return version_of(["nginx", "-v"])


class Haproxy(Proxy):
    name = "haproxy"

    def launch(self, port):
        servers = "\n".join(f"  server s{i} {address}" for i, address in enumerate(self.backends.addresses))
        path = self.write("haproxy.cfg", HAPROXY.format(servers=servers, address=self.target, haproxy_connections=9900))
        return processes.start([*self.prefix, "haproxy", "-db", "-f", path], on_core=processes.PROXY_CORE,
                               stdout=open(self.log, "ab"), stderr=self.errors())

    @staticmethod
    def version():
        return version_of(["haproxy", "-v"])


class Router(Proxy):
    name = "router"
    binary = ""
    environment = {}

    def launch(self, port):
        manifests = os.path.join(self.directory, "manifests")
        os.makedirs(manifests)
        text = ROUTE.format(port=self.backends.port)
        text += "".join(POD.format(index=i, host=host) for i, host in enumerate(self.backends.HOSTS))
        self.write("manifests/bench.yaml", text)
        environment = {"ACCESS_LOG_ENABLED": "true", "ACCESS_LOG_FORMAT": "text", "ACCESS_LOG_OUTPUT": self.log}
        return processes.start([*self.prefix, self.binary, "--manifests", manifests, "--port", str(port),
                                "--metrics-port", "0", "--debug-port", "0"],
                               on_core=processes.PROXY_CORE, stderr=self.errors(),
                               env={**environment, **self.environment})

    @classmethod
    def version(cls):
        return "kthena-router of this tree" if os.path.exists(cls.binary) else None


class Direct:
    """No proxy: what the others are compared with where time is measured."""

    name = "direct"

    def __init__(self, backends):
        self.target = backends.addresses[0]

    @staticmethod
    def pids():
        return []


def version_of(command):
    """"nginx/1.22.1" or "HAProxy version 2.6.12", or None when it is not installed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    found = re.search(r"nginx/[\d.]+|HAProxy version [\d.]+", done.stdout + done.stderr)
    return found.group(0) if found else "unknown version"
