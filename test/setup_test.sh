#!/usr/bin/env bash
# Tests tools/setup against stand-ins for dpkg, apt and sudo: nothing of the machine is read or changed.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if ! (. /etc/os-release && [[ "$ID $VERSION_ID" == "debian 12" ]]); then
  echo "tools/setup knows Debian 12 only"
  exit 77
fi

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"

# dpkg-query lists $scratch/installed. apt-get notes its arguments, prints $scratch/plan when asked to simulate, and
# otherwise "installs" what it is told to.
cat >"$scratch/bin/dpkg-query" <<END
#!/usr/bin/env bash
sed 's/^/installed /' "$scratch/installed"
END
cat >"$scratch/bin/apt-get" <<END
#!/usr/bin/env bash
echo "\$*" >>"$scratch/calls"
if [[ " \$* " == *" -s "* ]]; then
  cat "$scratch/plan"
elif [[ " \$* " == *" install "* ]]; then
  arguments=" \$* "
  printf '%s\n' \${arguments##* install } >>"$scratch/installed"
fi
END
cat >"$scratch/bin/sudo" <<'END'
#!/usr/bin/env bash
[[ "$1" == -v ]] || exec "$@"
END
chmod +x "$scratch/bin/"*
export PATH="$scratch/bin:$PATH"
unset KTHENA_SKIP_SETUP

# expect COMMAND…: the command must succeed. says TEXT: the output must hold TEXT. asked_apt PATTERN: so must apt's record.
expect() {
  if ! "$@"; then
    echo "FAILED: $*"
    cat "$scratch/output" "$scratch/calls"
    exit 1
  fi
}
says() { grep -q -- "$1" "$scratch/output"; }
asked_apt() { grep -q -- "$1" "$scratch/calls"; }
asked_apt_nothing() { [[ ! -s "$scratch/calls" ]]; }
installed_nothing() { ! grep -v -- '-s ' "$scratch/calls" | grep -q ' install '; }
ended_with() { [[ "$status" == "$1" ]]; }

forget() { sed -i "/^$1\$/d" "$scratch/installed"; }

# run: calls tools/setup with a fresh record of what apt was asked; sets $status.
run() {
  : >"$scratch/calls"
  status=0
  "$root/tools/setup" "$@" >"$scratch/output" 2>&1 || status=$?
}

echo "says nothing is missing and asks apt nothing"
"$root/tools/setup" --list lint >"$scratch/installed"
run lint
expect ended_with 0
expect says 'nothing is missing'
expect asked_apt_nothing

echo "installs what is missing, and only that"
forget shellcheck
echo 'Inst shellcheck (0.9.0 Debian [amd64])' >"$scratch/plan"
run lint
expect ended_with 0
expect asked_apt ' update$'
expect asked_apt ' install shellcheck$'

echo "stops before installing when apt would remove a package"
forget shellcheck
printf 'Remv precious [1.0]\nInst shellcheck (0.9.0 Debian [amd64])\n' >"$scratch/plan"
run lint
expect ended_with 1
expect says 'Remv precious'
expect installed_nothing

echo "takes another flavour of a package for the one it would install"
"$root/tools/setup" --list bench | sed 's/^nginx-light|.*/nginx-full/' >"$scratch/installed"
run bench
expect ended_with 0
expect asked_apt_nothing

echo "fails when a package is still missing after apt said it was installed"
: >"$scratch/installed"
: >"$scratch/plan"
sed -i 's/^  printf.*installed"$/  :/' "$scratch/bin/apt-get"
run lint
expect ended_with 1
expect says 'still missing after'

echo "names an unknown group"
run nonsense
expect ended_with 1
expect says nonsense
