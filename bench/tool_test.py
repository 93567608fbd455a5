#!/usr/bin/env python3
"""Does the load generator notice what a bad proxy does? Puts one between it and the backend, fault by fault.

Usage: tool_test.py BIN, where bench-backend and bench-loadgen are.
"""

import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "router"))

import cells  # noqa: E402
import processes  # noqa: E402


class BadProxy:
    """Passes bytes on, through `to_backend` and `to_client`; a function that returns None cuts the connection."""

    def __init__(self, backend, to_backend=bytes, to_client=bytes):
        host, port = backend.split(":")
        self.backend = (host, int(port))
        self.to_backend, self.to_client = to_backend, to_client
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.target = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    name = "bad proxy"

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            upstream = socket.create_connection(self.backend)
            for source, sink, change in ((client, upstream, self.to_backend), (upstream, client, self.to_client)):
                threading.Thread(target=self.pump, args=(source, sink, change), daemon=True).start()

    @staticmethod
    def pump(source, sink, change):
        try:
            while data := source.recv(1 << 16):
                changed = change(data)
                if changed is None:
                    break
                sink.sendall(changed)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def once(change):
    """`change` for the first piece it alters, then the identity: one fault in many replies."""
    lock, done = threading.Lock(), []

    def apply(data):
        with lock:
            if done:
                return data
            changed = change(data)
            if changed != data:
                done.append(True)
            return changed

    return apply


def error_then_cut():
    """An error event instead of event 9; then the connection is cut. For one stream."""
    hit = []

    def apply(data):
        if hit:
            return None
        if b" 000009 " not in data:
            return data
        hit.append(True)
        return ERROR_CHUNK

    return apply


PLAIN = {"mode": "saturate", "connections": 4, "calls": 200}
STREAMS = {"mode": "streams", "connections": 8, "events": 20, "interval_us": 20000, "settle": 0.02, "seconds": 0.02}
ERROR = b'data: {"error":{"message":"stopped"}}\n\n'
ERROR_CHUNK = b"%x\r\n%s\r\n" % (len(ERROR), ERROR)

# title: (options, change of requests, change of replies, outcome that must show; None: all exact, "body": a body)
FAULTS = {
    "a good proxy": (PLAIN, bytes, bytes, None),
    "a good proxy with streams": (STREAMS, bytes, bytes, None),
    "a letter changed in a reply": (PLAIN, bytes, once(lambda d: d.replace(b"Paris", b"paris")), "corrupted"),
    "another status": (PLAIN, bytes, once(lambda d: d.replace(b" 200 OK", b" 502 No")), "wrong_status"),
    "a connection cut instead of a reply": (PLAIN, bytes, once(lambda d: None), "no_reply"),
    "a letter changed in a request": (PLAIN, once(lambda d: d.replace(b"Explain", b"explain")), bytes, "body"),
    "a letter changed in a stream": (STREAMS, bytes, once(lambda d: d.replace(b"000009 ", b"000008 ")), "corrupted"),
    "an event lost": (STREAMS, bytes, once(lambda d: b"" if b" 000009 " in d else d), "corrupted"),
    "a stream cut": (STREAMS, bytes, once(lambda d: None if b" 000009 " in d else d), "cut"),
    "a stream that ends early and cleanly":
        (STREAMS, bytes, once(lambda d: b"0\r\n\r\n" if b" 000009 " in d else d), "truncated_clean"),
    "an error event that ends cleanly":
        (STREAMS, bytes, once(lambda d: ERROR_CHUNK + b"0\r\n\r\n" if b" 000009 " in d else d), "error_then_end"),
    "an error event and an abort": ({**STREAMS, "connections": 1}, bytes, error_then_cut(), "error_then_abort"),
}


def check(title, generator, backends):
    options, to_backend, to_client, expected = FAULTS[title]
    options = dict(options)
    proxy = BadProxy(backends.addresses[0], to_backend, to_client)
    backends.take_stats()
    report = generator.run(options.pop("mode"), proxy.target, timeout=3, **options)
    stats = backends.take_stats()
    proxy.listener.close()
    found = list(cells.problems(proxy, report, stats))
    if expected is None:
        good = not found and report["outcomes"] == {"exact": report["calls"]}
    elif expected == "body":
        good = any("bodies came" in problem for problem in found)
    else:
        good = report["outcomes"].get(expected) == 1 and bool(found)
    print(f"{'ok' if good else 'FAILED'}  {title}: {report['outcomes']} {found if not good else ''}")
    return good


def main():
    binaries = sys.argv[1]
    try:
        backends = processes.Backends(binaries)
        generator = processes.LoadGenerator(binaries)
        results = [check(title, generator, backends) for title in FAULTS]
    finally:
        processes.stop_all()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
