"""Starting, pinning and ending the processes of a measurement."""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PROXY_CORE = 0  # what is measured has this core for itself
LOAD_CORE = 1  # backends, load generator and this program share the other one

_CORES = sorted(os.sched_getaffinity(0))  # before we pin ourselves
_running = []


class Failure(Exception):
    """Something that ends the measurement, with a message for people."""


def core(number):
    """The first or second core that we may use; the same one where there is one only."""
    return _CORES[min(number, len(_CORES) - 1)]


def start(command, *, on_core, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=None):
    """Starts a process on one core, with the hard limit of descriptors; it ends when we end."""
    libc = ctypes.CDLL(None)
    pr_set_pdeathsig = 1

    def prepare():
        os.sched_setaffinity(0, {core(on_core)})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        libc.prctl(pr_set_pdeathsig, signal.SIGTERM)

    process = subprocess.Popen(
        command,
        stdout=stdout,
        stderr=stderr,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
        preexec_fn=prepare,
        start_new_session=True,
    )
    _running.append(process)
    return process


def stop(process, patience=3.0):
    """SIGTERM, then SIGKILL for the whole session of the process."""
    if process in _running:
        _running.remove(process)
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def stop_all():
    for process in list(_running):
        stop(process, patience=0.5)


@contextlib.contextmanager
def measuring(name):
    """A directory for a measurement; it is gone afterwards, and all processes have ended. What is in the way is said, and
    ends the program with 2."""
    directory = tempfile.mkdtemp(prefix=f"kthena-{name}-")
    try:
        yield directory
    except Failure as failure:
        print(f"bench {name}: {failure}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        stop_all()
        shutil.rmtree(directory, ignore_errors=True)


def tree_of(pid):
    """The process and its children, grandchildren, …"""
    pids = [pid]
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        for task in tasks:
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in file.read().split():
                    pids += tree_of(int(child))
    except OSError:
        pass
    return pids


def free_port(hosts):
    """A port that is free on all of `hosts`."""
    for _ in range(200):
        sockets = [socket.socket() for _ in hosts]
        try:
            sockets[0].bind((hosts[0], 0))
            port = sockets[0].getsockname()[1]
            for host, other in list(zip(hosts, sockets))[1:]:
                other.bind((host, port))
            return port
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
    raise Failure(f"no port is free on all of {hosts}")


def get(url, data=None, timeout=5):
    """(status, body) of a request; status 0 when nobody answers."""
    request = urllib.request.Request(url, data=data)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def wait_until(condition, what, patience=15.0):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"{what} did not happen within {patience:.0f} s")
        time.sleep(0.02)


class Backends:
    """Four backends in one process, one address each."""

    HOSTS = ["127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14"]

    def __init__(self, binaries):
        self.port = free_port(self.HOSTS)
        self.addresses = [f"{host}:{self.port}" for host in self.HOSTS]
        command = [os.path.join(binaries, "bench-backend")]
        for address in self.addresses:
            command += ["--listen", address]
        self.process = start(command, on_core=LOAD_CORE)
        wait_until(lambda: get(f"http://{self.addresses[0]}/health")[0] == 200, "start of the backend")

    def take_stats(self):
        """What came since the last call."""
        status, body = get(f"http://{self.addresses[0]}/stats?reset")
        if status != 200:
            raise Failure("the backend does not answer any more")
        return json.loads(body)


class LoadGenerator:
    def __init__(self, binaries):
        self.path = os.path.join(binaries, "bench-loadgen")

    def run(self, mode, target, watch=(), **options):
        """The report of one run; adds "failed", a text, when a reply was not exact."""
        command = [self.path, mode, "--target", target]
        for pid in watch:
            command += ["--watch", str(pid)]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            for each in value if isinstance(value, (list, tuple)) else [value]:
                command += [flag] if each is True else [flag, f"{each:g}" if isinstance(each, float) else str(each)]
        process = start(command, on_core=LOAD_CORE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        _running.remove(process)
        if process.returncode not in (0, 1):
            raise Failure(f"{' '.join(command)}: {err.decode().strip() or process.returncode}")
        report = json.loads(out)
        if process.returncode == 1:
            report["failed"] = f"{report['outcomes']} {report['complaints'][:3]}"
        return report
