#!/usr/bin/env python3
"""Writes src/apiserver/protobuf/message_table.cc: the numbers that fields of built-in kinds have in Kubernetes' protobuf.

Usage: tools/kube_protobuf.py [--check] MODULES
  MODULES   the folder of Go modules that holds api@VERSION, apimachinery@VERSION and apiextensions-apiserver@VERSION, for
            example ~/go/pkg/mod/k8s.io
  --check   write nothing; end with 1 if the table differs

Of each type that src/kube/shapes/table.cc names: field numbers and the JSON names that they stand for, from the tags of the
Go types; the generated.proto beside them must say the same numbers. The grammar stands in messages.h.
"""

import argparse
import re
import sys
from pathlib import Path

import go_structs

TABLE = go_structs.ROOT / "src/apiserver/protobuf/message_table.cc"
# What the table of structs knows as any value, and how it is written here if it is not the JSON text itself.
WORDS = {
    "JSONSchemaPropsOrArray": " or-array",
    "JSONSchemaPropsOrBool": " or-bool",
    "JSONSchemaPropsOrStringArray": " or-strings",
}
MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.M | re.S)
PROTO_FIELD = re.compile(r"^  (?:optional |repeated )?(?:map<[^>]*>|[\w.]+) (\w+) = (\d+)", re.M)


class Protocol:
    def __init__(self, modules):
        self.structs = go_structs.Table(modules)
        self.modules, self.messages, self.entries = modules, {}, {}

    def numbers(self, package, message):
        """What generated.proto says: numbers and the names of the protocol."""
        if package not in self.messages:
            folder = next(
                self.modules / f"{module}@{go_structs.MODULE_VERSION}" / package[len(prefix) :].replace(".", "/")
                for prefix, module in go_structs.PACKAGES
                if package.startswith(prefix)
            )
            self.messages[package] = dict(MESSAGE.findall((folder / "generated.proto").read_text()))
        return {int(number): name for name, number in PROTO_FIELD.findall(self.messages[package][message])}

    def innermost(self, package, go_type):
        """What a pointer, list or map holds in the end: package and name."""
        home, inner = self.structs.home(package, re.sub(r"^(?:\*|\[\]|map\[[\w.]+\])+", "", go_type))
        if home.startswith("io.k8s.") and inner in self.structs.package(home).named:
            return self.innermost(home, self.structs.package(home).named[inner])
        return home, inner

    def add(self, entry, package, struct):
        """The lines of one struct, and of those that it embeds."""
        lines, tags = [], {}
        for name, go_type, tag in go_structs.FIELD.findall(self.structs.package(package).structs[struct]):
            json, protobuf = re.search(r'json:"([^"]*)"', tag), re.search(r'protobuf:"([^"]*)"', tag)
            if not json or json[1] == "-" or not protobuf:
                continue  # apiVersion and kind stand in the envelope
            _, number, *words = protobuf[1].split(",")
            tags[int(number)] = next((word[5:] for word in words if word.startswith("name=")), "")
            key, *options = json[1].split(",")
            home, inner = self.innermost(package, go_type)
            if not key and (not name or "inline" in options):
                short = self.structs.by_full.get(f"{home}.{inner}", inner)
                self.add(short, home, inner)
                lines.append((int(number), f">{short}"))
            else:
                lines.append((int(number), (key or name) + WORDS.get(inner, "")))
        said = self.numbers(package, struct)
        if tags.keys() != said.keys() or any(name and name != said[number] for number, name in tags.items()):
            sys.exit(f"{package}.{struct}: the tags and generated.proto differ")
        text = "\n".join([entry, *(f"{number} {line}" for number, line in sorted(lines))])
        if self.entries.setdefault(entry, text) != text:
            sys.exit(f"two types are called {entry}")

    def texts(self):
        for short, full in self.structs.short.items():
            package, name = full.rsplit(".", 1)
            self.add(short, package, name)
        return [text for _, text in sorted(self.entries.items())]


def text_of(modules):
    head = """\
// Written by tools/kube_protobuf.py from the API types of Kubernetes; its grammar is in messages.h.
#include <span>
#include <string_view>

#include "apiserver/protobuf/messages.h"

// clang-format off

namespace kthena::apiserver {

namespace {

constexpr std::string_view kMessages[] = {
"""
    tail = """\
};

}  // namespace

std::span<const std::string_view> message_texts() { return kMessages; }

}  // namespace kthena::apiserver
"""
    return head + "".join(f'R"({text})",\n' for text in Protocol(modules).texts()) + tail


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
