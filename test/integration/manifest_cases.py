"""The manifests of manifests/ and what is said of them: comments above a document, each one line of an answer.

  # refused: WORDS   the schema refuses it, and WORDS stand in the API server's message
  # denied: LINE     the webhook refuses it, and this is one line of its answer, word for word; all of them are given, in
                     order. Together with `refused`: what it says to whoever asks it directly, past the schema
  # warned: LINE     one warning of the webhook, word for word; all of them are given
In updated/ documents stand in pairs: the object that is there, and above the one it is to become what is said of that.
Without any of the three the object is accepted in silence. Standard library only.
"""

import dataclasses
import json
import re
from pathlib import Path

from kube_api import kubectl

MANIFESTS = Path(__file__).resolve().parent / "manifests"
GROUP = ".serving.volcano.sh/"


@dataclasses.dataclass
class Case:
    where: str
    text: str
    refused: str
    denied: list
    warned: list
    thing: dict = None


def objects_in(text):
    """The objects of ours in a YAML stream, read by kubectl, in order."""
    printed = kubectl("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-", stdin=text)
    decoder, found, position = json.JSONDecoder(), [], 0
    while printed[position:].strip():
        position += len(printed[position:]) - len(printed[position:].lstrip())
        value, position = decoder.raw_decode(printed, position)
        found += value["items"] if value["kind"] == "List" else [value]
    return [each for each in found if GROUP in each["apiVersion"]]


def written_cases(folder):
    """Those of manifests/FOLDER as they are written."""
    for file in sorted((MANIFESTS / folder).glob("*.yaml")):
        line = 1
        for text in file.read_text(encoding="utf-8").split("\n---\n"):
            said = {word: re.findall(rf"^# {word}: (.*)$", text, re.MULTILINE) for word in ("refused", "denied", "warned")}
            yield Case(f"{folder}/{file.name}:{line}", text, *(said["refused"] or [""])[:1], said["denied"], said["warned"])
            line += text.count("\n") + 2


def read_cases(folder):
    """The same, read by kubectl, which must know the kinds."""
    cases = list(written_cases(folder))
    things = objects_in("\n---\n".join(case.text for case in cases))
    if len(things) != len(cases):
        raise AssertionError(f"{len(cases)} documents of manifests/{folder} hold {len(things)} objects")
    for case, thing in zip(cases, things):
        case.thing = thing
    return cases


def read_updates():
    """(old object, case of the new one): the pairs of manifests/updated."""
    cases = read_cases("updated")
    return [(old.thing, new) for old, new in zip(cases[0::2], cases[1::2], strict=True)]
