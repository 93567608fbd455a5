#!/usr/bin/env python3
"""Checks that the folders of src/ include only folders to their left.

Usage: include_direction.py [ROOT]

ROOT is the folder that holds src/ (default: the tree this file stands in). Prints `file:line: reason` for each wrong
edge and ends with 1 if there is one. A folder that stands in no list below is an error too, so that a new folder finds
its place here first. test/ and bench/ may include everything and are not read.
"""

import re
import sys
from pathlib import Path

# Left to right. Folders of one inner list are products beside each other and never include one another.
ORDER = [
    ["base"],
    ["json"],
    ["telemetry"],
    ["async"],
    ["net"],
    ["http"],
    ["kube"],
    ["api"],
    ["llm"],
    ["engine"],
    ["app"],
    ["router", "controllers", "webhook", "runtime", "downloader", "apiserver", "node"],
    ["sim"],
    ["standalone"],
    ["cli"],
    ["cmd"],
]

# The same inside kube/. `testing` builds on all of them, and the tests of all may use it.
KUBE_ORDER = ["shapes", "meta", "crd", "types", "client", "cache", "controller", "admission", "testing"]

# A folder that may use only a part of another one.
ONLY = {("api", "kube"): ["meta", "crd"]}

SUFFIXES = {".h", ".cc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')

RANK = {folder: rank for rank, folders in enumerate(ORDER) for folder in folders}
KUBE_RANK = {folder: rank for rank, folder in enumerate(KUBE_ORDER)}


def sub_folder(parts):
    """The folder below the first one, or None for a file that stands directly in it."""
    return parts[1] if len(parts) > 2 else None


def wrong_inside_kube(source, target):
    """Says what is wrong with an include between two files of kube/, or None. Files directly in kube/ have no rank."""
    here, there = sub_folder(source), sub_folder(target)
    if here is None or there is None or here == there:
        return None
    for name in (here, there):
        if name not in KUBE_RANK:
            return f"folder kube/{name} has no place in the order of kube/ (test/include_direction.py)"
    if there == "testing" and source[-1].endswith("_test.cc"):
        return None
    if KUBE_RANK[there] > KUBE_RANK[here]:
        return f"kube/{here} must not include kube/{there}: it stands to its right"
    return None


def wrong_edge(source, target):
    """Says what is wrong when the file `source` includes `target` (paths below src/, as parts), or None."""
    here, there = source[0], target[0]
    if len(target) < 2:
        return f'"{target[0]}": includes are relative to src/ and begin with a folder'
    if there not in RANK:
        return f"folder {there} has no place in the order (test/include_direction.py)"
    if here == there:
        return wrong_inside_kube(source, target) if here == "kube" else None
    if RANK[there] > RANK[here]:
        return f"{here} must not include {there}: it stands to its right"
    if RANK[there] == RANK[here]:
        return f"{here} must not include {there}: products do not include each other"
    allowed = ONLY.get((here, there))
    if allowed is not None and sub_folder(target) not in allowed:
        return f"{here} may use only {', '.join(f'{there}/{name}' for name in allowed)}"
    return None


def check_file(src, path):
    """Yields `file:line: reason` for each wrong include of one file."""
    source = path.relative_to(src).parts
    shown = path.relative_to(src.parent)
    if source[0] not in RANK:
        yield f"{shown}:1: folder {source[0]} has no place in the order (test/include_direction.py)"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        match = INCLUDE.match(line)
        reason = wrong_edge(source, tuple(match.group(1).split("/"))) if match else None
        if reason:
            yield f"{shown}:{number}: {reason}"


def check_tree(root):
    """Returns the number of files read and the wrong edges, sorted by file and line."""
    src = Path(root) / "src"
    files = sorted(path for path in src.rglob("*") if path.suffix in SUFFIXES and path.parent != src)
    return len(files), [error for path in files for error in check_file(src, path)]


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    count, errors = check_tree(root)
    for error in errors:
        print(error)
    if count == 0:
        print(f"no source file under {root / 'src'}")
        return 1
    print(f"{count} files, {len(errors)} wrong includes")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
