#!/usr/bin/env python3
"""Does the API server take our CRDs, and do they let in what they should and keep out what they should?

Usage: crds_test.py [--crds DIR] [unittest arguments]
DIR is where the CustomResourceDefinitions are, default deploy/crds. Manifests that must be accepted: examples/, the YAML
blocks of docs/ and README.md, and manifests/accepted/ beside this file. Those of the other folders there say in a comment
what the message must hold, see manifest_cases.py; what webhooks say is tested in webhook_test.py.
"""

import re
import sys
import unittest
from pathlib import Path

from kube_api import Api, ApiTest, kubectl, needed
from manifest_cases import GROUP, MANIFESTS, objects_in, read_cases, read_updates

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"ModelRoute", "ModelServer", "ExternalModelProvider", "ModelServing", "ModelBooster", "AutoscalingPolicy"}
# Kubernetes' own types within ours: their fields have no prose, they themselves do (but for an object's metadata).
FOREIGN = ("Policy.metadata", "Binding.metadata", "Provider.metadata", "Booster.metadata", "Route.metadata", "Server.metadata",
           "Serving.metadata", "Template.spec", ".env.valueFrom", ".envFrom", ".affinity", ".resources", ".tolerations")
DEEP = {
    "modelroutes.spec.rules.modelMatch.headers.regex": "A regular expression (RE2)",
    "modelroutes.spec.rateLimit.global.redis.address": "host:port",
    "modelservers.spec.workloadSelector.pdGroup.groupKey": "The label whose equal values pair",
    "modelservers.spec.trafficPolicy.retry": "Further attempts after the first.",
    "modelservings.spec.template.networkTopology.rolePolicy.mode": "the pods wait until they fit",
    "modelservings.status.conditions": "The metadata.generation the condition speaks of.",
    "modelboosters.spec.backend.workers.config": "The engine's command line",
    "modelboosters.status.conditions.reason": "in one word",
    "autoscalingpolicies.spec.behavior.scaleUp.panicPolicy.panicModeHold": "0s turns panic off",
    "autoscalingpolicies.spec.heterogeneousTarget.params.target.metricSources.prometheus.auth.tlsConfig": "How the server is trusted.",
    "autoscalingpolicybindings.spec.policyRef": "DESCRIPTION",
    "externalmodelproviders.spec": "DESCRIPTION",
}
crd_folder = ROOT / "deploy" / "crds"


def manifests_of_users():
    """(where, text) of what a user may copy."""
    for file in sorted([*(ROOT / "examples").rglob("*.yaml"), *(MANIFESTS / "accepted").glob("*.yaml")]):
        yield file.relative_to(ROOT), file.read_text(encoding="utf-8")
    for file in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]):
        text = file.read_text(encoding="utf-8")
        for block in re.finditer(r"^```ya?ml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            if f"{GROUP}v1" in block.group(1) and re.search(r"^kind:", block.group(1), re.MULTILINE):
                line = text.count("\n", 0, block.start()) + 1
                yield f"{file.relative_to(ROOT)}:{line}", block.group(1)


class CrdsTest(ApiTest):
    crds = {}

    @classmethod
    def setUpClass(cls):
        """Applies the CRDs on the server's side (the pod templates are too large for kubectl's annotation)."""
        kubectl("apply", "--server-side", "-f", str(crd_folder))
        kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", str(crd_folder))
        items = Api().get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")[1]["items"]
        cls.crds = {crd["spec"]["names"]["kind"]: crd for crd in items if crd["spec"]["group"].endswith(GROUP[1:-1])}
        # Discovery follows a moment later; kubectl keeps no answer from before.
        for crd in cls.crds.values():
            kubectl("get", crd["metadata"]["name"], "-A")

    def post(self, thing, options=""):
        """Creates an object in this test's namespace; `options` is more of the query."""
        crd = self.crds[thing["kind"]]["spec"]
        thing["metadata"]["namespace"] = self.namespace
        path = self.in_namespace(crd["names"]["plural"], f"apis/{thing['apiVersion']}")
        return self.api.call("POST", f"{path}?fieldValidation=Strict{options}", thing)

    def readable(self, manifests):
        """Those of (where, text) all of whose kinds the server has: kubectl must know a kind to read it."""
        for where, text in manifests:
            named = set(re.findall(rf"^apiVersion: \S+{GROUP}\S+\nkind: (\w+)", text, re.MULTILINE))
            if named <= set(self.crds):
                yield where, text

    def needs(self, kind):
        if kind not in self.crds:
            self.skipTest(f"{crd_folder} does not have {kind}")

    def test_every_kind_is_there(self):
        self.assertEqual(KINDS - set(self.crds), set(), f"missing in {crd_folder}")

    def test_every_definition_is_structural_and_served(self):
        for kind, crd in self.crds.items():
            conditions = {each["type"]: each for each in crd["status"]["conditions"]}
            self.assertEqual(conditions["Established"]["status"], "True", kind)
            self.assertEqual(conditions["NamesAccepted"]["status"], "True", kind)
            # Absent when the schema is structural.
            self.assertNotEqual(conditions.get("NonStructuralSchema", {}).get("status"), "True", kind)

    def test_every_manifest_that_users_see_is_accepted(self):
        kinds = set()
        for where, text in self.readable(manifests_of_users()):
            for thing in objects_in(text):
                with self.subTest(where=str(where), kind=thing["kind"], name=thing["metadata"]["name"]):
                    status, answer = self.post(thing, "&dryRun=All")
                    self.assertEqual(status, 201, answer.get("message"))
                    kinds.add(thing["kind"])
        self.assertEqual(set(self.crds) - kinds, set(), "kinds without an accepted manifest")

    def test_every_bad_manifest_is_refused_with_the_documented_words(self):
        for case in [*read_cases("refused"), *read_cases("denied"), *read_cases("warned")]:
            with self.subTest(where=case.where, name=case.thing["metadata"]["name"]):
                status, answer = self.post(case.thing, "&dryRun=All")
                if case.refused:
                    self.assertIn(status, (400, 422), answer)
                    self.assertIn(case.refused, answer["message"])
                else:  # what only the webhook has something against
                    self.assertEqual(status, 201, answer)

    def test_updates_are_refused_with_the_documented_words(self):
        for old, case in read_updates():
            with self.subTest(where=case.where):
                status, there = self.post(old)
                self.assertEqual(status, 201, there)
                new = case.thing
                new["metadata"] |= {"namespace": self.namespace, "resourceVersion": there["metadata"]["resourceVersion"]}
                plural = self.crds[new["kind"]]["spec"]["names"]["plural"]
                path = self.in_namespace(f"{plural}/{new['metadata']['name']}", f"apis/{new['apiVersion']}")
                status, answer = self.api.call("PUT", f"{path}?dryRun=All&fieldValidation=Strict", new)
                self.assertEqual(status, 422 if case.refused else 200, answer)
                self.assertIn(case.refused, answer.get("message", ""))

    def test_defaults_are_filled_in(self):
        self.needs("ModelServing")
        serving = {"apiVersion": f"workload{GROUP}v1alpha1", "kind": "ModelServing", "metadata": {"name": "filled"}}
        pod = {"spec": {"containers": [{"name": "engine", "image": "engine:1"}]}}
        serving["spec"] = {"template": {"roles": [{"name": "a", "workerReplicas": 0, "entryTemplate": pod}]}}
        status, answer = self.post(serving)
        self.assertEqual(status, 201, answer)
        spec = answer["spec"]
        filled = (spec["replicas"], spec["schedulerName"], spec["recoveryPolicy"], spec["template"]["roles"][0]["replicas"])
        self.assertEqual(filled, (1, "volcano", "RoleRecreate", 1))

    def serving(self, pod):
        thing = {"apiVersion": f"workload{GROUP}v1alpha1", "kind": "ModelServing", "metadata": {"name": "pods"}}
        thing["spec"] = {"template": {"roles": [{"name": "a", "workerReplicas": 0, "entryTemplate": {"spec": pod}}]}}
        return thing

    def test_a_pod_template_is_kept_and_filled_in(self):
        self.needs("ModelServing")
        container = {"name": "c", "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": 1}}}
        pod = {"containers": [container], "hostAliases": [{"ip": "10.0.0.1"}] * 2}
        status, answer = self.post(self.serving(pod))
        self.assertEqual(status, 201, answer)
        kept = answer["spec"]["template"]["roles"][0]["entryTemplate"]["spec"]
        container["ports"][0]["protocol"] = "TCP"
        self.assertEqual(kept, pod)

    def test_a_typo_in_a_pod_template_is_refused_by_its_path(self):
        self.needs("ModelServing")
        status, answer = self.post(self.serving({"containers": [{"name": "c", "imagee": "i"}]}))
        self.assertEqual(status, 400, answer)
        path = "spec.template.roles[0].entryTemplate.spec.containers[0].imagee"
        self.assertIn(f'unknown field "{path}"', answer["message"])

    def test_kubectl_explains_pod_templates_to_the_bottom(self):
        self.needs("ModelServing")
        pod = "modelservings.spec.template.roles.entryTemplate.spec"
        text = kubectl("explain", f"{pod}.containers.readinessProbe.httpGet")
        self.assertIn("httpHeaders\t<[]Object>", text)
        self.assertRegex(text, r"port\t<\w+> -required-")

    def test_one_of_the_names_of_a_renamed_field_is_wanted(self):
        self.needs("AutoscalingPolicy")
        policy = {"apiVersion": f"workload{GROUP}v1alpha1", "kind": "AutoscalingPolicy", "metadata": {"name": "old"}}
        policy["spec"] = {"metrics": [{"metricName": "m", "targetValue": 1}]}
        status, answer = self.post(policy, "&dryRun=All")
        self.assertEqual(status, 201, answer)
        self.assertEqual(answer["spec"]["metrics"][0]["metricName"], "m")
        policy["spec"] = {"metrics": [{"targetValue": 1}]}
        status, answer = self.post(policy, "&dryRun=All")
        self.assertEqual(status, 422, answer)
        self.assertIn("spec.metrics[0].name: Required value", answer["message"])

    def test_a_serving_can_be_scaled(self):
        self.test_defaults_are_filled_in()
        kubectl("-n", self.namespace, "scale", "modelserving/filled", "--replicas=3")
        path = self.in_namespace("modelservings/filled/scale", f"apis/workload{GROUP}v1alpha1")
        self.assertEqual(self.api.get(path)[1]["spec"]["replicas"], 3)

    def test_kubectl_explains_every_field_of_a_spec(self):
        for kind, crd in self.crds.items():
            with self.subTest(kind=kind):
                name = crd["metadata"]["name"]
                text = kubectl("explain", f"{crd['spec']['names']['plural']}.spec", f"--api-version={self.version_of(crd)}")
                self.assertIn("DESCRIPTION:", text)
                fields = re.split(r"^  (?=\w+\t<)", text.partition("FIELDS:")[2], flags=re.MULTILINE)[1:]
                self.assertGreater(len(fields), 0, name)
                for field in fields:
                    head, _, description = field.partition("\n")
                    self.assertRegex(description, r"[a-z]{3}", f"{kind}.spec.{head} is not described")
                    self.assertNotIn("<no description>", description, head)

    def test_no_field_of_ours_lacks_a_description(self):
        def look(schema, path):
            while "items" in schema or isinstance(schema.get("additionalProperties"), dict):
                schema = schema.get("items") or schema["additionalProperties"]
            for name, field in schema.get("properties", {}).items():
                where = f"{path}.{name}"
                if not where.endswith(FOREIGN):
                    self.assertRegex(field.get("description", ""), r"[a-z]{3}", f"{where} is not described")
                    look(field, where)
                elif where.count(".") > 1:
                    self.assertIn("description", field, where)

        for kind, crd in self.crds.items():
            look(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], kind)

    def test_kubectl_explains_fields_at_depth(self):
        for path, words in DEEP.items():
            with self.subTest(path=path):
                text = " ".join(kubectl("explain", path).split())
                self.assertIn(words, text)
                self.assertNotIn("DESCRIPTION: <empty>", text)

    def version_of(self, crd):
        return f"{crd['spec']['group']}/{crd['spec']['versions'][0]['name']}"

    def test_kubectl_shows_the_printer_columns(self):
        for _, text in self.readable(manifests_of_users()):
            for thing in objects_in(text):
                self.assertIn(self.post(thing)[0], (201, 409))
        for kind, crd in self.crds.items():
            with self.subTest(kind=kind):
                columns = crd["spec"]["versions"][0].get("additionalPrinterColumns", [])
                wide = kubectl("-n", self.namespace, "get", crd["metadata"]["name"], "-o", "wide").splitlines()[0]
                expected = ["NAME", *(column["name"].upper() for column in columns)] if columns else ["NAME", "AGE"]
                self.assertEqual(re.split(r"\s{2,}", wide.strip()), expected)
                self.assertIn("AGE", expected, "every kind says how old it is")


if __name__ == "__main__":
    needed("KTHENA_TESTBED_SERVER")
    if "--crds" in sys.argv:
        at = sys.argv.index("--crds")
        crd_folder = Path(sys.argv[at + 1]).resolve()
        del sys.argv[at : at + 2]
    if not list(crd_folder.glob("*.yaml")):
        print(f"there are no CRDs in {crd_folder}")
        sys.exit(77)
    unittest.main(verbosity=2)
