#!/usr/bin/env python3
"""Checks that every folder of src/ that is built has a README.md of 5 to 60 lines that names the folder."""

import sys
from pathlib import Path


def main():
    src = Path(__file__).resolve().parent.parent / "src"
    errors = []
    folders = sorted(path.parent for path in src.glob("*/CMakeLists.txt"))
    for folder in folders:
        readme = folder / "README.md"
        if not readme.is_file():
            errors.append(f"src/{folder.name}/README.md is missing")
            continue
        text = readme.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if not 5 <= lines <= 60:
            errors.append(f"src/{folder.name}/README.md has {lines} lines, not 5 to 60")
        if folder.name not in text:
            errors.append(f"src/{folder.name}/README.md does not name its folder")
    print("\n".join(errors) if errors else f"{len(folders)} folders have their README.md")
    return 1 if errors or not folders else 0


if __name__ == "__main__":
    sys.exit(main())
