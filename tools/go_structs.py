#!/usr/bin/env python3
"""Writes src/apiserver/built_in/struct_table.cc: how kube-apiserver's Go structs hold and print the built-in kinds.

Usage: tools/go_structs.py [--check] MODULES
  MODULES   the folder of Go modules that holds api@VERSION, apimachinery@VERSION and apiextensions-apiserver@VERSION, for
            example ~/go/pkg/mod/k8s.io
  --check   write nothing; end with 1 if the table differs

Of each type that src/kube/shapes/table.cc names: its fields in the order in which they are printed, whether each is a
pointer, left out when it is empty, and the type that messages name. The grammar stands in structs.h.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHAPES = ROOT / "src/kube/shapes/table.cc"
TABLE = ROOT / "src/apiserver/built_in/struct_table.cc"
MODULE_VERSION = "v0.34.2"
PACKAGES = (
    ("io.k8s.apiextensions-apiserver.", "apiextensions-apiserver"),
    ("io.k8s.apimachinery.", "apimachinery"),
    ("io.k8s.api.", "api"),
)
# Types that are read by code of their own, not field by field.
SCALARS = {
    "Time": "time",
    "MicroTime": "micro-time",
    "Duration": "duration",
    "Quantity": "quantity",
    "IntOrString": "int-or-string",
    "RawExtension": "any",
    "FieldsV1": "any",
    "JSON": "any",
    "JSONSchemaPropsOrArray": "any",
    "JSONSchemaPropsOrBool": "any",
    "JSONSchemaPropsOrStringArray": "any",
}
BASIC = {"string", "bool", "int32", "int64", "float64", "byte"}
STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.M | re.S)
NAMED = re.compile(r"^type (\w+) ((?:\[\]|map\[\w+\])?[\w.]+)$", re.M)
FIELD = re.compile(r"^\t(?:(\w+)[ \t]+)?([\w.*\[\]]+)[ \t]+`([^`]*)`", re.M)


class Package:
    def __init__(self, folder):
        self.structs, self.named = {}, {}
        for path in sorted(folder.glob("*types*.go")) + sorted(folder.glob("well_known*.go")):
            text = path.read_text()
            self.structs.update(STRUCT.findall(text))
            self.structs.update((name, "") for name in re.findall(r"^type (\w+) struct ?\{\}", text, re.M))
            for name, of in NAMED.findall(text):
                if name not in SCALARS:
                    self.named[name] = of
            for group in re.findall(r"^type \(\n(.*?)^\)", text, re.M | re.S):
                self.named.update(re.findall(r"^\t(\w+) (\w+)$", group, re.M))


class Table:
    def __init__(self, modules):
        self.modules, self.packages = modules, {}
        self.short = dict(re.findall(r'R"\((\S+) (io\.k8s\.[\w.-]+)', SHAPES.read_text()))
        self.by_full = {full: short for short, full in self.short.items()}

    def package(self, name):
        if name not in self.packages:
            folder = None
            for prefix, module in PACKAGES:
                if name.startswith(prefix):
                    folder = self.modules / f"{module}@{MODULE_VERSION}" / name[len(prefix) :].replace(".", "/")
                    break
            if folder is None:
                sys.exit(f"where is the package {name}?")
            self.packages[name] = Package(folder)
        return self.packages[name]

    def home(self, package, go_type):
        """The package that a type of that name is in, and the name without one."""
        if "." not in go_type:
            return package, go_type
        alias, name = go_type.split(".")
        homes = {
            "metav1": "io.k8s.apimachinery.pkg.apis.meta.v1",
            "v1": "io.k8s.api.core.v1" if "apiextensions" not in package else "io.k8s.apimachinery.pkg.apis.meta.v1",
            "corev1": "io.k8s.api.core.v1",
            "apiv1": "io.k8s.api.core.v1",
            "autoscalingv1": "io.k8s.api.autoscaling.v1",
            "authenticationv1": "io.k8s.api.authentication.v1",
        }
        if alias == "v1" and name in self.package(homes["metav1"]).structs and name not in self.package(homes["corev1"]).structs:
            return homes["metav1"], name
        return homes.get(alias, alias), name

    def word(self, package, go_type):
        """How a type is read, with its name in messages and '=' before it where that is another."""
        if go_type.startswith("*"):
            return "*" + self.word(package, go_type[1:])
        if go_type == "[]byte":
            return "bytes"
        if go_type.startswith("[]"):
            return "[]" + self.word(package, go_type[2:])
        if go_type.startswith("map["):
            key, value = re.fullmatch(r"map\[([\w.]+)\](.*)", go_type).groups()
            key = "" if key == "string" else self.shown(package, key)
            return "{" + key + "}" + self.word(package, value)
        if go_type in BASIC:
            return go_type
        if go_type.startswith("types."):
            return go_type + "=string"
        home, name = self.home(package, go_type)
        if name in SCALARS:
            return SCALARS[name]
        known = self.package(home)
        if name in known.structs:
            return self.by_full[f"{home}.{name}"]
        if name in known.named:
            of = self.word(home, known.named[name])
            return self.shown(package, go_type) + "=" + of
        sys.exit(f"{package}: what is {go_type}?")

    def shown(self, package, go_type):
        if go_type in BASIC or go_type.startswith("types."):
            return go_type
        home, name = self.home(package, go_type)
        return home.rsplit(".", 1)[-1] + "." + name

    def fields(self, package, struct):
        for name, go_type, tag in FIELD.findall(self.package(package).structs[struct]):
            json = re.search(r'json:"([^"]*)"', tag)
            if not json or json[1] == "-":
                continue
            key, *options = json[1].split(",")
            if not key and (not name or "inline" in options):  # its fields are ours
                home, inner = self.home(package, go_type.lstrip("*"))
                yield from self.fields(home, inner)
                continue
            if not key:
                key = name
            word = self.word(package, go_type)
            if "omitzero" in options:
                word += " omitzero"
            elif "omitempty" not in options:
                word += " always"
            yield f"{key} {word}"

    def texts(self):
        for short, full in sorted(self.short.items()):
            package, name = full.rsplit(".", 1)
            yield "\n".join([short, *self.fields(package, name)])


def text_of(modules):
    head = """\
// Written by tools/go_structs.py from the API types of Kubernetes; its grammar is in structs.h.
#include <span>
#include <string_view>

#include "apiserver/built_in/structs.h"

// clang-format off

namespace kthena::apiserver {

namespace {

constexpr std::string_view kStructs[] = {
"""
    tail = """\
};

}  // namespace

std::span<const std::string_view> struct_texts() { return kStructs; }

}  // namespace kthena::apiserver
"""
    return head + "".join(f'R"({text})",\n' for text in Table(modules).texts()) + tail


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("modules", type=Path)
    arguments = parser.parse_args()
    text = text_of(arguments.modules)
    if not arguments.check:
        TABLE.write_text(text)
    elif TABLE.read_text() != text:
        print(f"{TABLE} differs from what {arguments.modules} says")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
