"""kthena-router in front of a real API server: objects in any order, least rights, restarts.

Usage: router_cluster_test.py BIN, inside tools/testbed run. Pods are objects whose status this test writes; the engines
are simulators on loopback addresses.
"""

import http.client
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from kube_api import ApiTest, kubectl, write_kubeconfig

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = None
NETWORKING = "networking.serving.volcano.sh/v1alpha1"
ACCOUNT = "system:serviceaccount:kthena-system:kthena-router"


def setUpModule():
    kubectl("apply", "--server-side", "-f", str(ROOT / "deploy/crds"))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd/modelroutes.networking.serving.volcano.sh",
            "crd/modelservers.networking.serving.volcano.sh")
    kubectl("apply", "-f", str(ROOT / "deploy/router.yaml"))


class Process:
    """One of our programs, and what it says on stderr as JSON lines."""

    def __init__(self, program, *arguments, environment=None):
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        self.process = subprocess.Popen([str(BIN / program), *arguments], stderr=self.log, stdout=subprocess.DEVNULL,
                                        env=dict(os.environ, **(environment or {})))

    def lines(self):
        text = pathlib.Path(self.log.name).read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def said(self, message):
        return next((line for line in self.lines() if line.get("message", line.get("msg")) == message), None)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        code = self.process.returncode
        self.log.close()
        return code


def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def own_address():
    """An address of this machine that is not of the loopback; None if there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = probe.getsockname()[0]
        return None if address.startswith("127.") else address


class RouterTest(ApiTest):
    def setUp(self):
        super().setUp()
        self.processes = []
        self.model = f"model-{self.namespace}"

    def tearDown(self):
        for process in reversed(self.processes):
            self.assertEqual(process.stop(), 0)
        kubectl("delete", "namespace", self.namespace, "--wait=false")
        for kind in ("modelroutes", "modelservers", "pods"):
            kubectl("delete", kind, "--all", "-n", self.namespace, "--force", "--grace-period=0", check=False)

    def kubeconfig(self, token=None):
        """The path of a kubeconfig with that token, by default one for the router's own account."""
        token = token or kubectl("create", "token", "kthena-router", "-n", "kthena-system").strip()
        file = tempfile.NamedTemporaryFile("w", suffix=".kubeconfig")
        self.addCleanup(file.close)
        write_kubeconfig(file.name, token)
        return file.name

    def start_router(self, *arguments, kubeconfig=None, synced=True):
        router = Process("kthena-router", "--kubeconfig", kubeconfig or self.kubeconfig(), "--host=127.0.0.1", "--port=0",
                         "--metrics-port=0", "--debug-port=0", "--log-format=json", "--access-log=false",
                         "--lame-duck=0s", *arguments)
        self.processes.append(router)
        message = "the objects of the cluster are known" if synced else "serving"
        self.assertTrue(self.eventually(lambda: router.said(message)), router.lines())
        router.port = int(router.said("serving")["address"].rsplit(":", 1)[1])
        router.debug_port = int(router.said("serving")["debug"].rsplit(":", 1)[1])
        router.metrics_port = int(router.said("serving")["metrics"].rsplit(":", 1)[1])
        return router

    def start_engine(self, address):
        engine = Process("kthena-engine-simulator", "--model", self.model, "--host", address, "--port=18080")
        self.processes.append(engine)

        def up():
            connection = http.client.HTTPConnection(address, 18080, timeout=5)
            try:
                connection.request("GET", "/health")
                return connection.getresponse().status == 200
            except OSError:
                return False
            finally:
                connection.close()
        self.assertTrue(self.eventually(up), pathlib.Path(engine.log.name).read_text())
        return engine

    def post(self, path, body):
        status, answer = self.api.call("POST", path, body)
        self.assertEqual(status, 201, answer)

    def put_server(self):
        self.post(self.in_namespace("modelservers", f"apis/{NETWORKING}"),
                  {"apiVersion": NETWORKING, "kind": "ModelServer", "metadata": {"name": "s"},
                   "spec": {"inferenceEngine": "vLLM", "workloadSelector": {"matchLabels": {"app": "engine"}},
                            "workloadPort": {"port": 18080}}})

    def put_route(self):
        self.post(self.in_namespace("modelroutes", f"apis/{NETWORKING}"),
                  {"apiVersion": NETWORKING, "kind": "ModelRoute", "metadata": {"name": "r"},
                   "spec": {"modelName": self.model, "rules": [{"targetModels": [{"modelServerName": "s"}]}]}})

    def put_pod(self, name="engine", address="127.0.0.9"):
        self.post(self.in_namespace("pods"),
                  {"metadata": {"name": name, "labels": {"app": "engine"}},
                   "spec": {"containers": [{"name": "engine", "image": "engine"}]}})
        self.set_ready(True, name, address)

    def set_ready(self, ready, name="engine", address="127.0.0.9"):
        body = {"status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}],
                           "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]}}
        status, answer = self.api.call("PATCH", self.in_namespace("pods") + f"/{name}/status", body,
                                       "application/strategic-merge-patch+json")
        self.assertEqual(status, 200, answer)

    def chat(self, router):
        return ask(router.port, "POST", "/v1/chat/completions",
                   {"model": self.model, "max_tokens": 2, "messages": [{"role": "user", "content": "hi"}]})

    def answers(self, router, status):
        return self.eventually(lambda: self.chat(router)[0] == status)

    def test_objects_in_any_order(self):
        self.start_engine("127.0.0.9")
        router = self.start_router()
        steps = (self.put_server, self.put_route, self.put_pod)
        for order in itertools.permutations(steps):
            self.assertEqual(self.chat(router)[0], 404)
            for step in order:
                step()
            self.assertTrue(self.answers(router, 200), [step.__name__ for step in order])
            for kind, name in (("modelroutes", "r"), ("modelservers", "s"), ("pods", "engine")):
                kubectl("delete", kind, name, "-n", self.namespace, "--grace-period=0", "--force")
            self.assertTrue(self.answers(router, 404))

    def test_what_is_there_before_the_router(self):
        self.start_engine("127.0.0.9")
        for put in (self.put_server, self.put_route, self.put_pod):
            put()
        router = self.start_router()
        self.assertEqual(self.chat(router)[0], 200, "at once: it says ready only when it knows all")
        self.assertEqual(ask(router.port, "GET", "/readyz")[0], 200)
        status, models = ask(router.port, "GET", "/v1/models")
        self.assertEqual(status, 200)
        self.assertIn(self.model, models)
        status, dump = ask(router.debug_port, "GET", f"/debug/config_dump/namespaces/{self.namespace}/pods/engine")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(dump)["podInfo"]["labels"], {"app": "engine"})
        self.assertIn('reflector_lists_total{kind="Pod"}', ask(router.metrics_port, "GET", "/metrics")[1])

    def test_readiness_decides(self):
        self.start_engine("127.0.0.9")
        router = self.start_router()
        for put in (self.put_server, self.put_route, self.put_pod):
            put()
        self.assertTrue(self.answers(router, 200))
        self.set_ready(False)
        self.assertTrue(self.answers(router, 503))
        self.set_ready(True)
        self.assertTrue(self.answers(router, 200))
        kubectl("delete", "pod", "engine", "-n", self.namespace, "--grace-period=0", "--force")
        self.assertTrue(self.answers(router, 503))
        self.assertTrue(self.eventually(lambda: any(
            line.get("object") == f"ModelServer {self.namespace}/s" for line in router.lines())))

    def test_serves_on_while_the_api_server_restarts(self):
        restart = self.server_can("KTHENA_TESTBED_RESTART")
        self.start_engine("127.0.0.9")
        router = self.start_router()
        for put in (self.put_server, self.put_route, self.put_pod):
            put()
        self.assertTrue(self.answers(router, 200))
        running = subprocess.Popen(restart, stdout=subprocess.DEVNULL)
        while running.poll() is None:
            self.assertEqual(self.chat(router)[0], 200)
        self.assertEqual(running.returncode, 0)
        self.set_ready(False)
        self.assertTrue(self.answers(router, 503))

    def test_before_it_knows_the_objects_it_lives_but_is_not_ready(self):
        router = self.start_router(kubeconfig=self.kubeconfig("no-such-token"), synced=False)
        self.assertEqual(ask(router.port, "GET", "/healthz")[0], 200)
        self.assertEqual(ask(router.port, "GET", "/readyz")[0], 503)
        status, body = self.chat(router)
        self.assertEqual(status, 503, body)
        self.assertIn("starting", body)

    def make_account(self, name, *kinds):
        """An account that may follow these kinds in all namespaces."""
        account = f"{name}-{self.namespace}"
        kubectl("create", "serviceaccount", account, "-n", "kthena-system")
        for kind in kinds:
            self.let_follow(account, kind)
        return account

    def let_follow(self, account, kind):
        group = {"pods": "", "endpointslices": ".discovery.k8s.io"}.get(kind, ".networking.serving.volcano.sh")
        role = f"{account}-{kind}"
        kubectl("create", "clusterrole", role, "--verb=list,watch", f"--resource={kind}{group}")
        kubectl("create", "clusterrolebinding", role, f"--clusterrole={role}", f"--serviceaccount=kthena-system:{account}")
        self.addCleanup(kubectl, "delete", "clusterrole,clusterrolebinding", role)

    @staticmethod
    def token_of(account):
        return kubectl("create", "token", account, "-n", "kthena-system").strip()

    def test_a_right_that_is_missing_is_told_and_heals(self):
        kinds = {"pods": "Pod", "modelroutes": "ModelRoute", "modelservers": "ModelServer"}
        self.start_engine("127.0.0.9")
        for put in (self.put_server, self.put_route, self.put_pod):
            put()
        routers = {}
        for missing in kinds:
            account = self.make_account(f"no-{missing}", *(kinds.keys() - {missing}), "endpointslices")
            routers[missing] = account, self.start_router(kubeconfig=self.kubeconfig(self.token_of(account)), synced=False)
        for missing, (account, router) in routers.items():
            with self.subTest(missing=missing):
                def told(router=router, missing=missing):
                    return [line for line in router.lines() if line.get("kind") == kinds[missing]
                            and f'cannot list resource "{missing}"' in line.get("error", "")]
                self.assertTrue(self.eventually(told), router.lines())
                self.assertEqual(told()[0]["level"].lower(), "warn")
                self.assertIn(account, told()[0]["error"], "who is not allowed")
                self.assertEqual(ask(router.port, "GET", "/healthz")[0], 200)
                waits = f'{{"message":"router is not ready: it has not read all objects of these kinds yet: {kinds[missing]}"}}'
                self.assertTrue(self.eventually(lambda: ask(router.port, "GET", "/readyz") == (503, waits)),
                                ask(router.port, "GET", "/readyz"))
                status, text = self.chat(router)
                self.assertEqual(status, 503, text)
        for missing, (account, router) in routers.items():
            self.let_follow(account, missing)
        for missing, (account, router) in routers.items():
            with self.subTest(missing=missing):
                self.assertTrue(self.eventually(lambda: ask(router.port, "GET", "/readyz")[0] == 200, 90), router.lines())
                self.assertEqual(self.chat(router)[0], 200)

    def test_without_rights_on_slices_it_works_with_pods(self):
        account = self.make_account("narrow", "pods", "modelroutes", "modelservers")
        self.start_engine("127.0.0.9")
        for put in (self.put_server, self.put_route, self.put_pod):
            put()
        router = self.start_router(kubeconfig=self.kubeconfig(self.token_of(account)))
        self.assertEqual(self.chat(router)[0], 200)
        self.assertTrue(router.said("EndpointSlices are left out: this router may not read them"))

    def test_slices_that_name_no_pods_serve(self):
        address = own_address()
        if address is None:
            self.skipTest("this machine has only loopback addresses, which slices may not have")
        self.start_engine(address)
        router = self.start_router()
        for put in (self.put_server, self.put_route):
            put()
        self.post(self.in_namespace("endpointslices", "apis/discovery.k8s.io/v1"),
                  {"metadata": {"name": "outside", "labels": {"app": "engine"}}, "addressType": "IPv4",
                   "endpoints": [{"addresses": [address]}], "ports": [{"port": 18080}]})
        self.assertTrue(self.answers(router, 200))
        # The server writes a slice without endpoints as null.
        kubectl("-n", self.namespace, "patch", "endpointslice", "outside", "--type=merge", "-p", '{"endpoints":[]}')
        self.assertTrue(self.answers(router, 503))
        self.assertNotIn("cannot be read", pathlib.Path(router.log.name).read_text())

    def test_the_account_may_do_nothing_else(self):
        for verb, resource in (("get", "secrets"), ("list", "secrets"), ("create", "pods"), ("delete", "pods"),
                               ("patch", "pods"), ("update", "modelroutes.networking.serving.volcano.sh"),
                               ("delete", "modelservers.networking.serving.volcano.sh"), ("list", "nodes"),
                               ("create", "events"), ("create", "pods/exec")):
            answer = kubectl("auth", "can-i", verb, resource, f"--as={ACCOUNT}", "-A", check=False)
            self.assertEqual(answer.stdout.strip(), "no", f"{verb} {resource}")

    def test_wrong_configurations_are_told_and_end_it(self):
        for arguments, words in ((["--kubeconfig", "/nowhere/config"], "/nowhere/config"),
                                 (["--kubeconfig", self.kubeconfig(), "--manifests", "/tmp"], "exclude")):
            done = subprocess.run([str(BIN / "kthena-router"), "--port=0", *arguments], capture_output=True, text=True,
                                  check=False, timeout=30)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    BIN = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
