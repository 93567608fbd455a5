#!/usr/bin/env python3
"""Does our API server make of built-in kinds what kube-apiserver does, and refuse the same in the same words?

Usage: built_in_kinds_test.py PROGRAM [--most N] [--seed N] [--kind KIND] [-v]
PROGRAM is built_in_kinds. Good objects of each kind (built_in_examples.py) are created and updated with dry run, whole and with
one of their parts taken away, made empty, or of another value or type. Compared are the object that comes out, text by text
but for what the server makes up; the message of a 400; field and message of all causes of a 422. With --most, that many of
them at random.
"""

import argparse
import collections
import copy
import json
import random
import re
import sys
import time

from built_in_examples import EXAMPLES, SUBRESOURCES, metadata
from object_writes_test import Server, Writer

STRANGE = ["", "Not_Valid.", "x" * 70, "a..b", "../x", "127.0.0.1", "10%", -1, 0, 7, 70000, 1.5, True, False, [], {}, ["x"], {"x": "y"}, None]
MADE_UP = ("managedFields", "uid", "creationTimestamp", "resourceVersion", "selfLink")
# What we do not do; see src/apiserver/built_in/README.md.
INTENDED = [
    re.compile(pattern)
    for pattern in ("pod updates may not change fields", "spec is immutable after creation", "existing ephemeral containers", "may not be in the loopback range")
]


def places(value, path=()):
    """All paths within a value, but that to itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def changed(value, path, change):
    value = copy.deepcopy(value)
    here = value
    for key in path[:-1]:
        here = here[key]
    change(here, path[-1])
    return value


def variants(value):
    """(what was done, the changed value)"""
    for path in places(value):
        if path and path[0] in ("apiVersion", "kind") or path == ("metadata", "name"):
            continue
        name = ".".join(map(str, path))
        yield f"without {name}", changed(value, path, lambda here, key: here.pop(key))
        for strange in STRANGE:
            yield f"{name} = {strange!r}", changed(value, path, lambda here, key, new=strange: here.__setitem__(key, copy.deepcopy(new)))
        here = value
        for key in path:
            here = here[key]
        if isinstance(here, list) and here:
            yield f"{name} twice", changed(value, path, lambda here, key: here[key].append(copy.deepcopy(here[key][0])))
        if isinstance(here, dict):
            yield f"{name} + nosuch", changed(value, path, lambda here, key: here[key].__setitem__("nosuch", "x"))


class Comparison:
    def __init__(self, server, program, namespace):
        self.server, self.writer, self.namespace = server, Writer(program), namespace
        self.answers = collections.Counter()

    def path(self, row):
        version, _, plural, namespaced, _ = row
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        return root + (f"/namespaces/{self.namespace}" if namespaced else "") + f"/{plural}"

    def create(self, row, body):
        status, answer = self.server.call("POST", self.path(row) + "?dryRun=All&fieldValidation=Strict", body)
        request = {"apiVersion": row[0], "kind": row[1], "object": body}
        if row[3]:
            request["namespace"] = self.namespace
        return self.compare(status, answer, {**request, "uid": answer.get("metadata", {}).get("uid", "u")})

    def update(self, row, before, body, subresource=""):
        body = copy.deepcopy(body)
        body["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"]
        path = f"{self.path(row)}/{before['metadata']['name']}" + (f"/{subresource}" if subresource else "")
        status, answer = self.server.call("PUT", path + "?dryRun=All&fieldValidation=Strict", body)
        return self.compare(
            status, answer, {"apiVersion": row[0], "kind": row[1], "object": body, "before": before, "subresource": subresource}
        )

    def compare(self, status, answer, request):
        """What differs; nothing if nothing does."""
        ours = self.writer.ask(**request)
        self.answers[status] += 1
        message = answer.get("message", "")
        if status == 400:
            return None if ours.get("refused") == message else f"server 400 {message}\n    ours {self.short(ours)}"
        if status == 422:
            theirs = {(cause["field"], self.shown(cause["message"])) for cause in answer["details"].get("causes", [])}
            mine = {(field, self.shown(message)) for field, message in ours.get("problems", [])}
            if theirs == mine or self.is_intended(theirs, mine):
                return None
            return f"server {sorted(theirs - mine)}\n    ours   {sorted(mine - theirs) if mine else self.short(ours)}"
        if status >= 300:
            self.answers["other"] += 1
            return None  # not of this folder: admission, authorization, …
        if "object" not in ours:
            return f"server takes it\n    ours {self.short(ours)}"
        theirs, mine = self.bare(answer), self.bare(ours["object"])
        if json.dumps(theirs) != json.dumps(mine):
            same = " (only in order)" if theirs == mine else ""
            return f"objects differ{same}\n    server {json.dumps(theirs)}\n    ours   {json.dumps(mine)}"
        return None

    def is_intended(self, theirs, mine):
        cut = lambda problems: {(field, message.split("\n")[0]) for field, message in problems if "loopback" not in message}
        return cut(theirs) == cut(mine) and any(pattern.search(message) for _, message in theirs for pattern in INTENDED)

    def shown(self, message):
        """Without objects that are shown: the server shows some as it holds them, with the names of Go."""
        message = re.sub(r"(secret contents redacted>\"): .*", r"\1", message)
        message = re.sub(r"^Duplicate value: 3\d{4}$", "Duplicate value: given", message)
        return re.sub(r"^Invalid value: (\{.*\}|\[\]|null)(?=$|: )", "Invalid value: {}", re.sub(r"value: \{.*\}: supp", "value: {}: supp", message))

    def bare(self, answer):
        answer = copy.deepcopy(answer)
        for key in MADE_UP:
            answer["metadata"].pop(key, None)
        spec = answer.get("spec") or {}
        finalizers = [f for f in answer["metadata"].pop("finalizers", []) if f != "kubernetes.io/pvc-protection"]
        if finalizers:
            answer["metadata"]["finalizers"] = finalizers
        if answer.get("kind") == "LimitRange":
            answer["metadata"]["name"] = "given"
        if answer.get("kind") == "Service":
            if spec.get("clusterIP", "None") != "None":
                spec["clusterIP"], spec["clusterIPs"] = "given", ["given"]
            if "healthCheckNodePort" in spec:
                spec["healthCheckNodePort"] = "given"
            for port in spec.get("ports", []):
                if "nodePort" in port:
                    port["nodePort"] = "given"
        if answer.get("kind") == "Pod":  # admission adds to it
            kept = [t for t in spec.get("tolerations", []) if not t.get("key", "").startswith("node.kubernetes.io/")]
            spec.pop("tolerations", None)
            spec["tolerations"] = kept
            for key in ("priority", "preemptionPolicy", "serviceAccount", "serviceAccountName"):
                spec.pop(key, None)
        return answer

    def short(self, ours):
        return json.dumps(ours.get("problems", ours.get("refused", "takes it")))


def self_based(stored, whole, body):
    """A change of the stored object: what `body` has otherwise than `whole`."""
    if not isinstance(body.get("metadata"), dict):
        return None
    out = {key: copy.deepcopy(value) for key, value in stored.items() if key in body}
    merge(out, whole, body)
    out["metadata"]["name"] = stored["metadata"]["name"]
    out["metadata"].pop("managedFields", None)
    return out


def merge(out, whole, body):
    for key in set(whole) | set(body):
        if key in whole and key in body and whole[key] == body[key]:
            continue
        if key not in body:
            out.pop(key, None)
        elif isinstance(body[key], dict) and isinstance(whole.get(key), dict) and isinstance(out.get(key), dict):
            merge(out[key], whole[key], body[key])
        elif isinstance(body[key], list) and isinstance(whole.get(key), list) and len(body[key]) == len(whole[key]) <= len(out.get(key) or []):
            for i, item in enumerate(body[key]):
                if item == whole[key][i]:
                    continue
                if isinstance(item, dict) and isinstance(out[key][i], dict) and isinstance(whole[key][i], dict):
                    merge(out[key][i], whole[key][i], item)
                else:
                    out[key][i] = item
        else:
            out[key] = body[key]


def status_cases():
    """Writes of subresources: (row, subresource, what, content, change of the stored object)"""
    for row in EXAMPLES:
        for subresource, content in SUBRESOURCES.get(row[1], []):
            for what, change in content:
                yield row, subresource, what, change


def cases(rows, chosen):
    for row in rows:
        if chosen and row[1] != chosen:
            continue
        whole = {"apiVersion": row[0], "kind": row[1], "metadata": metadata(), **row[4]}
        for verb in ("create",) if row[1] in ("LimitRange", "ResourceQuota") else ("create", "update"):
            yield row, verb, "as it is", whole, whole
            for what, body in variants(whole):
                yield row, verb, what, body, whole


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--most", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind")
    parser.add_argument("-v", action="store_true")
    arguments = parser.parse_args()
    server = Server()
    begin = time.monotonic()
    namespace = f"kinds-{int(time.time() * 1000) % 1000000}"
    server.call("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    server.call("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": "default"}})
    comparison = Comparison(server, arguments.program, namespace)
    every = list(cases(EXAMPLES, arguments.kind))
    if arguments.most:
        always = [case for case in every if case[2] == "as it is"]
        every = always + random.Random(arguments.seed).sample(every, min(arguments.most, len(every)))
    stored, kept, differences = {}, [], 0
    for row, verb, what, body, whole in every:
        if verb == "create":
            difference = comparison.create(row, body)
        else:
            key = row[1] + json.dumps(row[4])
            if key not in stored:
                name = f"{namespace}-{len(stored)}"
                first = copy.deepcopy(whole)
                first["metadata"]["name"] = name
                stored[key] = server.call("POST", comparison.path(row), first)[1]
                kept.append((row, stored[key]))
            if stored[key].get("status") == "Failure":
                sys.exit(f"{row[1]}: {stored[key]}")
            body = self_based(stored[key], whole, body)
            if body is None:
                continue
            difference = comparison.update(row, stored[key], body)
        if difference:
            differences += 1
            print(f"{verb} {row[1]} {what}: {difference}")
            if arguments.v:
                print("    " + json.dumps(body))
    for row, subresource, what, change in status_cases():
        before = stored.get(row[1] + json.dumps(row[4]))
        if before is None or (arguments.kind and row[1] != arguments.kind):
            continue
        body = copy.deepcopy(before)
        body["metadata"].pop("managedFields", None)
        change(body)
        difference = comparison.update(row, before, body, subresource)
        if difference:
            differences += 1
            print(f"{subresource} of {row[1]} {what}: {difference}")
    for row, answer in kept:
        server.call("DELETE", f"{comparison.path(row)}/{answer['metadata']['name']}")
    print(", ".join(f"{what}: {count}" for what, count in comparison.answers.items()))
    print(f"{len(every)} requests, {differences} differences, {time.monotonic() - begin:.1f} s")
    comparison.writer.close()
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
