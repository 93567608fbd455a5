#!/usr/bin/env python3
"""kthena-engine-simulator as a process: flags, the ready line, shards, faults that end it, SIGTERM under load.

Usage: engine_simulator_test.py BIN, where the binary is.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import unittest

BIN = os.path.join(sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/bin", "kthena-engine-simulator")


class Simulator:
    """A running simulator on a free port; ended by the block."""

    def __init__(self, *flags):
        self.process = subprocess.Popen([BIN, "--port", "0", *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.port = int(line.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def request(self, method, path, body=None):
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {"Content-Type": "application/json"} if body is not None else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def complete(self, **fields):
        return self.request("POST", "/v1/completions", {"prompt": "one two three", **fields})

    def metric(self, name):
        text = self.request("GET", "/metrics")[1]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + "{"))

    def wait_for(self, name, value):
        """Asks until the metric has the value; the limit of the whole test ends what never comes."""
        while self.metric(name) != value:
            pass


class EngineSimulatorTest(unittest.TestCase):
    def test_wrong_flags_are_refused_by_name(self):
        for flags, message in ((["--prot", "1"], "unknown flag --prot; did you mean --port?"),
                               (["--profile", "abacus"], "--profile: no profile 'abacus'"),
                               (["--num-kv-blocks", "1"], "--num-kv-blocks: 1 blocks"),
                               (["--fault", '{"kind":"x"}'], "--fault: kind: must be one of"),
                               (["--text", "file"], "--text-file: cannot read"),
                               (["--host", "here"], "--host: 'here' is neither an IP address nor localhost"),
                               (["--shards", "0"], "--shards: '0' is not an integer from 1 to 256"),
                               (["--max-num-seqs", "0"], "--max-num-seqs: 0 is not between 1 and 1000000"),
                               (["--step-base", "2h"], "--step-base: 2h0m0s is not between 0 and 1h"),
                               (["--keep-alive-timeout", "0"], "--keep-alive-timeout: '0' is not more than 0s")):
            done = subprocess.run([BIN, *flags], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, flags)
            self.assertIn(message, done.stderr)

    def test_a_port_in_use_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = subprocess.run([BIN, "--host", "localhost", "--port", str(port)], capture_output=True, text=True,
                                  check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"--port: listening on 127.0.0.1:{port}: Address already in use", done.stderr)

    def test_help_goes_to_stdout(self):
        done = subprocess.run([BIN, "--help"], capture_output=True, text=True, check=True)
        self.assertIn("--max-num-seqs N", done.stdout)

    def test_flags_over_the_profile(self):
        with Simulator("--profile", "kthena-7b", "--block-size", "64", "--num-kv-blocks", "1000",
                       "--served-model-name", "a", "b", "--model", "weights") as simulator:
            text = simulator.request("GET", "/metrics")[1]
            self.assertIn('block_size="64"', text)
            self.assertIn('num_gpu_blocks="1000"', text)
            models = json.loads(simulator.request("GET", "/v1/models")[1])["data"]
            self.assertEqual([(model["id"], model["root"], model["max_model_len"]) for model in models],
                             [("a", "weights", 32768), ("b", "weights", 32768)])

    def test_shards_answer_for_each_other(self):
        with Simulator("--shards", "3") as simulator:
            for _ in range(30):
                self.assertEqual(simulator.complete(max_tokens=2)[0], 200)
            for _ in range(5):
                self.assertEqual(simulator.metric("vllm:generation_tokens_total"), 60)
            simulator.request("POST", "/faults", {"kind": "refuse"})
            for _ in range(10):
                self.assertEqual(simulator.complete(max_tokens=2)[0], 503)
            simulator.process.terminate()
            self.assertEqual(simulator.process.wait(60), 0)

    def test_sigterm_finishes_what_runs(self):
        with Simulator("--step-base", "20ms") as simulator:
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(
                simulator.complete(max_tokens=50, ignore_eos=True, stream=True))) for _ in range(20)]
            for thread in threads:
                thread.start()
            simulator.wait_for("vllm:num_requests_running", 20)
            simulator.process.terminate()
            for thread in threads:
                thread.join()
            self.assertEqual(simulator.process.wait(60), 0)
            self.assertEqual(len(answers), 20)
            for status, body in answers:
                self.assertEqual(status, 200)
                self.assertEqual(body.count("data: {"), 50)
                self.assertTrue(body.endswith("data: [DONE]\n\n"))

    def test_sigterm_cuts_what_takes_too_long(self):
        with Simulator("--step-base", "20ms", "--drain-timeout", "100ms") as simulator:
            connection = simulator.connect()
            self.addCleanup(connection.close)
            connection.request("POST", "/v1/completions", json.dumps({"prompt": "x", "max_tokens": 30000,
                                                                      "ignore_eos": True, "stream": True}),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            simulator.process.terminate()
            with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                answer.read()
            self.assertEqual(simulator.process.wait(60), 0)

    def test_a_client_that_goes_away_is_noticed(self):
        with Simulator("--step-base", "20ms") as simulator:
            body = b'{"prompt":"x","max_tokens":30000,"ignore_eos":true}'
            client = socket.create_connection(("127.0.0.1", simulator.port))
            client.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(body) + body)
            simulator.wait_for("vllm:num_requests_running", 1)
            client.close()
            simulator.wait_for("vllm:num_requests_running", 0)
            self.assertEqual(simulator.metric("vllm:request_success_total"), 0)

    def test_crash_ends_the_process(self):
        with Simulator("--fault", '{"kind":"crash","after_tokens":3}') as simulator:
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                simulator.complete(max_tokens=20, ignore_eos=True, stream=True)
            self.assertEqual(simulator.process.wait(60), -signal.SIGABRT)

    def test_reset_reaches_the_client_as_one(self):
        with Simulator("--fault", '{"kind":"reset","after_tokens":3}') as simulator:
            with self.assertRaises(ConnectionResetError):
                simulator.complete(max_tokens=20, ignore_eos=True, stream=True)


if __name__ == "__main__":
    unittest.main()
