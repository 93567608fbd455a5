#!/usr/bin/env python3
"""Kills a process that writes into the embedded API server's storage, a hundred times, at any moment. Each time all
that it had acknowledged must be there, nothing that nobody wrote, and versions must go on.

Usage: storage_kill_test.py BIN_DIR
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

BIN = ""
ROUNDS = int(os.environ.get("KTHENA_KILLS", "100"))


class Truth:
    """What the writer said: of each pod the last acknowledged state, and the attempts since."""

    def __init__(self):
        self.pods = {}  # name -> (version, number); number None: there is none
        self.attempts = {}  # name -> (number of the write, number that is then found) of those begun after that
        self.newest = 0
        self.acknowledged = 0

    def hear(self, line):
        words = line.split()
        if words[0] in ("try", "try-remove"):
            self.attempts.setdefault(words[1], []).append((words[2], words[2] if words[0] == "try" else None))
        elif words[0] in ("put", "removed"):
            name, version, number = words[1], int(words[2]), words[3]
            # Writes of one pod run one after the other: what was begun before this one is over.
            begun = [write for write, _ in self.attempts[name]]
            found = self.attempts[name][begun.index(number)][1]
            del self.attempts[name][: begun.index(number) + 1]
            self.pods[name] = (version, found)
            self.newest = max(self.newest, version)
            self.acknowledged += 1
        else:
            raise AssertionError(line)

    def check(self, found):
        """`found`: name -> (version, number), after a restart; becomes the truth."""
        problems = []
        for name in sorted(set(self.pods) | set(found)):
            version, number = self.pods.get(name, (0, None))
            now_version, now_number = found.get(name, (0, None))
            if now_number == number and now_version in (version, 0):
                continue
            if now_number not in [result for _, result in self.attempts.get(name, [])]:
                problems.append(f"{name}: acknowledged {number}@{version}, found {now_number}@{now_version}")
            elif now_number is not None and now_version <= version:
                problems.append(f"{name}: version {now_version} after {version}")
        self.attempts = {}
        self.pods = dict(found)
        return problems


class StorageKillTest(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        seed = int(os.environ.get("KTHENA_SEED", "1"))
        dice = random.Random(seed)
        truth = Truth()
        with tempfile.TemporaryDirectory(prefix="kthena-kill-") as folder:
            for round_number in range(1, ROUNDS + 1):
                before = truth.newest
                found = self.live(os.path.join(folder, "state.db"), round_number, dice.uniform(0, 0.12), truth)
                self.assertTrue(found, "it did not come up")
                self.assertGreaterEqual(truth.newest, before)
        print(f"{ROUNDS} kills, {truth.acknowledged} acknowledged writes, none lost")
        self.assertGreater(truth.acknowledged, ROUNDS)

    def live(self, path, round_number, seconds, truth):
        writer = subprocess.Popen(
            [os.path.join(BIN, "storage-writer"), path, str(round_number)], stdout=subprocess.PIPE, text=True
        )
        killer = threading.Timer(seconds, writer.send_signal, [signal.SIGKILL])
        found, ready, written = {}, False, []
        try:
            for line in writer.stdout:
                if not line.endswith("\n"):
                    break
                if line.startswith("error"):
                    self.fail(line)
                if line.startswith("state"):
                    _, name, version, number = line.split()
                    found[name] = (int(version), number)
                elif line.startswith("ready"):
                    ready = True
                    self.assertEqual(truth.check(found), [], f"in round {round_number}")
                    killer.start()
                else:
                    written.append(line)
        finally:
            writer.kill()
            writer.wait()
            writer.stdout.close()
        before = truth.newest
        for line in written:
            truth.hear(line)
            if line.startswith(("put", "removed")):
                self.assertGreater(int(line.split()[2]), before, "a version came again")
        return ready


if __name__ == "__main__":
    BIN = sys.argv.pop(1)
    unittest.main()
