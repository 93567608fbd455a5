"""etcd, kube-apiserver and, when asked, kube-controller-manager on loopback, with keys, tokens and kubeconfig of their own.

Used by tools/testbed; not run by itself. A Bed lives in one folder, which holds all it ever writes, and its servers are
children of the thread that made it: the kernel ends them when that process dies, however it dies.
"""

import base64
import http.client
import json
import os
import random
import secrets
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import testbed_binaries as binaries
from testbed_process import die_with_parent

READY_SECONDS = 90


class BedError(Exception):
    """A server did not start, or died; the text has the end of its log."""


def free_ports(count):
    """Ports of 127.0.0.1 below those that the kernel gives to outgoing connections: a server that is started again
    must find its port free."""
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    ports = []
    while len(ports) < count:
        port = random.SystemRandom().randrange(10000, max(first_ephemeral, 20000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def openssl(*arguments):
    answer = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise BedError(f"openssl {arguments[0]} failed: {answer.stderr.strip()}")


def end_of(file):
    try:
        return "\n".join(file.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
    except OSError:
        return "(no log)"


class Bed:
    """One set of servers. `stopping` is asked while something is waited for; it raises to give up."""

    def __init__(self, folder, binaries, tool, stopping=lambda: None, controller_manager=False, apiserver_flags=()):
        self.folder = Path(folder)
        self.binaries = Path(binaries)
        self.tool = Path(tool)
        self.stopping = stopping
        self.controller_manager = controller_manager
        self.apiserver_flags = list(apiserver_flags)
        self.processes = {}
        self.ports = {}
        self.tokens = {name: secrets.token_hex(16) for name in ("admin", "user")}

    # ------------------------------------------------------------ what the servers need

    def path(self, name):
        return str(self.folder / name)

    @property
    def server(self):
        return f"https://127.0.0.1:{self.ports['apiserver']}"

    def make_keys(self):
        """A CA, the server's and the administrator's certificates, and the key that signs service account tokens."""
        new_key = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
        openssl(*new_key, "-keyout", self.path("ca.key"), "-out", self.path("ca.crt"), "-subj", "/CN=kthena-testbed-ca")
        signed = (*new_key, "-CA", self.path("ca.crt"), "-CAkey", self.path("ca.key"))
        leaf = ("-addext", "basicConstraints=critical,CA:FALSE")
        names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"
        to = ("-keyout", self.path("apiserver.key"), "-out", self.path("apiserver.crt"))
        openssl(*signed, *leaf, *to, "-subj", "/CN=kube-apiserver", "-addext", names)
        to = ("-keyout", self.path("admin.key"), "-out", self.path("admin.crt"))
        openssl(*signed, *leaf, *to, "-subj", "/O=system:masters/CN=admin", "-addext", "extendedKeyUsage=clientAuth")
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path("accounts.key"))

    def write_private(self, name, text):
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)

    def write_tokens(self):
        lines = [f'{self.tokens["admin"]},admin,admin,"system:masters"', f'{self.tokens["user"]},user,user']
        self.write_private("tokens.csv", "\n".join(lines) + "\n")

    def inline(self, name):
        return base64.b64encode(Path(self.path(name)).read_bytes()).decode("ascii")

    def write_kubeconfig(self):
        """JSON is YAML. Contexts: admin (token), admin-certificate, user (a name without any right)."""
        users = {
            "admin": {"token": self.tokens["admin"]},
            "admin-certificate": {
                "client-certificate-data": self.inline("admin.crt"),
                "client-key-data": self.inline("admin.key"),
            },
            "user": {"token": self.tokens["user"]},
        }
        cluster = {"server": self.server, "certificate-authority-data": self.inline("ca.crt")}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "admin",
            "clusters": [{"name": "testbed", "cluster": cluster}],
            "users": [{"name": name, "user": user} for name, user in users.items()],
            "contexts": [{"name": name, "context": {"cluster": "testbed", "user": name}} for name in users],
        }
        self.write_private("kubeconfig", json.dumps(config, indent=2) + "\n")

    def environment(self):
        """What tests read; see docs/guide/test-bed.md."""
        command = shlex.join([str(self.tool), "--dir", str(self.folder)])
        return {
            "KUBECONFIG": self.path("kubeconfig"),
            "PATH": f"{self.binaries}:{os.environ.get('PATH', os.defpath)}",
            "KTHENA_TESTBED_DIR": str(self.folder),
            "KTHENA_TESTBED_SERVER": self.server,
            "KTHENA_TESTBED_CA": self.path("ca.crt"),
            "KTHENA_TESTBED_CERT": self.path("admin.crt"),
            "KTHENA_TESTBED_KEY": self.path("admin.key"),
            "KTHENA_TESTBED_TOKEN": self.tokens["admin"],
            "KTHENA_TESTBED_USER_TOKEN": self.tokens["user"],
            "KTHENA_TESTBED_KUBECTL": str(self.binaries / "kubectl"),
            "KTHENA_TESTBED_RESTART": f"{command} restart-apiserver",
            "KTHENA_TESTBED_CRASH": f"{command} restart-apiserver --kill",
            "KTHENA_TESTBED_COMPACT": f"{command} compact",
            "KTHENA_TESTBED_CONTROLLERS": "1" if self.controller_manager else "",
        }

    def write_env(self):
        values = self.environment()
        del values["PATH"]  # of the shell that reads the file, not ours
        lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
        lines.append(f'export PATH={shlex.quote(str(self.binaries))}:"$PATH"')
        self.write_private("env", "\n".join(lines) + "\n")

    # ------------------------------------------------------------ commands of the servers

    def etcd_command(self):
        client, peer = (f"http://127.0.0.1:{self.ports[name]}" for name in ("etcd", "etcd-peer"))
        return [
            str(self.binaries / "etcd"),
            f"--data-dir={self.path('etcd')}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def apiserver_command(self):
        return [
            str(self.binaries / "kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{self.ports['etcd']}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.ports['apiserver']}",
            "--endpoint-reconciler-type=none",  # a loopback address cannot be an endpoint
            f"--tls-cert-file={self.path('apiserver.crt')}",
            f"--tls-private-key-file={self.path('apiserver.key')}",
            f"--client-ca-file={self.path('ca.crt')}",
            f"--token-auth-file={self.path('tokens.csv')}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self.path('accounts.key')}",
            f"--service-account-signing-key-file={self.path('accounts.key')}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount",  # pods need no account and no token
            "--allow-privileged=true",
            *self.apiserver_flags,
        ]

    def controller_manager_command(self):
        return [
            str(self.binaries / "kube-controller-manager"),
            f"--kubeconfig={self.path('kubeconfig')}",
            f"--secure-port={self.ports['controllers']}",
            "--bind-address=127.0.0.1",
            "--leader-elect=false",
            "--use-service-account-credentials=false",
            f"--service-account-private-key-file={self.path('accounts.key')}",
            f"--root-ca-file={self.path('ca.crt')}",
            f"--cluster-signing-cert-file={self.path('ca.crt')}",
            f"--cluster-signing-key-file={self.path('ca.key')}",
        ]

    # ------------------------------------------------------------ starting and stopping

    def spawn(self, name, command):
        with open(self.path(f"{name}.log"), "ab") as log:
            # A session of its own: Ctrl-C is for us to handle, in our order.
            self.processes[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def check_alive(self, name):
        status = self.processes[name].poll()
        if status is not None:
            log = self.folder / f"{name}.log"
            raise BedError(f"{name} ended with status {status}; the end of its log:\n{end_of(log)}")

    def wait_until(self, name, is_ready):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            self.stopping()
            self.check_alive(name)
            try:
                if is_ready():
                    return
            except (OSError, http.client.HTTPException):
                pass
            if time.monotonic() > deadline:
                log = self.folder / f"{name}.log"
                raise BedError(f"{name} was not ready after {READY_SECONDS} s; the end of its log:\n{end_of(log)}")
            time.sleep(0.05)

    def get(self, path):
        """The status of a GET with the administrator's token."""
        context = ssl.create_default_context(cafile=self.path("ca.crt"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.ports["apiserver"], timeout=10, context=context)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.tokens['admin']}"})
            return connection.getresponse().status
        finally:
            connection.close()

    def etcd_call(self, path, message):
        """A call of etcd's JSON gateway."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["etcd"], timeout=30)
        try:
            connection.request("POST", path, json.dumps(message), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        if answer.status != 200:
            raise BedError(f"etcd answered {answer.status} to {path}: {text.strip()}")
        return json.loads(text)

    def etcd_is_ready(self):
        return bool(self.etcd_call("/v3/maintenance/status", {}))

    def apiserver_is_ready(self):
        # The namespace comes a moment after the server says it is ready.
        return self.get("/readyz") == 200 and self.get("/api/v1/namespaces/default") == 200

    def start(self):
        """Returns when all servers answer. Another program may take a port between our look and a server's: try again."""
        self.make_keys()
        self.write_tokens()
        for attempt in (1, 2, 3):
            self.ports = dict(zip(("etcd", "etcd-peer", "apiserver", "controllers"), free_ports(4)))
            try:
                self.start_servers()
                return
            except BedError as error:
                self.kill()
                if "address already in use" not in str(error) or attempt == 3:
                    raise
                print("testbed: a port was taken meanwhile, trying others", file=sys.stderr)

    def start_servers(self):
        self.write_kubeconfig()
        self.write_env()
        self.spawn("etcd", self.etcd_command())
        self.wait_until("etcd", self.etcd_is_ready)
        self.start_apiserver()
        if self.controller_manager:
            self.spawn("kube-controller-manager", self.controller_manager_command())
            # The account of a namespace is the work of the controllers.
            path = "/api/v1/namespaces/default/serviceaccounts/default"
            self.wait_until("kube-controller-manager", lambda: self.get(path) == 200)

    def start_apiserver(self):
        self.spawn("kube-apiserver", self.apiserver_command())
        self.wait_until("kube-apiserver", self.apiserver_is_ready)

    def restart_apiserver(self, kindly=True):
        """Ends it as a rolling update would, or as a crash, and starts it on the same port with the same data."""
        process = self.processes["kube-apiserver"]
        process.send_signal(signal.SIGTERM if kindly else signal.SIGKILL)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.start_apiserver()

    def compact(self):
        """Makes etcd forget every version before now. Returns the oldest revision that is left."""
        # The API server keeps what it has in memory until it reads here, in its own bookkeeping, how far etcd is compacted.
        now = int(self.etcd_call("/v3/maintenance/status", {})["header"]["revision"])
        key, value = (base64.b64encode(text.encode()).decode() for text in ("compact_rev_key", str(now)))
        revision = int(self.etcd_call("/v3/kv/put", {"key": key, "value": value})["header"]["revision"])
        self.etcd_call("/v3/kv/compaction", {"revision": revision, "physical": True})
        return revision

    def kill(self):
        """The data are thrown away: nothing is gained by asking kindly."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        self.processes = {}


class EmbeddedBed(Bed):
    """Our own API server in the place of kube-apiserver and etcd, with the same keys and tokens."""

    def __init__(self, folder, program, tool, stopping=lambda: None, apiserver_flags=()):
        super().__init__(folder, find_binaries_folder(), tool, stopping, apiserver_flags=apiserver_flags)
        self.program = Path(program).resolve()
        self.forgets = False

    def start_servers(self):
        self.write_kubeconfig()
        self.write_env()
        self.start_apiserver()

    def apiserver_command(self):
        return [
            str(self.program),
            "apiserver",
            f"--data-dir={self.path('data')}",
            f"--api=127.0.0.1:{self.ports['apiserver']}",
            f"--tls-cert-file={self.path('apiserver.crt')}",
            f"--tls-private-key-file={self.path('apiserver.key')}",
            f"--client-ca-file={self.path('ca.crt')}",
            f"--token-auth-file={self.path('tokens.csv')}",
            *(["--forget-history"] if self.forgets else []),
            *self.apiserver_flags,
        ]

    def compact(self):
        """At the next start. As in the bed with etcd, something is written, so that what is now is the past by then."""
        context = ssl.create_default_context(cafile=self.path("ca.crt"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.ports["apiserver"], timeout=10, context=context)
        headers = {"Authorization": f"Bearer {self.tokens['admin']}", "Content-Type": "application/json"}
        try:
            body = json.dumps({"metadata": {"generateName": "compaction-"}})
            connection.request("POST", "/api/v1/namespaces/kube-system/configmaps", body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != 201:
            raise BedError(f"kthena apiserver answered {status} to a write")
        self.forgets = True

    def start_apiserver(self):
        super().start_apiserver()
        self.forgets = False


def find_binaries_folder():
    """Where kubectl is, if this machine has built it; else a folder that need not be there."""
    try:
        return binaries.find_built(["kubectl"])
    except binaries.Unavailable:
        return Path("/nonexistent")
