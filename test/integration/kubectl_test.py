#!/usr/bin/env python3
"""What people do with kubectl, on whichever API server there is. The server collects garbage."""

import json
import os
import stat
import tempfile
import unittest

from kube_api import ApiTest, kubectl, needed

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx:1.0}]}
"""


def config_map(name, owner=None):
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "1"}}
    if owner:
        uid = kubectl_in(owner[0], "get", "configmap", owner[1], "-o", "jsonpath={.metadata.uid}")
        thing["metadata"]["ownerReferences"] = [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": owner[1], "uid": uid, "blockOwnerDeletion": True}
        ]
    return json.dumps(thing)


def kubectl_in(namespace, *arguments, **options):
    return kubectl("-n", namespace, *arguments, **options)


class KubectlTest(ApiTest):
    def kubectl(self, *arguments, **options):
        return kubectl_in(self.namespace, *arguments, **options)

    def apply(self, text, *arguments):
        return self.kubectl("apply", "-f", "-", *arguments, stdin=text)

    def test_apply_creates_configures_and_leaves_alone(self):
        self.assertIn("created", self.apply(DEPLOYMENT))
        self.assertIn("unchanged", self.apply(DEPLOYMENT))
        changed = DEPLOYMENT.replace("nginx:1.0", "nginx:1.1")
        diff = self.kubectl("diff", "-f", "-", stdin=changed, check=False)
        self.assertEqual(diff.returncode, 1, diff.stderr)
        self.assertIn("+      - image: nginx:1.1", diff.stdout)
        self.assertIn("configured", self.apply(changed))
        same = self.kubectl("diff", "-f", "-", stdin=changed, check=False)
        self.assertEqual((same.returncode, same.stdout), (0, ""))
        generation = self.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.generation}")
        self.assertEqual(generation, "2")

    def test_a_dry_run_on_the_server_changes_nothing(self):
        self.assertIn("(server dry run)", self.apply(DEPLOYMENT, "--dry-run=server"))
        self.assertEqual(self.kubectl("get", "deployments", "-o", "name"), "")

    def test_a_typo_is_refused_by_its_path(self):
        done = self.kubectl("apply", "-f", "-", stdin=DEPLOYMENT.replace("replicas", "replikas"), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('unknown field "spec.replikas"', done.stderr)
        bad = self.kubectl("apply", "-f", "-", stdin=DEPLOYMENT.replace("name: c,", "name: C!,"), check=False)
        self.assertIn("spec.template.spec.containers[0].name", bad.stderr)

    def test_get_in_all_forms(self):
        self.apply(DEPLOYMENT)
        table = self.kubectl("get", "deployment", "web")
        self.assertEqual(table.split()[:5], ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"])
        self.assertIn("nginx:1.0", self.kubectl("get", "deployment", "-o", "wide"))
        self.assertEqual(self.kubectl("get", "deployment", "-o", "name"), "deployment.apps/web\n")
        self.assertEqual(json.loads(self.kubectl("get", "deployment", "web", "-o", "json"))["spec"]["replicas"], 2)
        self.assertIn("replicas: 2", self.kubectl("get", "deployment", "web", "-o", "yaml"))
        columns = "custom-columns=N:.metadata.name,R:.spec.replicas"
        self.assertEqual(self.kubectl("get", "deployment", "-o", columns).split(), ["N", "R", "web", "2"])
        template = "go-template={{range .items}}{{.metadata.name}}{{end}}"
        self.assertEqual(self.kubectl("get", "deployment", "-o", template), "web")
        self.assertEqual(self.kubectl("get", "deployment", "-l", "app=other", "-o", "name"), "")
        by_field = self.kubectl("get", "deployment", "--field-selector", "metadata.name=web", "-o", "name")
        self.assertEqual(by_field, "deployment.apps/web\n")
        self.assertIn("managedFields", self.kubectl("get", "deployment", "web", "-o", "yaml", "--show-managed-fields"))
        missing = self.kubectl("get", "deployment", "nobody", check=False)
        self.assertIn('deployments.apps "nobody" not found', missing.stderr)

    def test_describe_tells_of_the_object(self):
        self.apply(DEPLOYMENT)
        text = self.kubectl("describe", "deployment", "web")
        self.assertIn("StrategyType:           RollingUpdate", text)
        self.assertIn("25% max unavailable, 25% max surge", text)

    def test_edit_writes_what_the_editor_wrote(self):
        self.apply(config_map("a"))
        with tempfile.TemporaryDirectory() as folder:
            editor = os.path.join(folder, "editor")
            with open(editor, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nexec sed -i 's/a: \"1\"/a: \"2\"/' \"$1\"\n")
            os.chmod(editor, stat.S_IRWXU)
            os.environ["KUBE_EDITOR"] = editor
            self.assertIn("edited", self.kubectl("edit", "configmap", "a"))
        self.assertEqual(self.kubectl("get", "configmap", "a", "-o", "jsonpath={.data.a}"), "2")

    def test_patches_of_all_kinds(self):
        self.apply(DEPLOYMENT)
        self.kubectl("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"replicas":3}}')
        self.kubectl("patch", "deployment", "web", "--type=json",
                     "-p", '[{"op":"replace","path":"/spec/replicas","value":4}]')
        strategic = '{"spec":{"template":{"spec":{"containers":[{"name":"d","image":"side"}]}}}}'
        self.kubectl("patch", "deployment", "web", "-p", strategic)
        names = "jsonpath={.spec.replicas} {.spec.template.spec.containers[*].name}"
        self.assertEqual(self.kubectl("get", "deployment", "web", "-o", names), "4 d c")
        done = self.kubectl("patch", "deployment", "web", "--type=json",
                            "-p", '[{"op":"test","path":"/spec/replicas","value":9}]', check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_labels_and_annotations(self):
        self.apply(config_map("a"))
        self.kubectl("label", "configmap", "a", "tier=front")
        self.kubectl("annotate", "configmap", "a", "note=hello world")
        self.assertEqual(self.kubectl("get", "configmap", "-l", "tier in (front)", "-o", "name"), "configmap/a\n")
        again = self.kubectl("label", "configmap", "a", "tier=back", check=False)
        self.assertIn("already has a value", again.stderr)
        self.kubectl("label", "configmap", "a", "tier-")
        self.assertEqual(self.kubectl("get", "configmap", "-l", "tier", "-o", "name"), "")
        wrong = self.kubectl("label", "configmap", "a", "tier=a b", check=False)
        self.assertNotEqual(wrong.returncode, 0)

    def test_scale_with_and_without_a_precondition(self):
        self.apply(DEPLOYMENT)
        self.assertIn("scaled", self.kubectl("scale", "deployment", "web", "--replicas=5"))
        self.assertEqual(self.kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"), "5")
        wrong = self.kubectl("scale", "deployment", "web", "--current-replicas=2", "--replicas=1", check=False)
        self.assertNotEqual(wrong.returncode, 0)

    def test_wait_for_a_condition_and_for_the_end(self):
        self.apply(DEPLOYMENT)
        condition = '{"status":{"conditions":[{"type":"Ready4Test","status":"True"}]}}'
        self.kubectl("patch", "deployment", "web", "--subresource=status", "--type=merge", "-p", condition)
        self.assertIn("condition met", self.kubectl("wait", "deployment/web", "--for=condition=Ready4Test",
                                                    "--timeout=20s"))
        self.kubectl("delete", "deployment", "web", "--wait=false")
        self.kubectl("wait", "deployment/web", "--for=delete", "--timeout=20s")

    def test_explain_and_api_resources(self):
        self.assertIn("containers\t<[]Container> -required-", kubectl("explain", "pod.spec"))
        names = kubectl("api-resources", "-o", "name").split()
        self.assertIn("deployments.apps", names)
        self.assertIn("pods", names)
        self.assertIn("v1", kubectl("api-versions").split())

    def test_create_by_the_typed_commands(self):
        self.kubectl("create", "configmap", "c", "--from-literal=a=1")
        self.kubectl("create", "secret", "generic", "s", "--from-literal=password=secret")
        self.kubectl("create", "deployment", "d", "--image=nginx", "--replicas=3", "--port=80")
        self.kubectl("expose", "deployment", "d", "--port=80")
        self.kubectl("create", "serviceaccount", "robot")
        self.assertEqual(self.kubectl("get", "secret", "s", "-o", "jsonpath={.data.password}"), "c2VjcmV0")
        self.assertEqual(self.kubectl("get", "deployment", "d", "-o", "jsonpath={.spec.replicas}"), "3")
        self.assertRegex(self.kubectl("get", "service", "d", "-o", "jsonpath={.spec.clusterIP}"), r"^10\.")

    def test_what_somebody_may_do(self):
        self.assertEqual(self.kubectl("auth", "can-i", "create", "pods"), "yes\n")
        account = f"system:serviceaccount:{self.namespace}:robot"
        self.kubectl("create", "serviceaccount", "robot")
        denied = self.kubectl("auth", "can-i", "list", "pods", "--as", account, check=False)
        self.assertEqual(denied.stdout, "no\n")
        self.kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods")
        self.kubectl("create", "rolebinding", "reads", "--role=reader",
                     f"--serviceaccount={self.namespace}:robot")
        allowed = lambda: self.kubectl("auth", "can-i", "list", "pods", "--as", account, check=False).stdout == "yes\n"
        self.assertTrue(self.eventually(allowed, 10))
        self.assertIn("pods", self.kubectl("auth", "can-i", "--list", "--as", account))
        refused = self.kubectl("get", "secrets", "--as", account, check=False)
        self.assertIn(f'User "{account}" cannot list resource "secrets"', refused.stderr)

    def test_apply_on_the_server_names_who_owns_a_field(self):
        self.apply(DEPLOYMENT, "--server-side", "--field-manager=one")
        other = DEPLOYMENT.replace("replicas: 2", "replicas: 7")
        arguments = ("apply", "-f", "-", "--server-side", "--field-manager=two")
        conflict = self.kubectl(*arguments, stdin=other, check=False)
        self.assertIn('conflict with "one": .spec.replicas', conflict.stderr)
        self.kubectl(*arguments, "--force-conflicts", stdin=other)
        self.assertEqual(self.kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"), "7")
        # What its only owner no longer names goes.
        self.apply(config_map("a"), "--server-side", "--field-manager=one")
        self.apply(config_map("a").replace('"a": "1"', '"b": "1"'), "--server-side", "--field-manager=one")
        self.assertEqual(self.kubectl("get", "configmap", "a", "-o", "jsonpath={.data}"), '{"b":"1"}')

    def family(self):
        self.apply(config_map("owner"))
        for name in ("one", "two"):
            self.apply(config_map(name, (self.namespace, "owner")))

    def names(self):
        found = self.kubectl("get", "configmaps", "-o", "name").split()
        return {name.removeprefix("configmap/") for name in found} - {"kube-root-ca.crt"}

    def test_deleting_in_the_background_takes_the_dependents(self):
        self.family()
        self.kubectl("delete", "configmap", "owner")
        self.assertTrue(self.eventually(lambda: self.names() == set()))

    def test_deleting_in_the_foreground_waits_for_the_dependents(self):
        self.family()
        self.kubectl("delete", "configmap", "owner", "--cascade=foreground", "--timeout=30s")
        self.assertEqual(self.names(), set())

    def test_deleting_an_owner_alone_leaves_orphans(self):
        self.family()
        self.kubectl("delete", "configmap", "owner", "--cascade=orphan", "--timeout=30s")
        self.assertEqual(self.names(), {"one", "two"})
        owners = self.kubectl("get", "configmap", "one", "-o", "jsonpath={.metadata.ownerReferences}")
        self.assertEqual(owners, "")

    def test_a_namespace_ends_with_what_is_in_it(self):
        name = self.namespace + "-x"
        kubectl("create", "namespace", name)
        kubectl_in(name, "create", "configmap", "c")
        kubectl("delete", "namespace", name, "--timeout=30s")
        gone = kubectl_in(name, "get", "configmap", "c", check=False)
        self.assertIn("not found", gone.stderr)

    def test_a_custom_resource_of_ones_own(self):
        plural = "w" + self.namespace.replace("-", "")
        definition = {
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.example.com"},
            "spec": {
                "group": "example.com", "scope": "Namespaced",
                "names": {"plural": plural, "kind": plural.capitalize(), "singular": plural},
                "versions": [{
                    "name": "v1", "served": True, "storage": True,
                    "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.size",
                                                             "statusReplicasPath": ".status.size"}},
                    "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                        "spec": {"type": "object", "required": ["color"], "properties": {
                            "size": {"type": "integer", "minimum": 1, "default": 3},
                            "color": {"type": "string", "description": "What it looks like."}}},
                        "status": {"type": "object", "properties": {"size": {"type": "integer"}}}}}},
                }],
            },
        }
        kubectl("apply", "-f", "-", stdin=json.dumps(definition))
        self.addCleanup(kubectl, "delete", "crd", f"{plural}.example.com")
        kubectl("wait", f"crd/{plural}.example.com", "--for=condition=Established", "--timeout=20s")
        thing = {"apiVersion": "example.com/v1", "kind": plural.capitalize(), "metadata": {"name": "t"}, "spec": {}}
        bad = self.kubectl("apply", "-f", "-", stdin=json.dumps(thing), check=False)
        self.assertIn("spec.color: Required value", bad.stderr)
        thing["spec"] = {"color": "red"}
        self.apply(json.dumps(thing))
        self.assertEqual(self.kubectl("get", plural).split(), ["NAME", "SIZE", "t", "3"])
        self.kubectl("scale", plural, "t", "--replicas=5")
        self.assertEqual(self.kubectl("get", plural, "t", "-o", "jsonpath={.spec.size}"), "5")
        self.assertTrue(self.eventually(lambda: "What it looks like." in kubectl(
            "explain", f"{plural}.spec.color", check=False).stdout, 20))


if __name__ == "__main__":
    needed("KTHENA_TESTBED_SERVER")
    needed("KTHENA_TESTBED_KUBECTL")
    unittest.main(verbosity=2)
