# shellcheck shell=bash
# What the scripts of tools/ share: where the tree is, how they speak, long commands, stopping cleanly. Sourced, not run.

KTHENA_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
KTHENA_TOOL="tools/$(basename "$0")"
KTHENA_JOBS="${KTHENA_JOBS:-$(nproc)}"
# A log line of a long command every so many seconds, so that nobody takes it for dead.
KTHENA_HEARTBEAT_SECONDS="${KTHENA_HEARTBEAT_SECONDS:-15}"
export KTHENA_ROOT KTHENA_TOOL KTHENA_JOBS

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
warn() { printf '%s: %s\n' "$KTHENA_TOOL" "$*" >&2; }
die() {
  warn "$*"
  exit 1
}

# usage_of FILE: prints the comment block at the head of a script, which is its help text.
usage_of() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"; }

# Sleeps without a child process: a killed parent leaves no `sleep` behind.
nap() { read -r -t "$1" <> <(:) || true; }

# Whole seconds with one decimal since the time given by EPOCHREALTIME.
seconds_since() {
  local now="${EPOCHREALTIME/[.,]/}" then="${1/[.,]/}"
  printf '%d.%d' $(((now - then) / 1000000)) $(((now - then) / 100000 % 10))
}

HEARTBEAT_PID=

stop_heartbeat() {
  if [[ -n "$HEARTBEAT_PID" ]]; then
    # Not TERM: one that comes between the fork and its first command would run our EXIT trap in the child.
    kill -KILL "$HEARTBEAT_PID" 2>/dev/null || true
    wait "$HEARTBEAT_PID" 2>/dev/null || true
    HEARTBEAT_PID=
  fi
}

# run_quiet LABEL LOG COMMAND…: runs COMMAND with its output in LOG, saying now and then that it still runs and what its
# last line was. On failure prints the end of LOG and returns the command's status.
run_quiet() {
  local label="$1" log="$2" start="$EPOCHREALTIME" status=0 last
  shift 2
  : >"$log"
  (
    while nap "$KTHENA_HEARTBEAT_SECONDS"; do
      last="$(tail -c 2000 "$log" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-90 || true)"
      printf '   %s: %s s  %s\n' "$label" "$(seconds_since "$start")" "$last"
    done
  ) &
  HEARTBEAT_PID=$!
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  stop_heartbeat
  if ((status != 0)); then
    printf '   %s failed after %s s (status %d). The end of %s:\n' "$label" "$(seconds_since "$start")" "$status" "$log" >&2
    tail -n 60 "$log" >&2
    return "$status"
  fi
  printf '   %s: done in %s s\n' "$label" "$(seconds_since "$start")"
}

# Compiler cache: one cache serves every clone and worktree of this tree, whatever folder it stands in.
use_compiler_cache() {
  export CCACHE_BASEDIR="$KTHENA_ROOT" CCACHE_NOHASHDIR=1
  export CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-10G}"
}
