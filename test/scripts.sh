#!/usr/bin/env bash
# Checks every script of the tree: bash and Python parse, and shellcheck finds nothing where it is installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash_scripts=()
python_scripts=()
while IFS= read -r -d '' file; do
  [[ -f "$file" ]] || continue
  case "$file" in
    *.sh) bash_scripts+=("$file") && continue ;;
    *.py) python_scripts+=("$file") && continue ;;
    *.*) [[ "$file" == .ci/* ]] || continue ;;
  esac
  # Scripts without a suffix say in their first line what they are. `read` fails on binary and empty files.
  first_line=
  IFS= read -r first_line <"$file" 2>/dev/null || true
  case "$first_line" in
    '#!'*bash) bash_scripts+=("$file") ;;
    '#!'*python3) python_scripts+=("$file") ;;
  esac
done < <(git ls-files -z --cached --others --exclude-standard -- tools test bench .ci)

((${#bash_scripts[@]} > 0)) || { echo "found no script"; exit 1; }
for file in "${bash_scripts[@]}"; do
  bash -n "$file"
done
for file in "${python_scripts[@]}"; do
  python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1])' "$file"
done
if command -v shellcheck >/dev/null; then
  shellcheck -x -P SCRIPTDIR "${bash_scripts[@]}"
  echo "${#bash_scripts[@]} bash and ${#python_scripts[@]} Python scripts parse, shellcheck finds nothing"
else
  echo "shellcheck is not installed (tools/setup lint): ${#bash_scripts[@]} bash and ${#python_scripts[@]} Python scripts only parsed"
  exit 77
fi
