#!/usr/bin/env python3
"""A canned Kubernetes API server with many pods, so that clients can be measured: lists by pages, then watch events.

Usage: pod_server.py [--pods 10000] [--bytes 6144] [--rate 1000] [--port 0]

Prints `listening on http://127.0.0.1:PORT` when it is ready. Serves plain HTTP/1.1 with JSON:
  GET /api/v1/pods?limit=&continue=                 a page; limit 0 is everything
  GET /api/v1/pods?watch=1                          MODIFIED events at --rate a second, going round the pods, with a
                                                    bookmark every 10,000; sendInitialEvents=true lists first
  GET /stats                                        what was asked: pages by size, bytes, events, watches
Every pod is what a server would show of one of a ReplicaSet on a node, managedFields included, and of exactly --bytes.
All answers are made before the first question, so that little of the measured time is this program's.
"""

import argparse
import http.server
import json
import socketserver
import threading
import time
import urllib.parse

FIRST_VERSION = 1_000_000
TICKS = 200  # batches of events a second


def fields_of(value):
    """The `fieldsV1` form of a value: each key as f:key; of a list's entries the ones with a name."""
    if isinstance(value, dict):
        return {f"f:{key}": fields_of(part) for key, part in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        key = "type" if "type" in value[0] else "name"
        entries = (entry for entry in value if key in entry)
        return {f"k:{json.dumps({key: entry[key]})}": {".": {}, **fields_of(entry)} for entry in entries}
    return {}


def container(name, port):
    return {
        "name": name,
        "image": f"registry.example/{name}:v1.4.2",
        "ports": [{"containerPort": port, "name": "http", "protocol": "TCP"}],
        "resources": {"limits": {"memory": "2Gi"}, "requests": {"cpu": "250m", "memory": "1Gi"}},
        "readinessProbe": {"httpGet": {"path": "/health", "port": port, "scheme": "HTTP"}, "periodSeconds": 5},
        "volumeMounts": [{"mountPath": "/var/run/secrets", "name": "token", "readOnly": True}],
        "imagePullPolicy": "IfNotPresent",
    }


def condition(kind):
    return {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": "2026-01-02T03:04:07Z"}


def status_of(index, containers):
    address = f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"
    started = {"running": {"startedAt": "2026-01-02T03:04:06Z"}}
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "phase": "Running",
        "conditions": [condition(kind) for kind in kinds],
        "hostIP": "192.168.0.7",
        "hostIPs": [{"ip": "192.168.0.7"}],
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": "2026-01-02T03:04:05Z",
        "containerStatuses": [
            {
                "name": each["name"],
                "state": started,
                "lastState": {},
                "ready": True,
                "restartCount": 0,
                "image": each["image"],
                "imageID": "registry.example/image@sha256:" + "0123456789abcdef" * 4,
                "started": True,
            }
            for each in containers
        ],
        "qosClass": "Burstable",
    }


def managed(manager, value, subresource=None):
    entry = {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": "2026-01-02T03:04:05Z"}
    entry.update({"fieldsType": "FieldsV1", "fieldsV1": fields_of(value)})
    return dict(entry, subresource=subresource) if subresource else entry


def pod(index, version, size):
    """A pod that is ready, as JSON text of exactly `size` bytes; what is missing is one long annotation."""
    containers = [container("engine", 8000), container("runtime", 8100)]
    labels = {
        "app": "model",
        "modelserving.volcano.sh/name": f"serving-{index % 100}",
        "modelserving.volcano.sh/role": "decode" if index % 2 else "prefill",
        "pod-template-hash": "5d4f8c7b9",
    }
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"serving-{index % 100}-5d4f8c7b9"}
    owner.update({"uid": f"11111111-2222-4333-8444-{index % 100:012d}", "controller": True, "blockOwnerDeletion": True})
    spec = {
        "volumes": [{"name": "token", "projected": {"sources": [], "defaultMode": 420}}],
        "containers": containers,
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default",
        "nodeName": f"node-{index % 500}",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}],
        "enableServiceLinks": True,
    }
    status = status_of(index, containers)
    metadata = {
        "name": f"serving-{index % 100}-5d4f8c7b9-{index:05d}",
        "generateName": f"serving-{index % 100}-5d4f8c7b9-",
        "namespace": f"team-{index % 20}",
        "uid": f"99999999-8888-4777-8666-{index:012d}",
        "resourceVersion": str(version),
        "creationTimestamp": "2026-01-02T03:04:05Z",
        "labels": labels,
        "annotations": {"notes": ""},
        "ownerReferences": [owner],
        "managedFields": [
            managed("kube-controller-manager", {"metadata": {"labels": labels}, "spec": spec}),
            managed("kubelet", {"status": status}, "status"),
        ],
    }
    text = json.dumps({"metadata": metadata, "spec": spec, "status": status}, separators=(",", ":"))
    missing = size - len(text)
    if missing < 8:
        raise SystemExit(f"pod_server: --bytes must be at least {len(text) + 8}")
    return text.replace('"notes":""', f'"notes":"{("pad " * (missing // 4 + 1))[:missing]}"', 1).encode("ascii")


def not_ready(text):
    """The same pod, not ready, and as long."""
    for kind in (b"Ready", b"ContainersReady"):
        text = text.replace(b'"type":"%s","status":"True"' % kind, b'"type":"%s","status":"False"' % kind)
    text = text.replace(b'"ready":true', b'"ready":false')
    return text.replace(b'"notes":"pad ', b'"notes":"', 1)


def event(kind, text):
    return b'{"type":"%s","object":{"kind":"Pod","apiVersion":"v1",%s}\n' % (kind, text[1:])


def bookmark(version, initial=False):
    metadata = {"resourceVersion": str(version), "creationTimestamp": None}
    if initial:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    return event(b"BOOKMARK", json.dumps({"metadata": metadata, "spec": {}, "status": {}}).encode("ascii"))


class Content:
    """All pods as text, made once. `changed` holds the same pods not ready, with room for the event's version."""

    PLACE = b'"resourceVersion":"%d"'

    def __init__(self, arguments):
        self.rate = arguments.rate
        self.pods = [pod(i, FIRST_VERSION + i, arguments.bytes) for i in range(arguments.pods)]
        self.changed = [not_ready(text) for text in self.pods]
        self.version = FIRST_VERSION + arguments.pods
        self.pages = {}
        self.counts = {"pages": {}, "list_bytes": 0, "events": 0, "event_bytes": 0, "watches": 0}
        self.lock = threading.Lock()

    def page(self, begin, limit):
        """The text of one page; kept, because the same one is asked for by every client."""
        key = (begin, limit)
        if key not in self.pages:
            end = min(begin + limit, len(self.pods)) if limit else len(self.pods)
            metadata = {"resourceVersion": str(self.version)}
            if end < len(self.pods):
                metadata.update({"continue": str(end), "remainingItemCount": len(self.pods) - end})
            head = b'{"kind":"PodList","apiVersion":"v1","metadata":' + json.dumps(metadata).encode("ascii")
            self.pages[key] = head + b',"items":[' + b",".join(self.pods[begin:end]) + b"]}\n"
        return self.pages[key]

    def modified(self, number):
        """The text of the event with that number, from 0. A pod is told not ready, the next time round ready."""
        index, turn = number % len(self.pods), number // len(self.pods)
        text = (self.pods if turn % 2 else self.changed)[index]
        old, new = self.PLACE % (FIRST_VERSION + index), self.PLACE % (self.version + 1 + number)
        return event(b"MODIFIED", text.replace(old, new, 1))

    def count(self, **changes):
        with self.lock:
            for name, value in changes.items():
                self.counts[name] += value

    def count_page(self, limit):
        with self.lock:
            self.counts["pages"][str(limit)] = self.counts["pages"].get(str(limit), 0) + 1


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    content = None

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        options = dict(urllib.parse.parse_qsl(query))
        if path == "/stats":
            self.send(200, json.dumps(self.content.counts).encode("ascii"))
        elif path != "/api/v1/pods":
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
            self.send(404, json.dumps(dict(status, message="there are only pods here")).encode("ascii"))
        elif options.get("watch") in ("1", "true"):
            self.watch(options)
        else:
            limit = int(options.get("limit", 0))
            text = self.content.page(int(options.get("continue", 0)), limit)
            self.content.count_page(limit)
            self.content.count(list_bytes=len(text))
            self.send(200, text)

    def send(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def chunk(self, text):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))

    def watch(self, options):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.content.count(watches=1)
        try:
            if options.get("sendInitialEvents") == "true":
                for text in self.content.pods:
                    self.chunk(event(b"ADDED", text))
                self.chunk(bookmark(self.content.version, initial=True))
            self.send_events()
        except OSError:
            self.close_connection = True

    def send_events(self):
        """On schedule: what was late is sent at once, so that the rate holds over a second."""
        began, sent = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - began) * self.content.rate)
            if due > sent:
                batch = [self.content.modified(number) for number in range(sent, due)]
                for text in batch:
                    self.chunk(text)
                self.content.count(events=len(batch), event_bytes=sum(map(len, batch)))
                if due // 10000 > sent // 10000:
                    self.chunk(bookmark(self.content.version + due))
                sent = due
            time.sleep(1 / TICKS)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--pods", type=int, default=10000)
    parser.add_argument("--bytes", type=int, default=6144)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    Handler.content = Content(arguments)
    server = Server(("127.0.0.1", arguments.port), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
