"""Replicas of kthena-controller-manager that elect a leader by a Lease of a real API server.

Usage: leader_election_test.py BIN, inside tools/testbed run. The replicas have the rights of deploy/controller-manager.yaml
and no more. Who led when is told by the history of the Lease, as a watch saw it, and by what the processes logged; the
clock of both is that of this machine.
"""

import datetime
import itertools
import json
import pathlib
import signal
import sys
import tempfile
import threading
import unittest

from controller_manager import NAMESPACE, Manager, eventually
from kube_api import Api, kubectl, write_kubeconfig

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = None
LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
NAME = "lease.kthena.controller-manager"
LEADS = "leads"
LEADS_NO_MORE = ("leads no more", "was told to stop, leads no more")
GAUGE = f'leader_election_master_status{{name="{NAME}"}}'


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class LeaseHistory:
    """Every version of the Lease's spec, in order, seen by a watch that goes on where the last one ended."""

    def __init__(self, api):
        self.api = api
        self.specs = []
        self.ended = threading.Event()
        self.version = api.get(LEASES)[1]["metadata"]["resourceVersion"]
        self.failure = None
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        while not self.ended.is_set():
            for kind, lease in self.api.watch(LEASES, self.version):
                if kind not in ("ADDED", "MODIFIED"):
                    self.failure = (kind, lease)
                    return
                self.version = lease["metadata"]["resourceVersion"]
                self.specs.append(lease["spec"])
                if self.ended.is_set():
                    return

    def holders(self):
        """Who held it, one after the other; "" for nobody."""
        return [holder for holder, _ in itertools.groupby(spec.get("holderIdentity", "") for spec in self.specs)]


class LeaderElectionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.api = Api()
        kubectl("apply", "--server-side", "-f", str(ROOT / "deploy" / "controller-manager.yaml"))
        cls.folder = tempfile.TemporaryDirectory()
        cls.kubeconfig = pathlib.Path(cls.folder.name, "kubeconfig")
        write_kubeconfig(cls.kubeconfig, kubectl("-n", NAMESPACE, "create", "token", "kthena-controller-manager").strip())

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.managers = []
        self.api.call("DELETE", f"{LEASES}/{NAME}")

    def tearDown(self):
        for manager in self.managers:
            if manager.process.poll() is None:
                manager.process.kill()
                manager.process.wait()

    def start(self, *arguments, kubeconfig=None):
        manager = Manager(BIN, *arguments, kubeconfig=kubeconfig or self.kubeconfig)
        self.managers.append(manager)
        return manager

    def lease(self):
        status, found = self.api.get(f"{LEASES}/{NAME}")
        return found["spec"] if status == 200 else {}

    def leader(self, among):
        """The manager that the Lease names, once it has said so itself."""
        def find():
            holder = self.lease().get("holderIdentity")
            return [m for m in among if holder and any(line["identity"] == holder for line in m.lines(LEADS))]
        self.assertTrue(eventually(find), [m.text() for m in among])
        return find()[0]

    def terms(self, killed):
        """(from, to) of each time that a process led, by what it logged, in order; to is None if it still does."""
        terms = []
        for manager in self.managers:
            begins = [instant(line["ts"]) for line in manager.lines(LEADS)]
            ends = [instant(line["ts"]) for text in LEADS_NO_MORE for line in manager.lines(text)]
            if manager in killed:
                ends.append(killed[manager])
            self.assertLessEqual(len(begins), 1, manager.text())
            terms += [(begin, ends[0] if ends else None) for begin in begins]
        return sorted(terms)

    def check_history(self, specs):
        """At most one held it at any time: it changed hands only when it had been given up, or had run out."""
        for before, after in itertools.pairwise(specs):
            old, new = before.get("holderIdentity", ""), after.get("holderIdentity", "")
            grown = after["leaseTransitions"] - before["leaseTransitions"]
            self.assertEqual(grown, 1 if new not in ("", old) else 0, (before, after))
            if old and new and old != new:
                run_out = instant(before["renewTime"]) + datetime.timedelta(seconds=before["leaseDurationSeconds"])
                self.assertGreaterEqual(instant(after["acquireTime"]), run_out)

    def test_one_of_three_leads_whatever_happens_to_the_leader(self):
        history = LeaseHistory(self.api)
        three = [self.start() for _ in range(3)]
        first = self.leader(three)
        self.assertTrue(eventually(lambda: all(m.is_ready() for m in three)), "all serve webhooks, whoever leads")
        self.assertEqual([m.metric(GAUGE) for m in three], [1 if m is first else 0 for m in three])

        # Killed: nobody leads until its lease has run out.
        first.stop(signal.SIGKILL)
        killed = {first: datetime.datetime.now(datetime.timezone.utc)}
        left = [m for m in three if m is not first]
        second = self.leader(left)

        # Told to stop: it gives the lease up, and the third takes it from nobody, without waiting.
        self.assertEqual(second.stop(), 0, second.text())
        third = self.leader([m for m in left if m is not second])
        self.assertEqual(self.lease()["leaseTransitions"], 2)
        self.assertEqual(third.stop(), 0, third.text())

        self.assertTrue(eventually(lambda: len(history.holders()) >= 5), (history.holders(), history.failure))
        history.ended.set()
        names = [m.line(LEADS)["identity"] for m in (first, second, third)]
        self.assertEqual(history.holders(), [names[0], names[1], "", names[2], ""])
        self.assertEqual(len(set(names)), 3)
        self.check_history(history.specs)
        terms = self.terms(killed)
        self.assertEqual(len(terms), 3)
        for before, after in itertools.pairwise(terms):
            self.assertLessEqual(before[1], after[0], "two led at once")

    def test_one_that_lost_the_lease_ends(self):
        manager = self.start()
        self.leader([manager])
        taken = {"spec": {"holderIdentity": "another", "leaseDurationSeconds": 15}}
        status, answer = self.api.call("PATCH", f"{LEASES}/{NAME}", taken, "application/merge-patch+json")
        self.assertEqual(status, 200, answer)
        self.assertEqual(manager.process.wait(timeout=40), 1, manager.text())
        self.assertEqual(manager.line("leads no more")["leader"], "another")
        self.assertEqual(self.lease()["holderIdentity"], "another", "it is not ours to give up")

    def test_without_rights_it_says_so(self):
        config = dict(json.loads(kubectl("config", "view", "--raw", "-o", "json")), **{"current-context": "user"})
        nobody = pathlib.Path(self.folder.name, "nobody")
        nobody.write_text(json.dumps(config), encoding="utf-8")
        manager = self.start("--no-enable-webhook", kubeconfig=nobody)
        said = "cannot take part in the election of a leader, tries again"
        self.assertTrue(eventually(lambda: manager.line(said)), manager.text())
        self.assertIn(f'leases.coordination.k8s.io \\"{NAME}\\" is forbidden', manager.text())
        self.assertEqual(manager.stop(), 0, manager.text())
        self.assertEqual(manager.lines(LEADS), [])

    def test_without_election_there_is_no_lease(self):
        manager = self.start("--leader-elect=false")
        self.assertTrue(eventually(lambda: manager.line("there are no controllers in this version: only webhooks are served")))
        self.assertEqual(manager.stop(), 0, manager.text())
        self.assertEqual(self.lease(), {})


if __name__ == "__main__":
    BIN = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
