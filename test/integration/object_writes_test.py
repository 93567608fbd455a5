#!/usr/bin/env python3
"""Do our patches and applies do what the API server does?

Usage: object_writes_test.py WRITER [--seeds N] [--first SEED] [-v]
WRITER is the program object_writer. For each seed, several managers create, update, patch and apply one object, at random,
and write its status. After each write the server's answer is held against ours: errors by code and message, objects by what
the server makes of ours as an update that it does not store (it fills in defaults), managedFields entry by entry with
their times. A difference is printed with what leads to it; so is the seed.
"""

import argparse
import collections
import copy
import datetime
import http.client
import json
import random
import subprocess
import sys
import time
import urllib.parse
import uuid
from pathlib import Path

from kube_api import Api, kubectl

ROOT = Path(__file__).resolve().parents[2]
CRD = ROOT / "deploy" / "crds" / "modelservings.yaml"
CONTENT = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
MANAGERS = ["a", "b", "kubectl"]
TIME = "%Y-%m-%dT%H:%M:%SZ"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime(TIME)


# How the server begins its refusal of a directive that it does not know.
BOGUS = "unknown patch type: bogus in map: "


class Server(Api):
    """The real one, over one connection."""

    def __init__(self):
        super().__init__()
        self.connection = self.connect()

    def call(self, method, path, body=None, content_type="application/json", agent=None):
        text = None if body is None else body if isinstance(body, str) else json.dumps(body)
        headers = self.headers(content_type if text else None)
        headers["User-Agent"] = agent or "writes-test/1.0 (x)"
        try:
            self.connection.request(method, path, text, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else {}
        except (ConnectionError, http.client.HTTPException):  # it panics at some patches
            self.connection = self.connect()
            return 0, {}


class Writer:
    """Ours."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


class Random(random.Random):
    def some(self, items, most=None):
        items = list(items)
        return self.sample(items, self.randint(0, min(len(items), most or len(items))))

    def maybe(self, make, chance=0.5):
        return make() if self.random() < chance else None

    def without_nothing(self, **fields):
        return {key: value for key, value in fields.items() if value is not None}

    def labels(self):
        return {key: self.choice("xyz") for key in self.some("abcd", 3)}

    def metadata(self, name):
        out = {"name": name}
        if self.random() < 0.5:
            out["labels"] = self.labels()
        if self.random() < 0.4:
            out["annotations"] = {f"n.io/{key}": self.choice(["1", "<2>", ""]) for key in self.some("pq")}
        if self.random() < 0.2:
            out["ownerReferences"] = [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": f"o{uid}", "uid": f"u-{uid}"} for uid in self.some("12")
            ]
        return out

    def env(self):
        out = []
        for name in self.some(["E", "F", "G"]):
            value = {"value": self.choice(["1", "2"])}
            if self.random() < 0.2:
                value = {"valueFrom": {"configMapKeyRef": {"name": "m", "key": self.choice("kl")}}}
            out.append({"name": name, **value})
        return out

    def ports(self):
        return [
            self.without_nothing(
                containerPort=port, protocol=self.maybe(lambda: self.choice(["TCP", "UDP"])), name=self.maybe(lambda: f"p{port}", 0.3)
            )
            for port in self.some([80, 81, 443])
        ]

    def container(self, name):
        return self.without_nothing(
            name=name,
            image=self.choice(["i:1", "i:2"]),
            command=self.maybe(lambda: self.choice([["run"], ["run", "x"], []]), 0.3),
            env=self.maybe(self.env),
            ports=self.maybe(self.ports),
            resources=self.maybe(lambda: {"requests": {"cpu": self.choice(["1", "500m"])}}, 0.3),
            volumeMounts=self.maybe(lambda: [{"name": "v", "mountPath": path} for path in self.some(["/a", "/b"])], 0.3),
        )

    def pod_spec(self):
        names = self.some(["c", "d"]) or ["c"]
        return self.without_nothing(
            containers=[self.container(name) for name in names],
            nodeSelector=self.maybe(self.labels, 0.3),
            terminationGracePeriodSeconds=self.maybe(lambda: self.choice([5, 30]), 0.3),
            volumes=[{"name": "v", "emptyDir": {}}] + (self.maybe(lambda: [{"name": "w", "configMap": {"name": "m"}}], 0.3) or []),
            tolerations=self.maybe(lambda: [{"key": key, "operator": "Exists"} for key in self.some("tu")], 0.2),
            securityContext=self.maybe(lambda: {"runAsUser": self.choice([1, 2])}, 0.2),
        )


class Kind:
    status_parts = ()
    strategic = True
    after_tracking = ()  # what the server sets after it has looked who owns what

    def path(self, namespace, name=None):
        root = f"api/{self.api_version}" if "/" not in self.api_version else f"apis/{self.api_version}"
        return f"/{root}/namespaces/{namespace}/{self.plural}" + (f"/{name}" if name else "")

    def whole(self, rng, name):
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": rng.metadata(name), **self.content(rng)}


class ConfigMap(Kind):
    api_version, kind, plural = "v1", "ConfigMap", "configmaps"

    def content(self, rng):
        out = {"data": {key: rng.choice(["1", "2", "<&>"]) for key in rng.some("abcde")}}
        if rng.random() < 0.2:
            out["binaryData"] = {"z": rng.choice(["AA==", "AQ=="])}
        return out if rng.random() < 0.9 else {}


class Deployment(Kind):
    api_version, kind, plural = "apps/v1", "Deployment", "deployments"
    has_status = True

    def content(self, rng):
        spec = rng.without_nothing(
            replicas=rng.maybe(lambda: rng.choice([1, 2, 3])),
            selector={"matchLabels": {"app": "x"}},
            template={"metadata": {"labels": {"app": "x", **rng.labels()}}, "spec": rng.pod_spec()},
            strategy=rng.maybe(
                lambda: rng.choice([{"type": "Recreate"}, {"rollingUpdate": {"maxSurge": rng.choice([1, "25%"])}}]), 0.3
            ),
            minReadySeconds=rng.maybe(lambda: rng.choice([0, 5]), 0.3),
        )
        return {"spec": spec}

    def status(self, rng):
        return rng.without_nothing(
            replicas=rng.choice([0, 1]),
            conditions=rng.maybe(lambda: [condition(rng, type) for type in rng.some(["Available", "Progressing"])]),
        )


def condition(rng, type):
    return {"type": type, "status": rng.choice(["True", "False"]), **rng.choice([{}, {"reason": "R"}])}


class Pod(Kind):
    api_version, kind, plural = "v1", "Pod", "pods"
    has_status = True
    after_tracking = ("tolerations", "priority", "preemptionPolicy")

    def content(self, rng):
        spec = {"containers": [rng.container("c")], "volumes": [{"name": "v", "emptyDir": {}}]}
        return {"spec": spec}

    def status(self, rng):
        return rng.without_nothing(
            phase=rng.choice(["Pending", "Running"]),
            conditions=rng.maybe(lambda: [condition(rng, type) for type in rng.some(["Ready", "PodScheduled", "x.io/y"])]),
            podIPs=rng.maybe(lambda: [{"ip": ip} for ip in rng.some(["10.0.0.1", "fd00::1"])]),
        )


class Service(Kind):
    api_version, kind, plural = "v1", "Service", "services"
    has_status = True
    after_tracking = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")

    def content(self, rng):
        ports = [
            rng.without_nothing(
                name=f"p{port}", port=port, protocol=rng.maybe(lambda: "TCP"), targetPort=rng.maybe(lambda: rng.choice([8080, "http"]))
            )
            for port in rng.some([80, 81, 443]) or [80]
        ]
        return {"spec": rng.without_nothing(ports=ports, selector=rng.maybe(rng.labels))}

    def status(self, rng):
        return {"conditions": [dict(condition(rng, type), reason="R", message="", lastTransitionTime="2026-01-01T00:00:00Z") for type in rng.some(["A", "B"])]}


class ModelServing(Kind):
    api_version, kind, plural = "workload.serving.volcano.sh/v1alpha1", "ModelServing", "modelservings"
    has_status = True
    strategic = False

    def content(self, rng):
        roles = [
            rng.without_nothing(
                name=name,
                replicas=rng.maybe(lambda: rng.choice([1, 2])),
                workerReplicas=0,
                entryTemplate={"spec": rng.pod_spec(), **rng.choice([{}, {"metadata": {"labels": rng.labels()}}])},
            )
            for name in rng.some(["p", "q", "r"]) or ["p"]
        ]
        spec = rng.without_nothing(replicas=rng.maybe(lambda: rng.choice([1, 2])), schedulerName="volcano", template={"roles": roles})
        return {"spec": spec}

    def status(self, rng):
        return {"replicas": rng.choice([0, 1]), "conditions": [dict(condition(rng, type), reason="R", message="", lastTransitionTime="2026-01-01T00:00:00Z") for type in rng.some(["A", "B"])]}


KINDS = [ConfigMap(), Deployment(), Pod(), Service(), ModelServing()]


def random_json_patch(rng, live):
    """Operations on places that are there, mostly."""
    places = []

    def walk(value, path):
        places.append((path, value))
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in entries:
            # Admission puts tolerations back, after the tracking.
            if key != "tolerations" and (path or key not in ("apiVersion", "kind", "status")):
                walk(child, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")

    walk({key: value for key, value in live.items() if key != "metadata"}, "")
    walk({"labels": live["metadata"].get("labels", {})}, "/metadata")
    out = []
    for _ in range(rng.randint(1, 3)):
        path, value = rng.choice(places)
        other, found = rng.choice(places)
        out.append(
            rng.choice(
                [
                    {"op": "replace", "path": path, "value": copy.deepcopy(found)},
                    {"op": "remove", "path": path},
                    # Not of texts that Go escapes: the server compares bytes, and finds them unequal.
                    {"op": "test", "path": path, "value": "no" if set("<>&") & set(json.dumps(value)) else value},
                    {"op": "test", "path": path, "value": "no"},
                    {"op": "copy", "from": other, "path": path + rng.choice(["", "/-", "/0", "/new"])},
                    {"op": "move", "from": other, "path": path},
                    {"op": "add", "path": path + rng.choice(["/x", "/-", "/1"]), "value": rng.choice(["v", 1, None])},
                    {"op": "add", "path": "/metadata/labels", "value": rng.labels()},
                    {"op": "add", "path": "/metadata/labels/l", "value": "m"},
                ]
            )
        )
    return out


def random_merge_patch(rng, whole):
    """Some of a whole object, with some deletions."""

    def part(value):
        if isinstance(value, dict):
            out = {key: part(child) for key, child in value.items() if rng.random() < 0.7}
            for key in list(out):
                if rng.random() < 0.1:
                    out[key] = None
            return out
        return value

    return {key: part(value) for key, value in whole.items() if key not in ("apiVersion", "kind")}


def random_strategic_patch(rng, whole):
    """The same with directives."""

    def directives(value, key=None):
        if isinstance(value, list):
            value = [directives(item) for item in value]
            if value and all(isinstance(item, dict) and "name" in item for item in value):
                if rng.random() < 0.15:
                    value.append({"name": rng.choice(["c", "d", "E", "v"]), "$patch": "delete"})
                if rng.random() < 0.05:
                    value.append({"$patch": "replace"})
            return value
        if isinstance(value, dict):
            out = {key: directives(child, key) for key, child in value.items()}
            for name in ("containers", "env"):
                if isinstance(out.get(name), list) and rng.random() < 0.3:
                    order = [{"name": item["name"]} for item in out[name] if "name" in item and "$patch" not in item]
                    if rng.random() < 0.8:
                        order.insert(rng.randint(0, len(order)), {"name": rng.choice(["c", "d", "E", "F"])})
                    else:
                        rng.shuffle(order)
                    out[f"$setElementOrder/{name}"] = order
            if key in ("strategy", "data", "securityContext") and rng.random() < 0.2:
                out = rng.choice([{"$patch": "replace", **out}, {"$retainKeys": list(out), **out}, {"$patch": "delete"}])
            if rng.random() < 0.03:
                out["$patch"] = "bogus"
            return out
        return value

    return directives(random_merge_patch(rng, whole))


class Case:
    """One object, for one seed."""

    def __init__(self, server, writer, namespace, seed):
        self.server, self.writer, self.namespace = server, writer, namespace
        self.rng = Random(seed)
        self.kind = KINDS[seed % len(KINDS)]
        self.name = f"s{seed}"
        self.live = None
        self.log = []
        self.steps = 0
        self.answers = collections.Counter()

    def run(self):
        for _ in range(self.rng.randint(4, 9)):
            problem = self.step()
            self.steps += 1
            if problem:
                return problem
        self.server.call("DELETE", self.kind.path(self.namespace, self.name) + "?gracePeriodSeconds=0")  # frees its address
        return None

    def ours(self, verb, **request):
        return self.writer.ask(do=verb, apiVersion=self.kind.api_version, kind=self.kind.kind, **request)

    def step(self):
        rng, kind = self.rng, self.kind
        whole = kind.whole(rng, self.name)
        if self.live is None:
            return self.apply(whole, "") if rng.random() < 0.5 else self.create(whole)
        choice = rng.random()
        if choice < 0.4:
            return self.apply(self.partly(whole), "")
        if choice < 0.5 and getattr(kind, "has_status", False):
            body = {**{key: whole[key] for key in ("apiVersion", "kind")}, "metadata": {"name": self.name}, "status": kind.status(rng)}
            if rng.random() < 0.5:
                return self.apply(body, "status")
            return self.patch("merge", {"status": body["status"], "spec": whole["spec"]}, "status")
        if choice < 0.6:
            return self.update(whole)
        if choice < 0.63:
            return self.patch("merge", {"metadata": {"managedFields": rng.choice([[], [{}], None])}}, "")
        if choice < 0.75:
            return self.patch("json", random_json_patch(rng, self.live), "")
        if choice < 0.87 and kind.strategic:
            return self.patch("strategic", random_strategic_patch(rng, whole), "")
        return self.patch("merge", random_merge_patch(rng, whole), "")

    def partly(self, whole):
        """An apply configuration: mostly a part, now and then wrong."""
        rng = self.rng
        body = copy.deepcopy(whole)
        if rng.random() < 0.4 and "spec" in body:
            for key in rng.some(body["spec"]):
                if key not in ("selector", "template", "containers"):
                    del body["spec"][key]
        if rng.random() < 0.3 and "spec" in body:
            del body["spec"]
        if rng.random() < 0.3 and "data" in body:
            del body["data"]
        if rng.random() < 0.06:
            rng.choice(
                [
                    lambda: body.update(bogus=1),
                    lambda: body["metadata"].update(labels="x"),
                    lambda: body["metadata"].update(managedFields=[]),
                    lambda: body.update(kind="Other"),
                    lambda: body["metadata"].update(labels={"a": 1}),
                    lambda: body["metadata"].update(finalizers=["f.io/a", "f.io/a"]),
                    lambda: body["metadata"].update(ownerReferences=[{"name": "x"}, 3]),
                ]
            )()
        return body

    # Writes.

    def query(self, manager, more=""):
        return (f"?fieldManager={manager}" if manager else "?") + more

    def create(self, body):
        manager = self.rng.choice([*MANAGERS, ""])
        if self.rng.random() < 0.2:
            body["metadata"].setdefault("annotations", {})[LAST_APPLIED] = json.dumps(body)
        self.log.append(["POST", manager, body])
        status, answer = self.server.call("POST", self.kind.path(self.namespace) + self.query(manager), body)
        self.answers[f"create {status}"] += 1
        if status != 201:
            return None
        return self.tracked(manager, None, answer, body, "", replaces=True)

    def update(self, body):
        manager = self.rng.choice([*MANAGERS, ""])
        if self.kind.kind == "Pod":
            body = copy.deepcopy(self.live)
            body["metadata"]["labels"] = self.rng.labels()
        if self.rng.random() < 0.5:
            body["metadata"]["managedFields"] = self.live["metadata"].get("managedFields", [])
        body["metadata"]["resourceVersion"] = self.live["metadata"]["resourceVersion"]
        self.log.append(["PUT", manager, body])
        status, answer = self.server.call("PUT", self.kind.path(self.namespace, self.name) + self.query(manager), body)
        self.answers[f"update {status}"] += 1
        if status != 200:
            return None
        return self.tracked(manager, self.live, answer, body, "", replaces=True)

    def patch(self, patch_type, body, subresource):
        manager = self.rng.choice([*MANAGERS, ""])
        self.log.append(["PATCH", patch_type, manager, subresource, body])
        ours = self.ours(patch_type, live=self.live, body=body)
        path = self.kind.path(self.namespace, self.name) + (f"/{subresource}" if subresource else "")
        made = self.made_of(ours, path) if "object" in ours else None
        status, answer = self.server.call("PATCH", path + self.query(manager), body, CONTENT[patch_type])
        self.answers[f"{patch_type} {status}"] += 1
        if status == 0:
            return None if "status" in ours else "the server panicked, ours did not refuse"
        problem = self.judged(ours, made, status, answer)
        if problem or status != 200:
            return problem
        given = ours["object"] if isinstance(ours["object"], dict) else {}
        return self.tracked(manager, self.live, answer, given, subresource)

    def apply(self, body, subresource):
        manager = self.rng.choice(MANAGERS)
        force = self.rng.random() < 0.4
        self.log.append(["APPLY", manager, subresource, force, body])
        begin = now()
        request = {"live": self.live, "body": body, "manager": manager, "force": force, "subresource": subresource}
        ours = self.ours("apply", now=begin, **request)
        path = self.kind.path(self.namespace, self.name)
        target = path + (f"/{subresource}" if subresource else "")
        if "object" not in ours:
            made = None
        elif self.live is None:
            made = self.server.call("POST", self.kind.path(self.namespace) + "?dryRun=All", ours["object"])
        else:
            made = self.made_of(ours, target)
        more = "&force=true" if force else ""
        status, answer = self.server.call("PATCH", target + self.query(manager, more), body, CONTENT["apply"])
        self.answers[f"apply {status}"] += 1
        problem = self.judged(ours, made, status, answer)
        if problem or status not in (200, 201):
            return problem
        own = [
            entry
            for entry in answer["metadata"].get("managedFields", [])
            if entry["manager"] == manager and entry["operation"] == "Apply" and entry.get("subresource", "") == subresource
        ]
        stamp = own[0].get("time", begin) if own else begin
        old = {json.dumps(entry.get("time")) for entry in (self.live or {"metadata": {}})["metadata"].get("managedFields", [])}
        for entry in answer["metadata"].get("managedFields", []):  # before-first-apply too may be of now
            if json.dumps(entry.get("time")) not in old and entry["manager"] == "before-first-apply":
                stamp = entry["time"]
        again = self.ours("apply", now=stamp, **request)
        before, self.live = self.live, answer
        if before and before["metadata"]["resourceVersion"] == answer["metadata"]["resourceVersion"]:
            later = self.ours("apply", now="2100-01-01T00:00:00Z", **request)["object"]
            if "2100" in json.dumps(later["metadata"].get("managedFields")):
                return "the server changed nothing, ours did"
        return self.same_fields(again["object"], answer)

    # Judgements.

    def made_of(self, ours, path):
        """What the server makes of our object, as an update it does not store."""
        return self.server.call("PUT", path + "?dryRun=All&fieldValidation=Ignore", ours["object"])

    def stored(self, answer):
        """Whether the server's object is in the form that we bring objects into."""
        if isinstance(self.kind, ModelServing):
            return None
        ours = self.ours("as-stored", body=answer, now=now())["object"]
        return None if ours == answer else f"stored forms differ:\n  server {json.dumps(answer)}\n  ours {json.dumps(ours)}"

    def judged(self, ours, made, status, answer):
        if "status" in ours:
            mine = ours["status"]
            if status != mine["code"] or answer.get("message") != mine["message"] or answer.get("reason", "") != mine.get("reason", ""):
                if status == 0 or (answer.get("message", "").count("\n") and mine["message"].count("\n") and status == mine["code"]):
                    return None  # several faults; the server names them in any order
                if status == mine["code"] and all(message.startswith(BOGUS) for message in (answer["message"], mine["message"])):
                    return None  # the same, of a patch with such a directive at two places: Go walks maps in any order
                return f"refusals differ:\n  server {status} {answer}\n  ours {mine}"
            causes = lambda of: sorted(json.dumps(c, sort_keys=True) for c in (of.get("details") or {}).get("causes", []))
            if causes(answer) != causes(mine):
                return f"causes differ:\n  server {causes(answer)}\n  ours {causes(mine)}"
            return None
        made_status, made_answer = made
        if status >= 300:
            if made_status < 300 and not self.is_late(status, answer):
                return f"the server refuses: {status} {answer.get('message')}"
            return None
        if made_status >= 300:
            return f"the server takes the write, but not our object: {made_status} {made_answer.get('message')}"
        return self.same_object(made_answer, answer)

    def is_late(self, status, answer):
        """Refusals that come after the patch: of what it made, by decoding or validation."""
        return status == 422 and "patch: Invalid value" in answer.get("message", "")

    def same_object(self, mine, theirs):
        mine, theirs = copy.deepcopy(mine), copy.deepcopy(theirs)
        for each in (mine, theirs):
            for key in ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation"):
                each["metadata"].pop(key, None)
            for key in ("clusterIP", "clusterIPs"):
                each.get("spec", {}).pop(key, None)
        if mine != theirs:
            return f"objects differ:\n  server {json.dumps(theirs, sort_keys=True)}\n  ours   {json.dumps(mine, sort_keys=True)}"
        return None

    def tracked(self, manager, before, answer, given, subresource, replaces=False):
        """The managedFields after a write that is no apply."""
        after = copy.deepcopy(answer)
        after["metadata"].pop("managedFields", None)
        managed = (given.get("metadata") or {}).get("managedFields")
        if managed is not None:
            after["metadata"]["managedFields"] = managed
        if replaces:
            for key in self.kind.after_tracking:
                if key not in given.get("spec", {}):
                    after["spec"].pop(key, None)
        name = manager or "writes-test"
        own = [
            entry
            for entry in answer["metadata"].get("managedFields", [])
            if entry["manager"] == name and entry["operation"] == "Update" and entry.get("subresource", "") == subresource
        ]
        stamp = own[0]["time"] if own else now()
        ours = self.ours("track", live=before, body=after, manager=name, now=stamp, subresource=subresource)
        self.live = answer
        return self.same_fields(ours["object"], answer)

    def same_fields(self, mine, theirs):
        problem = self.stored(theirs)
        if problem:
            return problem
        mine, theirs = mine["metadata"].get("managedFields"), theirs["metadata"].get("managedFields")
        if mine != theirs:
            lines = lambda entries: "\n    ".join(json.dumps(entry, sort_keys=True) for entry in entries or [])
            return f"managedFields differ:\n  server\n    {lines(theirs)}\n  ours\n    {lines(mine)}"
        return None


def established(server):
    """The CRD, once its kind is served."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/modelservings.workload.serving.volcano.sh"
    kind = ModelServing()
    for _ in range(600):
        crd = server.get(path)[1]
        if server.get(kind.path("default"))[0] == 200:
            return crd
        time.sleep(0.1)
    sys.exit("the CRD is not served")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("writer")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("-v", action="store_true")
    arguments = parser.parse_args()
    server = Server()
    kubectl("apply", "--server-side", "-f", str(CRD))
    crd = established(server)
    writer = Writer(arguments.writer)
    version = crd["spec"]["versions"][0]
    writer.ask(do="define", apiVersion="", kind="ModelServing", schema=version["schema"]["openAPIV3Schema"])
    namespace = f"writes-{uuid.uuid4().hex[:8]}"
    server.call("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    begin, failures, steps, answers = time.monotonic(), 0, 0, collections.Counter()
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        case = Case(server, writer, namespace, seed)
        problem = case.run()
        steps += case.steps
        answers += case.answers
        if problem:
            failures += 1
            print(f"seed {seed}, {case.kind.kind}, step {case.steps}: {problem}")
            print("  the last write: " + json.dumps(case.log[-1]))
            if arguments.v:
                print("\n".join("  " + json.dumps(line) for line in case.log))
    print(", ".join(f"{what} {count}" for what, count in sorted(answers.items())))
    print(f"{arguments.seeds} objects, {steps} writes, {failures} differences, {time.monotonic() - begin:.1f} s")
    return 1 if failures or writer.close() else 0


if __name__ == "__main__":
    sys.exit(main())
