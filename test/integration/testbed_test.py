#!/usr/bin/env python3
"""Is the API server of the environment one that our tests can be run against? tools/testbed run gives one.

Usage: testbed_test.py [unittest arguments]
"""

import os
import subprocess
import unittest
import urllib.parse

from kube_api import Api, ApiTest, kubectl, needed


class TestbedTest(ApiTest):
    def test_an_object_is_created_read_watched_and_deleted(self):
        created = self.create_config_map("first", colour="red")
        path = self.in_namespace("configmaps")
        version = created["metadata"]["resourceVersion"]
        events = self.api.watch(path, version)

        self.create_config_map("second", colour="blue")
        kind, watched = next(events)
        self.assertEqual((kind, watched["metadata"]["name"]), ("ADDED", "second"))

        status, read = self.api.get(f"{path}/second")
        self.assertEqual((status, read["data"]), (200, {"colour": "blue"}))
        self.assertEqual(self.api.call("DELETE", f"{path}/second")[0], 200)
        kind, watched = next(events)
        self.assertEqual((kind, watched["metadata"]["name"]), ("DELETED", "second"))
        events.close()
        self.assertEqual(self.api.get(f"{path}/second")[0], 404)

    def test_kubectl_applies_and_reads(self):
        manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {size: large}\n"
        kubectl("-n", self.namespace, "apply", "--server-side", "-f", "-", stdin=manifest)
        self.assertEqual(kubectl("-n", self.namespace, "get", "cm/applied", "-o", "jsonpath={.data.size}"), "large")

    def test_each_context_of_the_kubeconfig_is_who_it_says(self):
        names = {}
        for context in ("admin", "admin-certificate", "user"):
            names[context] = kubectl("--context", context, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
        self.assertEqual(names, {"admin": "admin", "admin-certificate": "admin", "user": "user"})

    def test_a_name_without_rights_is_refused_until_a_role_is_bound(self):
        self.create_config_map("secret-recipe")
        path = self.in_namespace("configmaps")
        user = Api(needed("KTHENA_TESTBED_USER_TOKEN"))
        status, answer = user.get(path)
        self.assertEqual((status, answer["reason"]), (403, "Forbidden"))
        self.assertIn('User "user" cannot list resource "configmaps"', answer["message"])

        # A role of our own: the built-in `view` is put together by the controller manager.
        kubectl("-n", self.namespace, "create", "role", "reader", "--verb=get,list", "--resource=configmaps")
        kubectl("-n", self.namespace, "create", "rolebinding", "reads", "--role=reader", "--user=user")
        self.assertTrue(self.eventually(lambda: user.get(path)[0] == 200))
        self.assertEqual(user.call("DELETE", f"{path}/secret-recipe")[0], 403)

    def test_a_wrong_token_is_not_let_in(self):
        self.assertEqual(Api("not-a-token").get("/api")[0], 401)

    def test_a_service_account_gets_a_token_that_works(self):
        kubectl("-n", self.namespace, "create", "serviceaccount", "robot")
        token = kubectl("-n", self.namespace, "create", "token", "robot").strip()
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        status, answer = Api(token).call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)
        self.assertEqual(status, 201, answer)
        self.assertEqual(answer["status"]["userInfo"]["username"], f"system:serviceaccount:{self.namespace}:robot")

    def test_the_next_page_of_a_list_is_gone_after_a_compaction(self):
        compact = self.server_can("KTHENA_TESTBED_COMPACT")
        for name in ("a", "b", "c"):
            self.create_config_map(name)
        path = self.in_namespace("configmaps")
        page = self.api.get(f"{path}?limit=1")[1]
        self.create_config_map("d")
        following = urllib.parse.quote(page["metadata"]["continue"])
        self.assertEqual(self.api.get(f"{path}?limit=1&continue={following}")[0], 200)

        subprocess.run(compact, check=True)
        status, answer = self.api.get(f"{path}?limit=1&continue={following}")
        self.assertEqual((status, answer["reason"]), (410, "Expired"))
        self.assertTrue(answer["metadata"].get("continue"), "the server offers to go on with an inconsistent list")

    def test_a_watch_from_before_a_compaction_is_gone(self):
        compact = self.server_can("KTHENA_TESTBED_COMPACT")
        version = self.create_config_map("old")["metadata"]["resourceVersion"]
        self.create_config_map("new")
        subprocess.run(compact, check=True)
        kind, status = next(self.api.watch(self.in_namespace("configmaps"), version))
        self.assertIn(kind, ("HTTP", "ERROR"))
        self.assertEqual((status["code"], status["reason"]), (410, "Expired"))

    def test_a_restart_cuts_watches_and_keeps_objects_and_versions(self):
        restart = self.server_can("KTHENA_TESTBED_RESTART")
        before = self.create_config_map("kept", colour="green")
        events = self.api.watch(self.in_namespace("configmaps"), before["metadata"]["resourceVersion"])
        self.create_config_map("seen")
        self.assertEqual(next(events)[0], "ADDED")
        subprocess.run(restart, check=True)
        # A kind ending or a cut one: both are ends that a client must expect.
        with self.assertRaises((StopIteration, OSError)):
            next(events)
        status, after = self.api.get(self.in_namespace("configmaps/kept"))
        self.assertEqual((status, after), (200, before))


class OpenApiTest(ApiTest):
    def test_the_shape_of_the_kinds_we_use_is_published(self):
        paths = self.api.get("/openapi/v3")[1]["paths"]
        for group in ("api/v1", "apis/apps/v1", "apis/coordination.k8s.io/v1", "apis/discovery.k8s.io/v1"):
            self.assertIn(group, paths)


class ControllerTest(ApiTest):
    def setUp(self):
        if not os.environ.get("KTHENA_TESTBED_CONTROLLERS"):
            self.skipTest("this server has no controller manager")
        super().setUp()

    def test_what_is_owned_goes_with_its_owner(self):
        owner = self.create_config_map("owner")
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
        body = {"metadata": {"name": "owned", "ownerReferences": [reference]}}
        path = self.in_namespace("configmaps")
        self.assertEqual(self.api.call("POST", path, body)[0], 201)
        self.assertEqual(self.api.call("DELETE", f"{path}/owner")[0], 200)
        self.assertTrue(self.eventually(lambda: self.api.get(f"{path}/owned")[0] == 404))


if __name__ == "__main__":
    needed("KTHENA_TESTBED_SERVER")
    unittest.main(verbosity=2)
