#!/usr/bin/env python3
"""Writes src/kube/shapes/table.cc: the shapes of Kubernetes' built-in kinds, from a server's OpenAPI documents.

Usage: tools/kube_shapes.py [--check] SOURCE
  SOURCE    a folder with a server's /openapi/v3/... documents as *.json, or the address of a server that answers
            without credentials (for example `kubectl proxy`: http://127.0.0.1:8001)
  --check   write nothing; end with 1 if the table differs

The table has what a program needs of a type: names, types, what is required, defaults, enums, how lists and maps merge. It
has no prose. Its grammar stands in src/kube/shapes/shape.h.
"""

import argparse
import json
import sys
import urllib.request
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src/kube/shapes/table.cc"

# The kinds that we, or what we deploy, have to do with; all that they reach comes along. Of two types with one name the
# one that is named first here keeps it, the other is called after its group: events.Event.
ROOTS = """
api.core.v1: Pod PodTemplate Service ConfigMap Secret Event Namespace Node ServiceAccount PersistentVolumeClaim
api.core.v1: PersistentVolume ResourceQuota LimitRange ReplicationController Binding
api.apps.v1: ControllerRevision Deployment ReplicaSet StatefulSet DaemonSet
api.batch.v1: Job CronJob
api.coordination.v1: Lease
api.discovery.v1: EndpointSlice
api.policy.v1: PodDisruptionBudget Eviction
api.rbac.v1: Role RoleBinding ClusterRole ClusterRoleBinding
api.admissionregistration.v1: ValidatingWebhookConfiguration MutatingWebhookConfiguration
api.autoscaling.v1: Scale
api.autoscaling.v2: HorizontalPodAutoscaler
api.networking.v1: NetworkPolicy Ingress
api.scheduling.v1: PriorityClass
api.storage.v1: StorageClass
api.node.v1: RuntimeClass
api.events.v1: Event
api.authentication.v1: TokenReview TokenRequest SelfSubjectReview
api.authorization.v1: LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
apiextensions-apiserver.pkg.apis.apiextensions.v1: CustomResourceDefinition
apimachinery.pkg.apis.meta.v1: Status DeleteOptions
api.core.v1: Endpoints
"""

SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "date-time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "date-time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": "any",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": "any",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": "any",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": "any",
}

# Lists that merge by a key although two items with one key are legal.
REPEATING = {("io.k8s.api.core.v1.PodSpec", "hostAliases")}

# Times and quantities that Go holds by value, so that they are printed even when they are zero: null, "0". The documents do
# not say it of them, as they do of objects. All fields of these names are so, of any type.
HELD = set(
    """lastProbeTime lastTransitionTime lastUpdateTime lastHeartbeatTime startedAt finishedAt firstTimestamp lastTimestamp
    eventTime lastObservedTime deprecatedFirstTimestamp deprecatedLastTimestamp divisor VolumeError.time""".split()
)

# Types that inline a LocalObjectReference, which is atomic. The generator of CRDs takes that over, the one of the server's
# own documents does not.
INLINED_REFERENCES = {
    f"io.k8s.api.core.v1.{name}"
    for name in ("ConfigMapEnvSource", "SecretEnvSource", "ConfigMapVolumeSource", "ConfigMapProjection", "SecretProjection")
}

MERGE_WORDS = {"atomic": "atomic", "set": "set", "granular": ""}


def read_source(source):
    """All schemas of a folder or a server, by their names."""
    documents = []
    if source.startswith(("http://", "https://")):

        def get(path):
            with urllib.request.urlopen(source.rstrip("/") + path, timeout=30) as answer:
                return json.load(answer)

        documents = [get(entry["serverRelativeURL"]) for entry in get("/openapi/v3")["paths"].values()]
    else:
        documents = [json.loads(path.read_text()) for path in sorted(Path(source).glob("*.json"))]
    schemas = {}
    for document in documents:
        schemas.update(document.get("components", {}).get("schemas", {}))
    if not schemas:
        sys.exit(f"{source}: no OpenAPI v3 documents with schemas")
    return schemas


def roots():
    for line in ROOTS.strip().splitlines():
        package, names = line.split(": ")
        for name in names.split():
            yield f"io.k8s.{package}.{name}"


def reference_of(schema):
    """The type that a schema refers to, directly or as the only part of an allOf."""
    parts = schema.get("allOf", [schema])
    reference = parts[0].get("$ref", "")
    return reference.rsplit("/", 1)[-1]


def references(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):  # JSONSchemaProps has a property of that name
            yield schema["$ref"].rsplit("/", 1)[-1]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def reached(schemas):
    """The roots and what they lead to, in the order they are found: a type before those it alone uses."""
    found = {}
    todo = list(reversed(list(roots())))
    while todo:
        name = todo.pop()
        if name in found or name in SCALARS:
            continue
        if name not in schemas:
            sys.exit(f"the server does not know {name}")
        found[name] = schemas[name]
        todo.extend(reversed(list(references(schemas[name].get("properties", {})))))
    return found


def short_names(names):
    """What the table calls each type."""
    short = {}
    taken = set()
    for name in names:
        parts = name.split(".")
        text = parts[-1] if parts[-1] not in taken else f"{parts[-3]}.{parts[-1]}"
        if text in taken:
            sys.exit(f"no name left for {name}")
        taken.add(text)
        short[name] = text
    return short


def type_word(schema, short):
    """string, int32, {quantity}, [Container], ...

    The documents say nothing of a plain number's format but int32, int64 and double."""
    reference = reference_of(schema)
    if reference:
        return SCALARS.get(reference) or short[reference]
    kind = schema.get("type")
    if kind == "array":
        return f"[{type_word(schema['items'], short)}]"
    if kind == "object" and "additionalProperties" in schema:
        inner = type_word(schema["additionalProperties"], short)
        return "{any}" if inner[0] in "[{" else "{" + inner + "}"  # the table has no lists in maps
    if kind == "object" and "properties" not in schema:
        return "any"
    if kind == "integer":
        return schema.get("format", "int64")
    if kind == "string":
        return schema.get("format", "string")
    if kind in ("boolean", "number"):
        return kind
    sys.exit(f"no word for {schema}")


def enum_of(schema):
    inner = schema.get("items", schema.get("additionalProperties", {}))
    return schema.get("enum") or inner.get("enum") or []


def is_meant(default, required):
    """Zero values are printed for fields without omitempty; they mean nothing where the field is required."""
    return default is not None and default != {} and not (required and default in ("", 0, False))


def field_line(owner, name, schema, required, short):
    words = [name, type_word(schema, short)]
    if required:
        words.append("required")
    held = name in HELD or f"{short[owner]}.{name}" in HELD
    if (held and not required) or (schema.get("default") == {} and words[1] in short.values()):
        words.append("always")
    if is_meant(schema.get("default"), required):
        words.append("default=" + json.dumps(schema["default"], separators=(",", ":")))
    if enum_of(schema):
        words.append("enum=" + "|".join(enum_of(schema)))
    if schema.get("x-kubernetes-list-type") == "map":
        words.append("keys=" + ",".join(schema["x-kubernetes-list-map-keys"]))
    elif MERGE_WORDS.get(schema.get("x-kubernetes-list-type"), ""):
        words.append(MERGE_WORDS[schema["x-kubernetes-list-type"]])
    if MERGE_WORDS.get(schema.get("x-kubernetes-map-type"), ""):
        words.append(MERGE_WORDS[schema["x-kubernetes-map-type"]])
    if (owner, name) in REPEATING:
        words.append("repeats")
    if "x-kubernetes-patch-strategy" in schema:
        key = schema.get("x-kubernetes-patch-merge-key")
        words.append("patch=" + schema["x-kubernetes-patch-strategy"] + (f":{key}" if key else ""))
    if any(" " in word or '"' in word and not word.startswith("default=") for word in words):
        sys.exit(f"{owner}.{name}: a word with a space or a quote")
    return " ".join(words)


def type_lines(name, schema, short):
    words = [short[name], name]
    if MERGE_WORDS.get(schema.get("x-kubernetes-map-type"), ""):
        words.append(MERGE_WORDS[schema["x-kubernetes-map-type"]])
    if name in INLINED_REFERENCES:
        words.append("atomic-in-crds")
    kinds = schema.get("x-kubernetes-group-version-kind", [])
    if len(kinds) == 1 and "metadata" in schema.get("properties", {}):
        kind = kinds[0]
        words.append("kind=" + "/".join(part for part in (kind["group"], kind["version"], kind["kind"]) if part))
    yield " ".join(words)
    required = schema.get("required", [])
    for field in sorted(schema.get("properties", {})):
        yield field_line(name, field, schema["properties"][field], field in required, short)


def table(schemas):
    found = reached(schemas)
    short = short_names(found)
    types = ["\n".join(type_lines(name, schema, short)) for name, schema in found.items()]
    head = """\
// Written by tools/kube_shapes.py from a server's OpenAPI documents; its grammar is in shape.h.
#include "kube/shapes/table.h"

// clang-format off

namespace kthena::kube::shapes {

namespace {

constexpr std::string_view kTypes[] = {
"""
    tail = """\
};

}  // namespace

std::span<const std::string_view> type_texts() { return kTypes; }

}  // namespace kthena::kube::shapes
"""
    return head + "".join(f'R"({text})",\n' for text in sorted(types)) + tail


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("source", metavar="SOURCE")
    arguments = parser.parse_args()
    text = table(read_source(arguments.source))
    if not arguments.check:
        TABLE.write_text(text)
    elif TABLE.read_text() != text:
        print(f"{TABLE} differs from what {arguments.source} says")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
