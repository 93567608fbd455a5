#!/usr/bin/env python3
"""kthena-router as a process between engines and clients: signals, manifests, files, ports, killed engines.

Usage: router_process_test.py BIN, where the binaries are. Needs nothing but the standard library: engines are this
program again (`--engine ADDRESS`), so that one can be killed.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

EVENTS = 40
EVENT_GAP = 0.05
TEXT = json.dumps({"choices": [{"text": "x" * 500}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}).encode()
DONE = b"data: [DONE]\n\n"


def event(number):
    return b'data: {"choices":[{"index":0,"delta":{"content":"%d"}}]}\n\n' % number


WHOLE_STREAM = b"".join(event(number) for number in range(EVENTS)) + DONE


async def read_head(reader):
    """The first line, and the fields by lower-case name; nothing at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None, {}
    first, *lines = head.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines if line)
    return first, {name.lower(): value for name, value in fields.items()}


# ---------------------------------------------------------------------------------------------------- engines

async def serve_engine(reader, writer):
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            first, fields = await read_head(reader)
            if first is None:
                break
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            if b'"stream": true' in body:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                for piece in [*(event(number) for number in range(EVENTS)), DONE]:
                    writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    await writer.drain()
                    await asyncio.sleep(EVENT_GAP)
                writer.write(b"0\r\n\r\n")
            else:
                await asyncio.sleep(0.01)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(TEXT))
                writer.write(TEXT)
            await writer.drain()
    writer.close()


async def run_engine(address):
    host, port = address.split(":")
    server = await asyncio.start_server(serve_engine, host, int(port), backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Engine:
    def __init__(self, host, port=0):
        self.host = host
        self.process = subprocess.Popen([sys.executable, __file__, "--engine", f"{host}:{port}"],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


# ---------------------------------------------------------------------------------------------------- the router

def manifests(engines, model="m"):
    pods = "".join(f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: e-{number}, labels: {{app: m}}}}\n"
                   f"status: {{podIP: {engine.host}}}\n" for number, engine in enumerate(engines))
    return f"""apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelRoute
metadata: {{name: m}}
spec: {{modelName: {model}, rules: [{{targetModels: [{{modelServerName: s}}]}}]}}
---
apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelServer
metadata: {{name: s}}
spec: {{inferenceEngine: vLLM, workloadSelector: {{matchLabels: {{app: m}}}}, workloadPort: {{port: {engines[0].port}}}}}
{pods}"""


class Router:
    """A running router on a free port."""

    def __init__(self, directory, *flags, **environment):
        self.access_log = os.path.join(directory, "access.log")
        self.lines = []
        self.process = subprocess.Popen(
            [os.path.join(BIN, "kthena-router"), "--manifests", os.path.join(directory, "manifests"), "--host", "127.0.0.1",
             "--port", "0", "--metrics-port", "0", "--debug-port", "0", "--shards", "2", "--access-log-output",
             self.access_log, *flags], stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.port = int(re.search(r"address=\S*?:(\d+)", self.wait_for("serving")).group(1))

    def _read(self):
        with self.process.stderr:
            for line in self.process.stderr:
                with self.changed:
                    self.lines.append(line)
                    self.changed.notify_all()
        with self.changed:
            self.lines.append("")
            self.changed.notify_all()

    def wait_for(self, text):
        """The first line of its log with the text in it."""
        def find():
            return next((line for line in self.lines if text in line), None)
        with self.changed:
            self.changed.wait_for(lambda: find() or "" in self.lines, 60)
            line = find()
        if line is None:
            raise AssertionError(f"'{text}' is not in the log:\n" + "".join(self.lines))
        return line

    def wait(self):
        """The exit status; what it said if that is 1, as a sanitizer's finding is."""
        status = self.process.wait(60)
        self.reader.join()
        return status if status != 1 else "".join(self.lines)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()

    async def call(self, body, connection=None, path="/v1/chat/completions", close=False,
                   on_head=lambda: None):
        """Status, body and fields, among them `cut` if the body did not end properly."""
        reader, writer = connection or await asyncio.open_connection("127.0.0.1", self.port)
        text = json.dumps(body).encode() if body is not None else b""
        method = b"POST" if body is not None else b"GET"
        writer.write(b"%s %s HTTP/1.1\r\nHost: r\r\n%sContent-Length: %d\r\n\r\n%s" %
                     (method, path.encode(), b"Connection: close\r\n" if close else b"", len(text), text))
        first, fields = await read_head(reader)
        if first is None:
            raise ConnectionError("closed without an answer")
        on_head()
        status = int(first.split(" ")[1])
        if fields.get("transfer-encoding") != "chunked":
            whole = await reader.readexactly(int(fields["content-length"]))
            if connection is None:
                writer.close()
            return status, whole, fields
        received = b""
        try:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                received += await reader.readexactly(size)
                await reader.readexactly(2)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return status, received, {**fields, "cut": True}
        await reader.readexactly(2)
        if connection is None:
            writer.close()
        return status, received, fields


CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
STREAM = {**CHAT, "stream": True}


class RouterProcessTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="kthena-router-test-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.mkdir(os.path.join(self.directory, "manifests"))

    def engines(self, count):
        engines = [Engine("127.0.0.21")]
        for number in range(1, count):
            engines.append(Engine(f"127.0.0.{21 + number}", engines[0].port))
        for engine in engines:
            self.addCleanup(engine.kill)
        return engines

    def write(self, text):
        path = os.path.join(self.directory, "manifests", "all.yaml")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def wait_until(self, holds, what):
        for _ in range(1200):
            if holds():
                return
            threading.Event().wait(0.05)
        self.fail(f"in vain waited for: {what}")

    def start(self, *flags, **environment):
        router = Router(self.directory, *flags, **environment)
        self.addCleanup(router.end)
        return router

    def run_to_end(self, *flags):
        return subprocess.run([os.path.join(BIN, "kthena-router"), "--host", "127.0.0.1", "--metrics-port", "0",
                               "--debug-port", "0", *flags], capture_output=True, text=True, timeout=60, check=False)

    def test_sigterm_under_load_loses_no_accepted_request(self):
        self.write(manifests(self.engines(2)))
        router = self.start("--lame-duck", "500ms")
        answered, lost = [0], []

        async def client():
            """Asks again and again over a connection, over a new one when told to, until none is accepted."""
            connection = None
            while True:
                if connection is None:
                    try:
                        connection = await asyncio.open_connection("127.0.0.1", router.port)
                    except ConnectionError:
                        return
                try:
                    status, body, fields = await router.call(CHAT, connection)
                except (ConnectionError, asyncio.IncompleteReadError) as error:
                    lost.append(repr(error))
                    connection = None
                    continue
                if (status, body) != (200, TEXT):
                    lost.append(f"{status} {body}")
                answered[0] += 1
                if fields.get("connection") == "close":
                    connection[1].close()
                    connection = None

        async def load():
            clients = [asyncio.create_task(client()) for _ in range(32)]
            while answered[0] < 500:
                await asyncio.sleep(0.01)
            router.process.send_signal(signal.SIGTERM)
            await asyncio.gather(*clients)

        asyncio.run(load())
        self.assertEqual(lost, [])
        self.assertEqual(router.wait(), 0)
        with open(router.access_log, encoding="utf-8") as file:
            self.assertEqual(sum(1 for _ in file), answered[0], "one line for each request")

    def test_a_stream_outlives_sigterm_and_readiness_tells(self):
        self.write(manifests(self.engines(1)))
        router = self.start("--lame-duck", "3s")

        async def scenario():
            self.assertEqual((await router.call(None, path="/readyz", close=True))[0], 200)
            stream = asyncio.create_task(router.call(STREAM))
            await asyncio.sleep(EVENT_GAP * 3)
            router.process.send_signal(signal.SIGTERM)
            self.assertIn("new connections are still taken", router.wait_for("stopping"))
            self.assertEqual((await router.call(None, path="/readyz", close=True))[0], 503)
            self.assertEqual((await router.call(None, path="/healthz", close=True))[0], 200)
            self.assertNotIn("draining", "".join(router.lines))
            status, body, fields = await stream
            self.assertEqual((status, body), (200, WHOLE_STREAM))
            self.assertNotIn("cut", fields)

        asyncio.run(scenario())
        self.assertEqual(router.wait(), 0)
        self.assertIn("new connections are refused", router.wait_for("draining"))

    def test_while_draining_new_connections_are_refused(self):
        self.write(manifests(self.engines(1)))
        router = self.start("--lame-duck", "0s")

        async def scenario():
            begun = asyncio.Event()
            stream = asyncio.create_task(router.call(STREAM, on_head=begun.set))
            await begun.wait()
            router.process.send_signal(signal.SIGTERM)
            await asyncio.get_running_loop().run_in_executor(None, router.wait_for, "draining")
            # The listeners close right after the line.
            while True:
                try:
                    await router.call(None, path="/healthz", close=True)
                except (ConnectionError, asyncio.IncompleteReadError):
                    break
            status, body, fields = await stream
            self.assertEqual((status, body), (200, WHOLE_STREAM))
            self.assertNotIn("cut", fields)

        asyncio.run(scenario())
        self.assertEqual(router.wait(), 0)

    def test_a_second_sigterm_ends_at_once(self):
        self.write(manifests(self.engines(1)))
        router = self.start("--lame-duck", "30s")
        router.process.send_signal(signal.SIGTERM)
        router.wait_for("stopping")
        router.process.send_signal(signal.SIGTERM)
        self.assertEqual(router.wait(), 130)

    def test_what_it_cannot_start_with_is_told(self):
        # A start that failed waits for nothing: run_to_end() is not as patient as this.
        patient = ("--lame-duck", "1h", "--drain-timeout", "1h")
        existing = ("--manifests", os.path.join(self.directory, "manifests"))
        nowhere = self.run_to_end("--manifests", "/nowhere/at/all", "--port", "0", *patient)
        self.assertEqual(nowhere.returncode, 1)
        self.assertIn("kthena-router: --manifests: manifest directory /nowhere/at/all: No such file", nowhere.stderr)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            busy = self.run_to_end(*existing, "--port", str(port), *patient)
        self.assertEqual(busy.returncode, 1)
        self.assertRegex(busy.stderr, f"kthena-router: --port: .*:{port}: Address already in use")
        log = self.run_to_end(*existing, "--port", "0", "--access-log-output", "/nowhere/access.log")
        self.assertEqual(log.returncode, 1)
        self.assertIn("kthena-router: --access-log-output: ", log.stderr)
        self.write(manifests(self.engines(1)))
        router = self.start()
        second = self.run_to_end(*existing, "--port", str(router.port), *patient)
        self.assertEqual(second.returncode, 1, "a router does not share the port of another")
        self.assertNotIn("stopping", second.stderr)

    def test_wrong_flags_are_refused_by_name(self):
        for flags, message in ((["--host", "example.org"], "--host: 'example.org' is neither an IP address nor localhost"),
                               (["--drain-timeout", "0"], "--drain-timeout: '0' is not more than 0s"),
                               (["--stream-idle-timeout", "0s"], "--stream-idle-timeout: '0s' is not more than 0s"),
                               (["--lame-duck=-1s"], "--lame-duck: '-1s' is not at least 0s"),
                               (["--body-memory-mib", "0"], "--body-memory-mib: '0' is not an integer from 1 to "),
                               (["--shards", "5000"], "--shards: '5000' is not an integer from 0 to 1024")):
            done = self.run_to_end("--manifests", self.directory, "--port", "0", *flags)
            self.assertEqual(done.returncode, 2, flags)
            self.assertIn("kthena-router: " + message, done.stderr)

    def test_a_drain_timeout_of_nothing_in_the_environment_is_passed_over(self):
        self.write(manifests(self.engines(1)))
        router = self.start("--host", "localhost", DRAIN_TIMEOUT="-1s")
        self.assertIn("environment variable DRAIN_TIMEOUT: '-1s' is not more than 0s", router.wait_for("setting ignored"))
        self.assertEqual(asyncio.run(router.call(CHAT))[0], 200)
        router.process.send_signal(signal.SIGTERM)
        self.assertIn("timeout=5m0s", router.wait_for("draining"))
        self.assertEqual(router.wait(), 0)

    def test_manifests_are_followed(self):
        engines = self.engines(1)
        self.write(manifests(engines))
        router = self.start()

        def status(model):
            return asyncio.run(router.call({**CHAT, "model": model}))[0]

        def wait_for(model, wanted):
            self.wait_until(lambda: status(model) == wanted, f"{wanted} for {model}")

        self.assertEqual(status("m"), 200)
        self.assertEqual(status("other"), 404)
        self.write(manifests(engines, "other"))
        wait_for("other", 200)
        self.assertEqual(status("m"), 404)
        self.write("kind: [")
        router.wait_for("keeping what the file said before")
        self.assertEqual(status("other"), 200)
        os.remove(os.path.join(self.directory, "manifests", "all.yaml"))
        wait_for("other", 404)

    def test_sighup_opens_the_access_log_again(self):
        self.write(manifests(self.engines(1)))
        router = self.start()
        asyncio.run(router.call(CHAT))
        # Lines that still wait to be written may go to either file.
        self.wait_until(lambda: os.path.getsize(router.access_log) > 0, "a line")
        old = router.access_log + ".1"
        os.rename(router.access_log, old)
        router.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: os.path.exists(router.access_log), "a new file")
        asyncio.run(router.call({**CHAT, "model": "after"}))
        router.process.send_signal(signal.SIGTERM)
        self.assertEqual(router.wait(), 0)
        with open(old, encoding="utf-8") as file:
            self.assertEqual(sum("model_name=m " in line for line in file), 1)
        with open(router.access_log, encoding="utf-8") as file:
            self.assertEqual(sum("model_name=after " in line for line in file), 1)

    def test_a_killed_engine_ends_its_streams_and_no_others(self):
        engines = self.engines(2)
        self.write(manifests(engines))
        router = self.start()
        descriptors = len(os.listdir(f"/proc/{router.process.pid}/fd"))

        async def load():
            begun, all_begun = [], asyncio.Event()

            def on_head():
                begun.append(1)
                if len(begun) == 400:
                    all_begun.set()

            streams = [asyncio.create_task(router.call(STREAM, close=True, on_head=on_head)) for _ in range(400)]
            await all_begun.wait()
            await asyncio.get_running_loop().run_in_executor(None, engines[1].process.kill)
            return await asyncio.gather(*streams)

        exact = died = 0
        for status, body, fields in asyncio.run(load()):
            self.assertEqual(status, 200)
            if "cut" not in fields:
                self.assertEqual(body, WHOLE_STREAM)
                exact += 1
                continue
            before, error = body[:body.index(b'data: {"error"')], body[body.index(b'data: {"error"'):]
            self.assertTrue(WHOLE_STREAM.startswith(before) and before.endswith(b"\n\n"), before)
            self.assertEqual(json.loads(error[6:])["error"]["code"], "upstream_disconnected")
            died += 1
        # Calls were spread evenly; on a busy machine some had ended before the last one began.
        self.assertGreaterEqual(exact, 200)
        self.assertGreater(died, 0)
        self.wait_until(lambda: len(os.listdir(f"/proc/{router.process.pid}/fd")) <= descriptors, "no descriptor left")
        router.process.send_signal(signal.SIGTERM)
        self.assertEqual(router.wait(), 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--engine"]:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run_engine(sys.argv[2]))
        sys.exit(0)
    BIN = sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/bin"
    unittest.main()
