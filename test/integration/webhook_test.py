"""kthena-controller-manager as the webhook of a real API server: deploy/ as it is, but for where the Service leads. It has
the rights of deploy/controller-manager.yaml and no more.

Usage: webhook_test.py BIN [CRDS], inside tools/testbed run; CRDS is a folder, default deploy/crds. The Services are of
type ExternalName, for which the API server connects to 127.0.0.1 and yet wants a certificate for the Service's name, as
in a cluster.
"""

import base64
import http.client
import json
import pathlib
import signal
import ssl
import sys
import tempfile
import threading
import time
import unittest

from controller_manager import NAMESPACE, Manager, eventually
from kube_api import Api, kubectl, write_kubeconfig
from manifest_cases import read_cases, read_updates

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = None
CRDS = ROOT / "deploy/crds"
SECRET = f"/api/v1/namespaces/{NAMESPACE}/secrets/kthena-controller-manager-webhook-certs"
HOOKS = "/apis/admissionregistration.k8s.io/v1"
WORKLOAD = "workload.serving.volcano.sh/v1alpha1"
NETWORKING = "networking.serving.volcano.sh/v1alpha1"


def service():
    """The Service of deploy/, leading to this machine."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kthena-controller-manager-webhook", "namespace": NAMESPACE},
            "spec": {"type": "ExternalName", "externalName": "localhost"}}


def documents(path):
    """The objects of a YAML file, which kubectl reads: Python's library cannot."""
    text = kubectl("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", str(path)).strip()
    decoder = json.JSONDecoder()
    while text:
        found, end = decoder.raw_decode(text)
        yield from found["items"] if found["kind"] == "List" else [found]
        text = text[end:].lstrip()


def configurations(port):
    """Those of deploy/, with the port."""
    found = [obj for file in ("webhooks-controller-manager.yaml", "webhooks-router.yaml")
             for obj in documents(ROOT / "deploy" / file) if obj["kind"].endswith("Configuration")]
    for configuration in found:
        for webhook in configuration["webhooks"]:
            webhook["clientConfig"]["service"]["port"] = port
    return found


def apply(*objects):
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin="\n".join(map(json.dumps, objects)))


def route(name, **spec):
    spec = spec or {"modelName": "m", "rules": [{"targetModels": [{"modelServerName": "s"}]}]}
    return {"apiVersion": NETWORKING, "kind": "ModelRoute", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}


def server(name):
    return {"apiVersion": NETWORKING, "kind": "ModelServer", "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"inferenceEngine": "vLLM", "workloadPort": {"port": 8000}, "workloadSelector": {"matchLabels": {"app": name}}}}


OLD_POLICY = {"apiVersion": WORKLOAD, "kind": "AutoscalingPolicy", "metadata": {"name": "old", "namespace": NAMESPACE},
              "spec": {"metrics": [{"name": "load", "targetValue": "1"}]}}

BINDING = {"apiVersion": WORKLOAD, "kind": "AutoscalingPolicyBinding", "metadata": {"name": "b", "namespace": NAMESPACE},
           "spec": {"policyRef": {"name": "old"},
                    "homogeneousTarget": {"minReplicas": 1, "maxReplicas": 2, "target": {"targetRef": {"name": "s"}}}}}


class WebhookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.api = Api()
        kubectl("apply", "--server-side", "-f", str(CRDS))
        kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        kubectl("apply", "--server-side", "-f", str(ROOT / "deploy/controller-manager.yaml"))
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.kubeconfig = pathlib.Path(cls.folder.name, "kubeconfig")
        write_kubeconfig(cls.kubeconfig, kubectl("-n", NAMESPACE, "create", "token", "kthena-controller-manager").strip())

    def setUp(self):
        self.managers = []
        self.rights_are_enough = True

    def tearDown(self):
        for configuration in ("validatingwebhookconfigurations/kthena-controller-manager-validating-webhook",
                              "validatingwebhookconfigurations/kthena-router-validating-webhook",
                              "mutatingwebhookconfigurations/kthena-controller-manager-mutating-webhook"):
            self.api.call("DELETE", f"{HOOKS}/{configuration}")
        self.api.call("DELETE", SECRET)
        for manager in self.managers:
            if manager.process.poll() is None:
                manager.process.kill()
                manager.process.wait()
            if self.rights_are_enough:
                self.assertNotIn("forbidden", manager.text())

    def start(self, *arguments):
        manager = Manager(BIN, *arguments, kubeconfig=self.kubeconfig)
        self.managers.append(manager)
        return manager

    def install(self, port):
        apply(service(), *configurations(port))

    def serve(self, validity="90s"):
        """A manager that the API server asks. With certificates of a short life it looks each second at the configurations,
        which come after it here, instead of each ten."""
        manager = self.start(f"--cert-validity={validity}")
        self.install(manager.port)
        bad = route("probe", loraAdapters=[""], rules=[{"targetModels": [{"modelServerName": "s"}]}])
        self.assertTrue(eventually(lambda: "validation failed" in self.create(bad, dry_run=True)[1].get("message", "")),
                        manager.text())
        return manager

    def create(self, obj, dry_run=False):
        group, version = obj["apiVersion"].split("/")
        plural = {"AutoscalingPolicy": "autoscalingpolicies"}.get(obj["kind"], obj["kind"].lower() + "s")
        query = "?dryRun=All" if dry_run else ""
        return self.api.call("POST", f"/apis/{group}/{version}/namespaces/{NAMESPACE}/{plural}{query}", obj)

    def bundle(self, kind="validating", index=0):
        status, found = self.api.get(f"{HOOKS}/{kind}webhookconfigurations/kthena-controller-manager-{kind}-webhook")
        self.assertEqual(status, 200, found)
        return base64.b64decode(found["webhooks"][index]["clientConfig"].get("caBundle", "")).decode()

    def secret(self):
        status, found = self.api.get(SECRET)
        self.assertEqual(status, 200, found)
        return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}

    def asked_directly(self, manager, thing, old=None):
        """What the webhook answers to a review that no API server made: (status, response or text)."""
        group, version = thing["apiVersion"].split("/")
        paths = {"ModelServing": "/validate-workload-ai-v1alpha1-modelserving"}
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                  "request": {"uid": "u", "kind": {"group": group, "version": version, "kind": thing["kind"]},
                              "operation": "UPDATE" if old else "CREATE", "object": thing, "oldObject": old}}
        connection = http.client.HTTPSConnection("127.0.0.1", manager.port, timeout=30, context=ssl._create_unverified_context())
        try:
            connection.request("POST", paths.get(thing["kind"], f"/validate/{thing['kind'].lower()}"), json.dumps(review),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text)["response"] if answer.status == 200 else text
        finally:
            connection.close()

    def test_wrong_objects_are_refused_in_the_documented_words(self):
        manager = self.serve()
        self.keep(OLD_POLICY)
        for case in read_cases("denied"):
            thing = case.thing
            thing["metadata"]["namespace"] = NAMESPACE
            expected = "validation failed:" + "".join(f"\n  - {line}" for line in case.denied)
            with self.subTest(where=case.where, name=thing["metadata"]["name"]):
                status, answer = self.create(thing, dry_run=True)
                if case.refused:
                    self.assertEqual(status, 422, answer)
                    self.assertIn(case.refused, answer["message"])
                    status, response = self.asked_directly(manager, thing)
                    self.assertEqual(status, 200, response)
                    self.assertEqual(response["status"]["message"], expected)
                else:
                    self.assertEqual(status, 400, answer)
                    self.assertEqual(answer["message"].partition("denied the request: ")[2], expected)

    def test_updates_are_judged_by_what_was_there(self):
        manager = self.serve()
        self.keep(server("s"))
        for old, case in read_updates():
            new, name = case.thing, case.thing["metadata"]["name"]
            old["metadata"]["namespace"] = new["metadata"]["namespace"] = NAMESPACE
            with self.subTest(where=case.where):
                self.keep(old)
                done = kubectl("replace", "--dry-run=server", "-o", "name", "-f", "-", stdin=json.dumps(new), check=False)
                response = self.asked_directly(manager, new, old)[1]
                if case.refused or case.denied:
                    self.assertNotEqual(done.returncode, 0, name)
                    self.assertIn(case.refused or f"validation failed:\n  - {case.denied[0]}", done.stderr)
                else:
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual([line.removeprefix("Warning: ") for line in done.stderr.splitlines()], case.warned)
                    self.assertEqual((response["allowed"], response.get("warnings", [])), (True, case.warned))
                if case.denied:
                    self.assertEqual(response["status"]["message"], "validation failed:" + "".join(f"\n  - {line}" for line in case.denied))

    def test_defaults_of_webhooks_arrive(self):
        manager = self.serve()
        policy = {"apiVersion": WORKLOAD, "kind": "AutoscalingPolicy", "metadata": {"name": "p", "namespace": NAMESPACE},
                  "spec": {"metrics": [{"name": "m", "targetValue": "1"}],
                           "homogeneousTarget": {"target": {"targetRef": {"name": "s"}}, "minReplicas": 1, "maxReplicas": 2}}}
        status, answer = self.create(policy, dry_run=True)
        self.assertEqual(status, 201, answer)
        behavior = answer["spec"]["behavior"]
        self.assertEqual(behavior["scaleDown"]["stabilizationWindow"], "5m0s")
        self.assertEqual(behavior["scaleUp"]["stablePolicy"]["instances"], 4)
        self.assertGreater(manager.metric('webhook_reviews_total{outcome="allowed",webhook="/mutate/autoscalingpolicy"}'), 0)

    def keep(self, *objects):
        """Creates objects for the time of the test."""
        for obj in objects:
            self.assertEqual(self.create(obj)[0], 201)
            self.addCleanup(kubectl, "-n", NAMESPACE, "delete", obj["kind"], obj["metadata"]["name"], "--wait=false")

    def test_what_routes_and_bindings_speak_of_is_looked_for(self):
        manager = self.serve()
        status, answer = self.create(BINDING, dry_run=True)
        self.assertEqual(status, 400, answer)
        self.assertIn('spec.policyRef.name: Invalid value: "old": autoscaling policy resource old does not exist', answer["message"])
        response = self.asked_directly(manager, route("r"))[1]
        self.assertEqual((response["allowed"], response["warnings"]), (True, [
            'spec.rules[0].targetModels[0].modelServerName: Not found: "s": there is no ModelServer of that name in namespace '
            + NAMESPACE]))
        # What was let in may be given labels, and be deleted, whatever is gone.
        self.assertNotIn("warnings", self.asked_directly(manager, route("r"), old=route("r"))[1])
        self.keep(OLD_POLICY, server("s"))
        self.assertEqual(self.create(BINDING, dry_run=True)[0], 201)
        self.assertNotIn("warnings", self.asked_directly(manager, route("r"))[1])

    def test_what_may_not_be_looked_for_is_not_let_in(self):
        manager = self.serve()
        self.rights_are_enough = False
        self.keep(OLD_POLICY)
        self.assertEqual(self.create(BINDING, dry_run=True)[0], 201)
        role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/kthena-controller-manager"
        whole = self.api.get(role)[1]
        rest = [rule for rule in whole["rules"] if "autoscalingpolicies" not in rule["resources"]]
        self.assertLess(len(rest), len(whole["rules"]))
        self.addCleanup(kubectl, "apply", "--server-side", "-f", str(ROOT / "deploy/controller-manager.yaml"))
        self.assertEqual(self.api.call("PATCH", role, {"rules": rest}, "application/merge-patch+json")[0], 200)

        def refusal():
            status, answer = self.create(BINDING, dry_run=True)
            return answer["message"] if status == 400 else ""
        self.assertTrue(eventually(refusal), manager.text())
        self.assertIn("spec.policyRef.name: cannot look for AutoscalingPolicy old: ", refusal())
        self.assertIn("is forbidden", refusal())
        self.api.call("PATCH", role, {"rules": whole["rules"]}, "application/merge-patch+json")
        self.assertTrue(eventually(lambda: self.create(BINDING, dry_run=True)[0] == 201))

    def test_the_account_may_do_nothing_else(self):
        account = f"system:serviceaccount:{NAMESPACE}:kthena-controller-manager"
        for verb, resource in (("list", "secrets"), ("get", "secrets/another"), ("delete", "secrets"), ("get", "pods"),
                               ("create", "pods"), ("list", f"modelservers.{NETWORKING.split('/')[0]}"),
                               ("update", f"autoscalingpolicies.{WORKLOAD.split('/')[0]}"),
                               ("create", "validatingwebhookconfigurations.admissionregistration.k8s.io"),
                               ("patch", "validatingwebhookconfigurations.admissionregistration.k8s.io/another"),
                               ("update", "leases.coordination.k8s.io/another")):
            answer = kubectl("auth", "can-i", verb, resource, f"--as={account}", "-n", NAMESPACE, check=False)
            self.assertEqual(answer.stdout.strip(), "no", f"{verb} {resource}")

    def test_odd_objects_are_taken_with_the_documented_warnings(self):
        self.serve()
        self.keep(OLD_POLICY, server("qwen"), server("qwen-next"))
        for case in [*read_cases("warned"), *read_cases("accepted")]:
            thing = case.thing
            thing["metadata"]["namespace"] = NAMESPACE
            thing["metadata"]["name"] = {"old": "old-too"}.get(thing["metadata"]["name"], thing["metadata"]["name"])
            with self.subTest(where=case.where, name=thing["metadata"]["name"]):
                done = kubectl("create", "--dry-run=server", "-o", "name", "-f", "-", stdin=json.dumps(thing), check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                told = [line.removeprefix("Warning: ") for line in done.stderr.splitlines() if "AutoscalingPolicyBinding is deprecated" not in line]
                self.assertEqual(told, case.warned)

    def test_kubectl_shows_warnings(self):
        self.serve()
        obj = route("warned", modelName="m", rules=[{"modelMatch": {"uri": {"exact": "/a", "prefix": "/b"}},
                                                     "targetModels": [{"modelServerName": "s"}]}])
        done = kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(obj), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Warning: spec.rules[0].modelMatch.uri", done.stderr)

    def test_a_webhook_that_is_gone_refuses_everything(self):
        manager = self.serve()
        self.assertEqual(self.create(route("good"), dry_run=True)[0], 201)
        manager.stop(signal.SIGKILL)
        status, answer = self.create(route("good"), dry_run=True)
        self.assertEqual(status, 500, answer)
        self.assertIn("failed calling webhook", answer["message"])

    def test_sigterm_ends_it_in_order(self):
        manager = self.serve()
        self.assertEqual(manager.stop(), 0, manager.text())

    def test_replicas_that_start_together_use_one_secret(self):
        starting = [threading.Thread(target=self.start) for _ in range(4)]
        for thread in starting:
            thread.start()
        for thread in starting:
            thread.join()
        self.assertTrue(eventually(lambda: all(m.is_ready() for m in self.managers)))
        # The log is written by a thread of its own, a moment later.
        self.assertTrue(eventually(lambda: all(m.line("serving webhooks with a certificate") for m in self.managers)))
        serials = {m.line("serving webhooks with a certificate")["serial"] for m in self.managers}
        self.assertEqual(len(serials), 1, serials)
        def makers():
            return [m for m in self.managers if m.line("made a certificate for the webhooks")]
        self.assertTrue(eventually(makers))
        self.assertEqual(len(makers()), 1)
        self.assertEqual(len(self.managers), 4)

    def test_a_bundle_is_put_where_it_belongs_and_not_written_again(self):
        manager = self.serve()
        self.assertEqual(self.bundle(), self.secret()["ca.crt"])
        self.assertEqual(self.bundle("mutating"), self.secret()["ca.crt"])
        path = f"{HOOKS}/validatingwebhookconfigurations/kthena-controller-manager-validating-webhook"
        version = self.api.get(path)[1]["metadata"]["resourceVersion"]
        time.sleep(3)  # looks each second
        self.assertEqual(self.api.get(path)[1]["metadata"]["resourceVersion"], version)
        self.install(manager.port)
        self.assertTrue(eventually(lambda: self.bundle() == self.secret()["ca.crt"]))

    def test_renewal_under_load_loses_no_review(self):
        manager = self.serve("15s")
        first = self.secret()
        failures = []
        done = threading.Event()
        counts = [0] * 4

        def load(index):
            while not done.is_set():
                status, answer = self.create(route(f"load-{index}"), dry_run=True)
                counts[index] += 1
                if status != 201:
                    failures.append(answer)
        threads = [threading.Thread(target=load, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        renewed = eventually(lambda: manager.metric("webhook_certificate_renewals_total") >= 2, 60)
        done.set()
        for thread in threads:
            thread.join()
        self.assertTrue(renewed, manager.text())
        self.assertEqual(failures, [])
        self.assertGreater(min(counts), 50)
        self.assertNotEqual(self.secret()["tls.crt"], first["tls.crt"])
        self.assertGreater(self.secret()["ca.crt"].count("BEGIN CERTIFICATE"), 1)  # the old one is trusted on

    def test_files_serve_where_there_is_no_secret(self):
        with tempfile.TemporaryDirectory() as folder:
            maker = self.serve()
            made = self.secret()
            maker.stop()
            self.api.call("DELETE", SECRET)
            for name in ("tls.crt", "tls.key"):
                pathlib.Path(folder, name).write_text(made[name])
            manager = self.start("--cert-mode=manual", f"--tls-cert-file={folder}/tls.crt", f"--tls-private-key-file={folder}/tls.key")
            self.assertTrue(eventually(manager.is_ready))
            objects = configurations(manager.port)
            for configuration in objects:
                for webhook in configuration["webhooks"]:
                    webhook["clientConfig"]["caBundle"] = base64.b64encode(made["ca.crt"].encode()).decode()
            apply(*objects)
            self.assertTrue(eventually(lambda: self.create(route("good"), dry_run=True)[0] == 201))
            self.assertEqual(self.api.get(SECRET)[0], 404)


if __name__ == "__main__":
    BIN = pathlib.Path(sys.argv.pop(1))
    if len(sys.argv) > 1 and pathlib.Path(sys.argv[1]).is_dir():
        CRDS = pathlib.Path(sys.argv.pop(1))
    if not CRDS.is_dir():
        print("skipped: there are no CRDs in", CRDS)
        sys.exit(77)
    unittest.main(verbosity=2)
