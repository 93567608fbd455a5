"""What is measured: each cell is one short run against one program and yields named figures."""

import time

import processes

KIB = 1024


class Context:
    """What a cell needs to run: the generator, the backends, how long to measure."""

    def __init__(self, generator, backends, scale):
        self.generator = generator
        self.backends = backends
        self.scale = scale  # of the measured seconds; 1 in a full run
        self.failures = []

    def run(self, proxy, cell, mode, **options):
        """One run, with the bodies that reached the backends compared with those sent."""
        self.backends.take_stats()
        started = time.monotonic()
        report = self.generator.run(mode, proxy.target, **options)
        stats = self.backends.take_stats()
        report["backend"] = stats
        report["wall_seconds"] = time.monotonic() - started
        for problem in problems(proxy, report, stats):
            self.failures.append(f"{proxy.name}, {cell}: {problem}")
        return report


def problems(proxy, report, stats):
    """What went wrong in a run whose replies and requests must all be whole."""
    if "failed" in report:
        yield report["failed"]
    sent = report["body"]
    for kind in stats["bodies"]:
        same = kind["bytes"] == sent["bytes"] and kind["hash"] == sent["hash"]
        # A router may add a field (stream_options), in the same way each time; never may one lose bytes.
        added = proxy.name == "router" and kind["bytes"] > sent["bytes"] and len(stats["bodies"]) == 1
        if not same and not added:
            yield f"{kind['count']} bodies came as {kind['bytes']} bytes {kind['hash']}, sent {sent['bytes']} {sent['hash']}"
    if stats["requests"] != report["calls"]:
        yield f"{report['calls']} calls became {stats['requests']} requests"
    for what in ("malformed", "cut_requests", "cut_replies", "other_bodies"):
        if stats[what]:
            yield f"the backend saw {stats[what]} {what.replace('_', ' ')}"


class Cell:
    direct = False  # whether a run without a proxy is needed to compare with
    fresh = False  # whether the program is started anew for it

    def __init__(self, name):
        self.name = name


class Rate(Cell):
    """Open loop at a moderate rate."""

    direct = True

    def __init__(self, kib, rate):
        super().__init__(f"rate-{kib}KiB")
        self.kib, self.rate = kib, rate

    def measure(self, proxy, context):
        report = context.run(proxy, self.name, "rate", watch=proxy.pids(), rate=self.rate, body_bytes=self.kib * KIB,
                             seconds=1.4 * context.scale, warm_up=0.2, connections=32)
        return {
            f"cpu_rate_{self.kib}": report["cpu_us"],
            f"first_byte_p50_{self.kib}": report["first_byte_us"]["p50"],
            f"first_byte_p99_{self.kib}": report["first_byte_us"]["p99"],
        }, report


class Saturation(Cell):
    """Closed loop, every connection busy."""

    def __init__(self, kib, connections):
        super().__init__(f"saturation-{kib}KiB")
        self.kib, self.connections = kib, connections

    def measure(self, proxy, context):
        report = context.run(proxy, self.name, "saturate", watch=proxy.pids(), connections=self.connections,
                             body_bytes=self.kib * KIB, seconds=1.1 * context.scale, warm_up=0.2)
        return {
            f"cpu_sat_{self.kib}": report["cpu_us"],
            f"calls_per_second_{self.kib}": report["rate"],
        }, report


class Events(Cell):
    """500 streams with an event every 20 ms each: 25,000 events a second."""

    direct = True

    def __init__(self):
        super().__init__("events")

    def measure(self, proxy, context):
        measured = 1.6 * context.scale
        report = context.run(proxy, self.name, "streams", watch=proxy.pids(), connections=500, open_rate=2000,
                             settle=0.2, seconds=measured, interval_us=20000, events=int((measured + 0.7) / 0.02))
        return {
            "cpu_event": report["cpu_us_per_event"],
            "event_delay_p50": report["event_delay_us"]["p50"],
            "event_delay_p99": report["event_delay_us"]["p99"],
        }, report


class FirstByte(Cell):
    """Streamed replies to large prompts: time to the first event."""

    direct = True

    def __init__(self, kib, rate):
        super().__init__(f"stream-{kib}KiB")
        self.kib, self.rate = kib, rate

    def measure(self, proxy, context):
        report = context.run(proxy, self.name, "rate", watch=proxy.pids(), rate=self.rate, body_bytes=self.kib * KIB,
                             seconds=1.6 * context.scale, warm_up=0.2, connections=32, events=5, interval_us=4000)
        return {
            f"stream_first_byte_p50_{self.kib}": report["first_byte_us"]["p50"],
            f"stream_first_byte_p99_{self.kib}": report["first_byte_us"]["p99"],
        }, report


class StreamMemory(Cell):
    """Resident memory of a fresh process: idle, with 1,000 and with 5,000 open streams."""

    fresh = True

    def __init__(self):
        super().__init__("memory-streams")

    def measure(self, proxy, context):
        report = context.run(proxy, self.name, "streams", watch=proxy.serving_pids(), connections=5000, open_rate=5000,
                             settle=0.3, seconds=0.2, sample_at=[1000, 5000], interval_us=500000, events=6)
        return {
            "rss_idle": report["base_kib"] / KIB,
            "rss_1000": report["resident_kib"].get("1000", 0) / KIB,
            "rss_5000": report["resident_kib"].get("5000", 0) / KIB,
        }, report


class IdleMemory(Cell):
    """Resident memory of a fresh process for each of 5,000 idle connections."""

    fresh = True

    def __init__(self):
        super().__init__("memory-idle")

    def measure(self, proxy, context):
        report = context.run(proxy, self.name, "idle", watch=proxy.serving_pids(), connections=5000, use_each=True,
                             seconds=0.3, body_bytes=16 * KIB)
        return {"idle_unused": report["kib_per_unused"], "idle_used": report["kib_per_used"]}, report


CELLS = [
    Rate(1, 4000),
    Rate(16, 2000),
    Rate(256, 300),
    Rate(400, 200),
    Saturation(1, 64),
    Saturation(16, 64),
    Saturation(220, 150),
    Saturation(256, 64),
    Saturation(400, 64),
    Events(),
    FirstByte(220, 300),
    StreamMemory(),
    IdleMemory(),
]


def select(wanted):
    """The cells named in a comma list; a part of a name selects all that contain it."""
    if not wanted:
        return CELLS
    chosen = [cell for cell in CELLS if any(part.lower() in cell.name.lower() for part in wanted.split(","))]
    if not chosen:
        raise processes.Failure(f"--cells {wanted}: none of {', '.join(cell.name for cell in CELLS)}")
    return chosen
