"""Where the servers of tools/testbed come from: found, or built from the modules that testbed_modules/ pins.

Used by tools/testbed; not run by itself. Says what it does on stderr, because a build takes minutes.
"""

import fcntl
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from testbed_process import die_with_parent

MODULES = Path(__file__).resolve().parent / "testbed_modules"
PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
# What envtest's archives hold, too. The controller manager is asked for by those who need it.
NEEDED = ("etcd", "kube-apiserver", "kubectl")

OLDEST_GO = (1, 24)
TOOLCHAIN = "go1.24.13"  # fetched as a module when the machine's Go is older
HEARTBEAT_SECONDS = float(os.environ.get("KTHENA_HEARTBEAT_SECONDS", "15"))


class Unavailable(Exception):
    """The binaries cannot be had on this machine; the text says why and what would help."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def version():
    """The version of Kubernetes that go.mod pins, without the v."""
    text = (MODULES / "go.mod").read_text(encoding="utf-8")
    return re.search(r"^\s*k8s\.io/kubernetes v(\S+)$", text, re.MULTILINE).group(1)


def cache_folder():
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "kthena" / "testbed" / version()


def missing_in(folder, names):
    return [name for name in names if not os.access(folder / name, os.X_OK)]


def find(names=NEEDED):
    """The folder with all of `names`, or None. A KUBEBUILDER_ASSETS that lacks one is an error, not a reason to build."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets:
        if missing := missing_in(Path(assets), names):
            raise Unavailable(f"KUBEBUILDER_ASSETS={assets} has no {', '.join(missing)}")
        return Path(assets)
    return None if missing_in(cache_folder(), names) else cache_folder()


def find_built(names=NEEDED):
    """Like find(), but says what to do when there is nothing."""
    folder = find(names)
    if folder is None:
        advice = "tools/testbed build makes them (once, some minutes), or set KUBEBUILDER_ASSETS"
        raise Unavailable(f"{cache_folder()} does not have {', '.join(names)}: {advice}")
    return folder


# ---------------------------------------------------------------- Go


def go_version(go):
    """(1, 24) and the like; None if `go` does not run."""
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="")
    try:
        answer = subprocess.run([go, "version"], env=environment, capture_output=True, text=True, check=False, cwd="/")
    except OSError:
        return None
    match = re.search(r"\bgo(\d+)\.(\d+)", answer.stdout)
    return (int(match.group(1)), int(match.group(2))) if match else None


def downloaded_toolchain(go):
    """Fetches a newer Go with an old one, as the module golang.org/toolchain; returns its go command.

    Go 1.21 and later do this by themselves when GOTOOLCHAIN tells them to; older ones, such as Debian 12's, do not know
    that this module is one to be run, so the files are made executable here.
    """
    environment = dict(os.environ, GOFLAGS="-mod=mod", GOWORK="off")
    platform = subprocess.run([go, "env", "GOOS", "GOARCH"], capture_output=True, text=True, check=True, cwd="/").stdout
    module = f"golang.org/toolchain@v0.0.1-{TOOLCHAIN}.{'-'.join(platform.split())}"
    say(f"   fetching {module}")
    with tempfile.TemporaryDirectory() as scratch:
        command = [go, "mod", "download", "-json", module]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=scratch)
    found = json.loads(answer.stdout) if answer.returncode == 0 else {}
    if "Dir" not in found:
        raise Unavailable(f"Go is older than 1.24 and {module} cannot be fetched: {last_line(answer.stderr)}")
    folder = Path(found["Dir"])
    for pattern in ("bin/*", "pkg/tool/*/*"):
        for file in folder.glob(pattern):
            file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return str(folder / "bin" / "go")


def go_command():
    """(the command, the value of GOTOOLCHAIN to run it with) of a Go that is new enough, fetched if need be."""
    candidates = [shutil.which("go"), "/usr/local/go/bin/go", "/usr/lib/go/bin/go"]
    usable = []
    for go in filter(None, candidates):
        found = go_version(go)
        if found and found >= OLDEST_GO:
            return go, "local"
        if found:
            usable.append((found, go))
    if not usable:
        raise Unavailable("there is no Go; Go 1.24 or newer, or any older one that can fetch it, builds the test bed")
    newest, go = max(usable)
    if newest >= (1, 21):
        return go, TOOLCHAIN
    return downloaded_toolchain(go), "local"


def go_environment(toolchain):
    environment = dict(os.environ, CGO_ENABLED="0", GOWORK="off", GOTOOLCHAIN=toolchain)
    environment.pop("GOROOT", None)
    return environment


# ---------------------------------------------------------------- building


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def fetch_modules(go, environment):
    """Downloads what is compiled; returns how many packages that is. No network is a reason to do without."""
    say(f"   fetching the modules of Kubernetes {version()}")
    command = [go, "list", "-deps", "-f", "{{.ImportPath}}", *PACKAGES.values()]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=MODULES)
    if answer.returncode == 0:
        return len(answer.stdout.split())
    say(answer.stderr[-4000:])
    if re.search(r"dial tcp|i/o timeout|no such host|connection re|network is|TLS handshake|proxyconnect", answer.stderr):
        raise Unavailable(f"the modules of Kubernetes cannot be fetched: {last_line(answer.stderr)}")
    raise RuntimeError("go list failed in tools/testbed_modules")


def compile_program(go, environment, name, target):
    """Builds one program with a line now and then; `go build -v` names each package when it is done."""
    tag = f"v{version()}"
    major, minor = version().split(".")[:2]
    package = "k8s.io/component-base/version"
    # Without these kubectl refuses the server's version.
    stamps = [f"-X {package}.gitVersion={tag}", f"-X {package}.gitMajor={major}", f"-X {package}.gitMinor={minor}"]
    command = [go, "build", "-v", "-trimpath", f"-ldflags=-s -w {' '.join(stamps)}", "-o", str(target)]
    if jobs := os.environ.get("KTHENA_JOBS"):
        command += ["-p", jobs]
    began = time.monotonic()
    lines = []
    done = threading.Event()

    def report():
        while not done.wait(HEARTBEAT_SECONDS):
            last = lines[-1] if lines else "-"
            say(f"   {name}: {time.monotonic() - began:.0f} s, {len(lines)} packages compiled, the last {last}")

    command.append(PACKAGES[name])
    with subprocess.Popen(
        command, env=environment, cwd=MODULES, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent
    ) as process:
        reporter = threading.Thread(target=report, daemon=True)
        reporter.start()
        try:
            for line in process.stderr:
                lines.append(line.rstrip())
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
        finally:
            done.set()
            reporter.join()
    if status != 0:
        say("\n".join(lines[-40:]))
        raise RuntimeError(f"go build of {name} ended with status {status}")
    say(f"   {name}: done in {time.monotonic() - began:.1f} s")


def build():
    """Returns the folder with all programs, building them if need be. Two at once: the second waits for the first."""
    if folder := find():
        if os.environ.get("KUBEBUILDER_ASSETS") or not missing_in(folder, PACKAGES):
            return folder
    folder = cache_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{version()}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("testbed: another build is going on, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if missing_in(folder, PACKAGES):
            build_into(folder)
    return folder


def build_into(folder):
    """Builds beside the final place and renames: what stands there is always complete. Call with the lock held."""
    go, toolchain = go_command()
    environment = go_environment(toolchain)
    for stale in folder.parent.glob(f".{version()}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    began = time.monotonic()
    say(f"testbed: building Kubernetes {version()} and etcd with {go} into {folder} (some minutes, once)")
    scratch = Path(tempfile.mkdtemp(prefix=f".{version()}-", dir=folder.parent))
    try:
        count = fetch_modules(go, environment)
        say(f"   {count} packages")
        for name in PACKAGES:
            compile_program(go, environment, name, scratch / name)
        scratch.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    say(f"testbed: built in {time.monotonic() - began:.0f} s")
