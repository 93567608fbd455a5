#!/usr/bin/env python3
"""Do custom resources become here what the API server makes of them?

Usage: custom_resources_test.py CHECKER [--seeds N] [--first SEED] [--schemas N]
CHECKER is the program custom_resource_checker. Each seed makes a CustomResourceDefinition whose spec has many fields of
random schemas, and objects for them, half of them wrong. What the server answers (the object with its defaults, the unknown
fields it warns of, the problems it names) is held against ours. The same for updates: objects are stored while the
definition takes anything, then it becomes strict. Then come definitions that are wrong, and what becomes of names that
several want. A difference is printed with what leads to it.
"""

import argparse
import copy
import datetime
import json
import random
import re
import subprocess
import sys
import time

from kube_api import Api

GROUP = "check.example.com"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
FORMATS = {
    "date-time": ["2020-02-29T10:00:00Z", "2020-01-01t10:00:00.1z", "2021-02-29T10:00:00Z", "2020-01-01", "2020-01-01T24:00:00Z",
                  "2020-01-01T10:00:60Z", "2020-01-01T10:00:00"],
    "date": ["2020-02-29", "2019-02-29", "2020-1-1", "0000-01-01"],
    "duration": ["1h", "1.5h", "3 days", "2 hrs", "2 hours", "5", "h", "5 x", "0", "1d2", "7 fortnights 2 s", "99999999999999999999 s"],
    "ipv4": ["10.0.0.1", "010.1.1.1", "::ffff:1.2.3.4", "10.0.0", "256.1.1.1", "::1"],
    "ipv6": ["::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "10.0.0.1", ":::", "1:2:3:4:5:6:7", "fe80::1%eth0", "12345::", "1::2::3",
             "1:2:3:4:5:6:7::", "::1.2.3.4", "::ffff:01.2.3.4"],
    "cidr": ["10.0.0.0/8", "::/0", "010.0.0.0/08", "10.0.0.0", "10.0.0.0/33", "::/129", "/8"],
    "mac": ["01:23:45:67:89:ab", "0123.4567.89ab", "01:23:45", "01-23:45:67:89:ab", "01-23-45-67-89-ab"],
    "uri": ["http://a/b", "/a", "mailto:x", "http://u:p@h:80/?q", "*", "a", "a/b", "http://a:b/", "http://[::1", "/%zz", ":x",
            "http://a b/", "/a b", "//x/y", "http://[::1]:80/a", "http://%41/", "a:b", "1:b", "http://u%zz@h/", "#a", "/a#b"],
    "email": ["a@b", "Ann <a@b.c>", '"x y"@b.c', "a", "@b", "a@", "a b@c", "<a@b", "a..b@c", "A. B <a@b>", "a@[1.2.3.4]", " a@b "],
    "hostname": ["a", "a.example.com", "1a", "a_b.c", "-a", "a..b", "a-b", "a.b", "ä.de"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000", "x"],
    "uuid4": ["123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"],
    "byte": ["YQ==", "YWJj", "YQ", "Y"],
    "hexcolor": ["#fff", "ffffff", "#ffff"],
    "rgbcolor": ["rgb(1,2,3)", "rgb( 1 , 20, 255 )", "rgb(1,2)", "rgb(256,1,1)"],
    "isbn": ["0321751043", "978-0321751041", "0321751044"],
    "creditcard": ["4111 1111 1111 1111", "4111111111111112"],
    "ssn": ["111-22-3333", "111223333"],
    "bsonobjectid": ["507f1f77bcf86cd799439011", "507f"],
    "k8s-short-name": ["a-b", "a.b", "A", "-a"],
    "k8s-long-name": ["a.b-c", "a..b", "A.b"],
    "password": ["x"],
    "int32": ["x"],
    "unheard-of": ["x"],
}
PATTERNS = ["^[a-z]+$", "b", r"^\d{1,3}$", "(?i)^X", r"\p{Lu}"]
WORDS = ["", "a", "b", "ab", "abc", "abcdef", "12", "1234", "x", "X", "äö", 'q"\\', "<&>", "\t"]
NUMBERS = [0, 1, -1, 2, 3, 4, 7, 10, 100, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 0.5, 1.5, 2.0, -0.25, 1e6, 1e21, 123456.75, 1e-7]
NAMES = ["a", "b", "c", "d"]
TYPES = ["object", "array", "string", "integer", "number", "boolean"]


class Random(random.Random):
    def some(self, items, most=3):
        items = list(items)
        return self.sample(items, self.randint(0, min(most, len(items))))

    def bounds(self, kind):
        """Value validations of a type, as they may also stand in allOf and the like."""
        out = {}
        if kind == "string":
            options = [("minLength", lambda: self.randint(0, 3)), ("maxLength", lambda: self.randint(1, 4)),
                       ("pattern", lambda: self.choice(PATTERNS)), ("enum", lambda: self.sample(WORDS[:9], 2))]
        elif kind in ("integer", "number"):
            options = [("minimum", lambda: self.choice([0, 1, 2, 2.5, -5])), ("maximum", lambda: self.choice([3, 10, 7.5, 1000000])),
                       ("exclusiveMinimum", lambda: True), ("exclusiveMaximum", lambda: True),
                       ("multipleOf", lambda: self.choice([1, 2, 3, 0.5, 2.5])), ("enum", lambda: self.sample([0, 1, 2, 3, 1.5], 2))]
        elif kind == "array":
            options = [("minItems", lambda: self.randint(0, 2)), ("maxItems", lambda: self.randint(1, 3))]
        elif kind == "object":
            options = [("minProperties", lambda: self.randint(0, 2)), ("maxProperties", lambda: self.randint(1, 3)),
                       ("required", lambda: self.sample(NAMES, 1))]
        else:
            options = [("enum", lambda: [self.choice([True, False])])]
        for name, make in self.some(options, 2):
            out[name] = make()
        return out

    def nested(self, schema, depth=1):
        """What may stand in allOf, anyOf, oneOf and not of a schema."""
        out = self.bounds(schema.get("type", "string"))
        if schema.get("properties") and self.random() < 0.6:
            out["properties"] = {name: self.nested(below, depth + 1) for name, below in schema["properties"].items()
                                 if self.random() < 0.5}
            if not out["properties"]:
                del out["properties"]
        if "items" in schema and self.random() < 0.4:
            out["items"] = self.nested(schema["items"], depth + 1)
        if depth < 2 and self.random() < 0.2:
            out["not"] = self.nested(schema, depth + 1)
        return out

    def schema(self, depth=0):
        kind = self.choice(TYPES if depth < 3 else TYPES[2:])
        out = {"type": kind}
        if kind == "object" and self.random() < 0.08:
            return {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": self.schema(depth + 1)},
                    **({"x-kubernetes-preserve-unknown-fields": True} if self.random() < 0.5 else {})}
        if kind == "object":
            if self.random() < 0.65:
                out["properties"] = {name: self.schema(depth + 1) for name in self.some(NAMES) or ["a"]}
                if self.random() < 0.2:
                    out["x-kubernetes-preserve-unknown-fields"] = True
            elif self.random() < 0.8:
                out["additionalProperties"] = self.choice([True, self.schema(depth + 1)])
            else:
                out["x-kubernetes-preserve-unknown-fields"] = True
        elif kind == "array":
            self.array(out, depth)
        elif kind == "string" and self.random() < 0.5:
            out["format"] = self.choice(list(FORMATS))
        elif kind == "integer" and self.random() < 0.3:
            out["format"] = self.choice(["int32", "int64"])
        elif kind == "integer" and self.random() < 0.2:
            out = {"x-kubernetes-int-or-string": True}
        out.update({name: value for name, value in self.bounds(kind).items() if self.random() < 0.7})
        if self.random() < 0.15:
            out["nullable"] = True
        for junctor in self.some(["allOf", "anyOf", "oneOf"], 1):
            if self.random() < 0.5:
                out[junctor] = [self.nested(out) for _ in range(self.randint(1, 3))]
        if self.random() < 0.08:
            out["not"] = self.nested(out)
        return out

    def with_defaults(self, schema):
        """The same with some defaults, not all of them good."""
        out = dict(schema)
        if "properties" in schema:
            out["properties"] = {name: self.with_defaults(below) for name, below in schema["properties"].items()}
        for name in ("items", "additionalProperties"):
            if isinstance(schema.get(name), dict):
                out[name] = self.with_defaults(schema[name])
        if self.random() < 0.3 and (value := self.value(schema, 0)) is not None:
            out["default"] = value
        return out

    def array(self, out, depth):
        sort = self.random()
        if sort < 0.3:
            out["x-kubernetes-list-type"] = "set"
            out["items"] = {"type": self.choice(["string", "integer", "number"])}
        elif sort < 0.6:
            keys = self.sample(["a", "b"], self.randint(1, 2))
            out["x-kubernetes-list-type"] = "map"
            out["x-kubernetes-list-map-keys"] = keys
            out["items"] = {"type": "object", "required": sorted(keys), "properties": {
                "a": {"type": "string"}, "b": {"type": "integer"}, "c": self.schema(depth + 1)}}
        else:
            out["items"] = self.schema(depth + 1)

    def anything(self, depth=0):
        return self.choice([None, True, self.choice(NUMBERS), self.choice(WORDS), [] if depth else [self.anything(1)],
                            {} if depth else {self.choice(NAMES): self.anything(1)}])

    def value(self, schema, wrong=0.15):
        """Mostly of the type that the schema wants."""
        if self.random() < wrong:
            return self.anything()
        kind = schema.get("type") or ("string" if self.random() < 0.5 else "integer")
        if schema.get("x-kubernetes-embedded-resource"):
            metadata = {"name": self.choice(["x", "a/b", "."]), "labels": {self.choice(["a", "-"]): self.choice(["b", "_"])}, "labls": {}}
            some = {"apiVersion": self.choice(["v1", "a/v1", "a/b/c", ""]), "kind": self.choice(["Pod", "pod", "p_d", ""]), "z": 1,
                    "metadata": {name: metadata[name] for name in self.some(metadata)}}
            return {**{name: some[name] for name in self.some(some, 4)}, "spec": self.value(schema["properties"]["spec"], wrong)}
        if kind == "object":
            below = schema.get("additionalProperties")
            if "properties" not in schema and isinstance(below, dict):
                return {name: self.value(below, wrong) for name in self.some(["a", "b", "e.f", "g/h"])}
            out = {name: self.value(each, wrong) for name, each in schema.get("properties", {}).items() if self.random() < 0.75}
            if self.random() < 0.3:
                out[self.choice(["z", "y"])] = self.anything()
            return out
        if kind == "array":
            return [self.value(schema["items"], wrong) for _ in range(self.choice([0, 1, 1, 2, 3, 4]))]
        if kind == "string":
            return self.choice(FORMATS.get(schema.get("format"), WORDS) + schema.get("enum", []) + [""])
        if kind == "boolean":
            return self.random() < 0.5
        return self.choice([1, 2, 3, *schema.get("enum", []), self.choice(NUMBERS)])

    def changed(self, value, schema):
        """An update: most of it stays."""
        if isinstance(value, dict) and value and self.random() < 0.8:
            name = self.choice(list(value))
            below = schema.get("properties", {}).get(name) or schema.get("additionalProperties") or {}
            return {**value, name: self.changed(value[name], below if isinstance(below, dict) else {})}
        if isinstance(value, list) and value and self.random() < 0.8:
            at = self.randrange(len(value))
            return [*value[:at], self.changed(value[at], schema.get("items", {})), *value[at + 1:]]
        return self.value(schema) if schema else self.anything()


    def spoiled(self, schema):
        """A schema with something wrong somewhere."""
        schema = copy.deepcopy(schema)
        place = schema
        for _ in range(self.randint(0, 3)):
            below = [each for each in (*place.get("properties", {}).values(), place.get("items"), place.get("additionalProperties"),
                                       *place.get("allOf", []), *place.get("anyOf", []), place.get("not")) if isinstance(each, dict)]
            if not below:
                break
            place = self.choice(below)
        name, value = self.choice([
            ("type", "strng"), ("type", "null"), ("type", "array"), ("type", None), ("type", "object"), ("items", [{"type": "string"}]),
            ("$ref", "#/x"), ("$schema", "x"), ("id", "x"), ("definitions", {"x": {"type": "string"}}), ("uniqueItems", True),
            ("additionalProperties", False), ("additionalProperties", True), ("additionalProperties", {"type": "string"}),
            ("properties", {"a": {}}), ("properties", {"metadata": {"type": "string"}}), ("properties", {"kind": {"type": "object"}}),
            ("properties", {"metadata": {"type": "object", "properties": {"name": {"type": "string", "default": "x"}}}}),
            ("properties", {"metadata": {"type": "object", "additionalProperties": {"type": "string", "default": "x"}}}),
            ("default", "x"), ("default", {"z": 1}), ("default", [1]), ("default", 1), ("nullable", True), ("pattern", "("),
            ("x-kubernetes-preserve-unknown-fields", False), ("x-kubernetes-preserve-unknown-fields", True),
            ("x-kubernetes-embedded-resource", True), ("x-kubernetes-int-or-string", True), ("x-kubernetes-list-type", "x"),
            ("x-kubernetes-list-type", "set"), ("x-kubernetes-list-type", "map"), ("x-kubernetes-list-map-keys", ["a", "a", "q"]),
            ("x-kubernetes-map-type", "x"), ("x-kubernetes-map-type", "atomic"), ("title", "x"), ("description", "x"),
            ("anyOf", [{"type": "integer"}, {"type": "string"}]), ("allOf", [{"anyOf": [{"type": "integer"}, {"type": "string"}]}]),
            ("anyOf", [{"properties": {"q": {"minLength": 1}}, "items": {"minLength": 1}}]), ("not", {"default": 1, "nullable": True}),
            ("enum", ["x"]), ("format", "unheard-of"), ("minProperties", 1), ("example", "x"), ("externalDocs", {"url": "x"}),
        ])
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
        return schema

    def wrong_definition(self, plural):
        """A definition with some mistakes."""
        def version(name):
            out = {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": self.spoiled(self.schema()) if self.random() < 0.7 else {"type": "object"}}}}}
            if self.random() < 0.15:
                out["schema"]["openAPIV3Schema"] = self.spoiled(out["schema"]["openAPIV3Schema"])
            if self.random() < 0.4:
                out["subresources"] = {"status": {}}
            if self.random() < 0.15:
                out["subresources"] = {"scale": {"specReplicasPath": self.choice(["", "x", ".spec.x", ".spec", ".status.x"]),
                                                 "statusReplicasPath": self.choice(["", "x", ".spec.x", ".status.x"]),
                                                 "labelSelectorPath": self.choice(["", "x", ".spec.x", ".y"])}}
            if self.random() < 0.15:
                out["additionalPrinterColumns"] = [{"name": self.choice(["", "x"]), "type": self.choice(["", "x", "date"]),
                                                    "format": self.choice(["date", "x", "int32"]), "jsonPath": self.choice(["", "x", ".x"])}]
            return out

        out = definition(plural, "Wrong", {"type": "object"})
        spec = out["spec"]
        spec["versions"] = [version("v1"), *([version("v2")] if self.random() < 0.3 else [])]
        for name, value in self.some([
            ("group", ""), ("group", "x"), ("group", "A.b"), ("group", "a.k8s.io"), ("scope", ""), ("scope", "X"), ("names", {}), ("versions", []),
            ("names", {"plural": plural, "kind": "Th_ing", "listKind": "Th_ing", "shortNames": ["a", "B"], "categories": ["C"]}),
            ("names", {"plural": "Q", "kind": "q", "singular": "Q"}), ("preserveUnknownFields", True), ("conversion", {"strategy": "X"}),
            ("conversion", {"strategy": "None", "webhook": {"conversionReviewVersions": ["v1"]}}),
        ], 1):
            if self.random() < 0.4:
                spec[name] = value
        for each in spec["versions"]:
            for name, value in self.some([("name", "V"), ("name", "v1"), ("storage", True), ("storage", False), ("deprecationWarning", "x"),
                                          ("schema", {})], 1):
                if self.random() < 0.2:
                    each[name] = value
        return out


class Server(Api):
    """The real one, over one connection; answers (status, object, unknown fields)."""

    def __init__(self):
        super().__init__()
        self.connection = self.connect()

    def write(self, method, path, body):
        self.connection.request(method, path, json.dumps(body), self.headers("application/json"))
        answer = self.connection.getresponse()
        text = answer.read()
        self.warnings = [re.sub(r"\\(.)", r"\1", each[7:-1]) for each in answer.headers.get_all("Warning") or []]
        warnings = [found[1] for each in self.warnings if (found := re.fullmatch('unknown field "(.*)"', each))]
        return answer.status, json.loads(text) if text.startswith(b"{") else {}, warnings


class Checker:
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


def as_doubles(value):
    """The server reads what does not fit an int64 as a double."""
    if isinstance(value, dict):
        return {key: as_doubles(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_doubles(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 2**63 else value


def problems_of(status):
    return sorted({f"{cause['field']}: {cause['message']}" for cause in status.get("details", {}).get("causes", [])})


def definition(plural, kind, schema):
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{GROUP}"},
            "spec": {"group": GROUP, "scope": "Cluster", "names": {"plural": plural, "kind": kind},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]}}


def without_times(definition):
    """What is compared of a definition: spec and status."""
    status = copy.deepcopy(definition.get("status") or {})
    for condition in status.get("conditions") or []:
        del condition["lastTransitionTime"]
    return {"spec": definition["spec"], "status": status}


class Comparison:
    def __init__(self, server, checker):
        self.server, self.checker = server, checker
        self.compared, self.different = 0, 0

    def eventually(self, what, seconds=30):
        deadline = time.monotonic() + seconds
        while not what():
            if time.monotonic() > deadline:
                raise AssertionError("the server did not follow")
            time.sleep(0.02)

    def differ(self, field, schema, value, before, what, theirs, ours):
        self.different += 1
        print(f"--- {what} of {field}\n  schema {json.dumps(schema)}\n  value  {json.dumps(value)}")
        if before is not None:
            print(f"  before {json.dumps(before)}")
        print(f"  server {json.dumps(theirs)}\n  ours   {json.dumps(ours)}")

    def compare(self, method, path, body, field, schema, before=None):
        status, theirs, unknown = self.server.write(method, f"{path}?dryRun=All&fieldValidation=Warn", body)
        part = "status" if path.endswith("/status") else "spec"
        ours = self.checker.ask(do="status" if part == "status" else "write", name=path.split("/")[4], object=body, before=before)
        value = body[part].get(field)
        old = before and before[part].get(field)
        self.compared += 1
        if status == 400 and "cannot be handled" in theirs["message"]:  # types of embedded resources
            return
        if status not in (200, 201, 422):
            self.differ(field, schema, value, old, f"status {status}", theirs, ours)
            return
        expected = problems_of(theirs) if status == 422 else []
        if expected != sorted(set(ours["problems"])):
            self.differ(field, schema, value, old, "problems", expected, sorted(set(ours["problems"])))
        elif sorted(unknown) != sorted(ours["unknown"]):
            self.differ(field, schema, value, old, "unknown fields", sorted(unknown), ours["unknown"])
        elif status != 422 and as_doubles(theirs.get(part)) != as_doubles(ours["object"].get(part)):
            self.differ(field, schema, value, old, "the object", theirs.get(part), ours["object"].get(part))

    def good_schema(self, rng):
        """With defaults, if they are good; whether they are, we say."""
        schema = rng.schema()
        defaults = rng.with_defaults(schema)
        crd = definition("tries", "Try", {"type": "object", "properties": {"spec": defaults}})
        return schema if self.checker.ask(do="definition", object=crd, before=None)["problems"] else defaults

    def run(self, seed, count):
        """One definition: creates, then updates of what was stored before it was strict."""
        rng = Random(seed)
        plural = f"things{seed}"
        path = f"/apis/{GROUP}/v1/{plural}"
        fields = {f"f{i}": self.good_schema(rng) for i in range(count)}
        kind = f"Thing{seed}"
        part = {"type": "object", "properties": {**fields, "strict": {"type": "integer"}}}
        strict = {"type": "object", "properties": {"spec": part, "status": part}}
        anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        loose = {"type": "object", "properties": {"spec": anything, "status": anything}}
        status, crd, _ = self.server.write("POST", CRDS, definition(plural, kind, loose))
        assert status == 201, crd
        body = {"apiVersion": f"{GROUP}/v1", "kind": kind}
        self.eventually(lambda: self.server.write("POST", path, {**body, "metadata": {"name": "probe"}})[0] in (201, 409))
        for field, schema in fields.items():
            some = {field: rng.value(schema, 0.3)}
            status, answer, _ = self.server.write("POST", path, {**body, "metadata": {"name": field}, "spec": some, "status": some})
            assert status == 201, answer
        self.eventually(lambda: self.server.write("PUT", f"{CRDS}/{plural}.{GROUP}", {
            **(crd := self.server.get(f"{CRDS}/{plural}.{GROUP}")[1]),
            "spec": {**crd["spec"], "versions": [{**definition(plural, kind, strict)["spec"]["versions"][0], "subresources": {"status": {}}}]}})
            [0] == 200)
        probe = {**body, "metadata": {"name": "strict"}, "spec": {"strict": "no"}}
        self.eventually(lambda: self.server.write("POST", f"{path}?dryRun=All", probe)[0] == 422)
        made = self.checker.ask(do="define", name=plural, schema=strict)
        assert not made, made
        for field, schema in fields.items():
            for i in range(4):
                thing = {**body, "metadata": {"name": f"n{i}"}, "spec": {field: rng.value(schema)}}
                self.compare("POST", path, thing, field, schema)
            stored = self.server.get(f"{path}/{field}")[1]
            for _ in range(3):
                old = stored["spec"].get(field)
                thing = {**stored, "spec": {**stored["spec"], field: rng.changed(old, schema), "strict": 1}}
                self.compare("PUT", f"{path}/{field}", thing, field, schema, stored)
            old = stored["status"].get(field)
            thing = {**stored, "status": {**stored["status"], field: rng.changed(old, schema), "strict": 1}}
            self.compare("PUT", f"{path}/{field}/status", thing, field, schema, stored)
        self.server.write("DELETE", f"{CRDS}/{plural}.{GROUP}", {})


    def definitions(self, seed, count):
        """Definitions that are wrong, most of them."""
        rng = Random(f"definitions {seed}")
        for i in range(count):
            thing = rng.wrong_definition(f"wrongs{i}")
            status, theirs, _ = self.server.write("POST", f"{CRDS}?dryRun=All", thing)
            self.compared += 1
            if status == 400:  # not even a definition: what built_in/ knows
                continue
            warnings = self.server.warnings
            ours = self.checker.ask(do="definition", object=thing, before=None)
            expected = problems_of(theirs) if status == 422 else []
            if expected != sorted(set(ours["problems"])):
                self.differ(thing["metadata"]["name"], thing["spec"], None, None, "problems", expected, sorted(set(ours["problems"])))
            elif status == 201 and (warnings != ours["warnings"] or without_times(theirs) != without_times(ours["object"])):
                self.differ(thing["metadata"]["name"], thing["spec"], None, None, "the definition", [warnings, without_times(theirs)],
                            [ours["warnings"], without_times(ours["object"])])

    def names(self):
        """Two definitions of a group want the same names."""
        def want(plural, **names):
            thing = definition(plural, f"Name{plural}", {"type": "object"})
            thing["spec"]["names"].update(names)
            return thing

        wanted = [want("firsts", shortNames=["fi", "f"], categories=["all"]), want("seconds", shortNames=["fi"], singular="firsts"),
                  want("thirds", kind="Namefirsts", listKind="NamefirstsList"), want("fourths", shortNames=["f", "fi", "fo"])]
        made = []
        for thing in wanted:
            path = f"{CRDS}/{thing['metadata']['name']}"
            status, answer, _ = self.server.write("POST", CRDS, thing)
            assert status == 201, answer
            self.eventually(lambda path=path: (self.server.get(path)[1]["status"].get("conditions") or [{}])[-1].get("reason") in
                            ("InitialNamesAccepted", "NotAccepted"))
            theirs = self.server.get(path)[1]
            now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            ours = self.checker.ask(do="establish", object=answer, others=made, now=now)["object"]
            self.compared += 1
            if without_times(theirs) != without_times(ours):
                self.differ(path, {}, thing["spec"], None, "the status", theirs["status"], ours["status"])
            made.append(theirs)
        for thing in wanted:
            self.server.write("DELETE", f"{CRDS}/{thing['metadata']['name']}", {})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checker")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--schemas", type=int, default=50)
    arguments = parser.parse_args()
    checker = Checker(arguments.checker)
    comparison = Comparison(Server(), checker)
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        comparison.run(seed, arguments.schemas)
        comparison.definitions(seed, 2 * arguments.schemas)
    comparison.names()
    ended = checker.close()
    print(f"{comparison.compared} writes compared, {comparison.different} differ")
    return 1 if comparison.different or ended else 0


if __name__ == "__main__":
    sys.exit(main())
