"""Figures of all rounds to one table: medians, quartiles, ratios to nginx of the same round."""

import os
import platform
import statistics
import subprocess

REFERENCE = "nginx"
SMALLEST_ADDED = 2.0  # µs: a ratio to an added time below this says nothing


class Row:
    """One line of the table.

    figure: the name in a round's figures. added: less the direct run of the same round. goal: the ratio to nginx, or
    (limit) the value itself, that our router is to keep.
    """

    def __init__(self, title, figure, unit, digits=1, added=False, goal=None, limit=None):
        self.title, self.figure, self.unit, self.digits = title, figure, unit, digits
        self.added, self.goal, self.limit = added, goal, limit


ROWS = [
    Row("CPU per request, 1 KiB at 4,000/s", "cpu_rate_1", "µs", goal=1.1),
    Row("CPU per request, 16 KiB at 2,000/s", "cpu_rate_16", "µs", goal=1.1),
    Row("CPU per request, 256 KiB at 300/s", "cpu_rate_256", "µs", goal=1.0),
    Row("CPU per request, 400 KiB at 200/s", "cpu_rate_400", "µs", goal=1.0),
    Row("CPU per request, 1 KiB, saturated by 64", "cpu_sat_1", "µs", goal=1.1),
    Row("CPU per request, 16 KiB, saturated by 64", "cpu_sat_16", "µs", goal=1.1),
    Row("CPU per request, 220 KiB, saturated by 150", "cpu_sat_220", "µs", goal=1.0),
    Row("CPU per request, 256 KiB, saturated by 64", "cpu_sat_256", "µs", goal=1.0),
    Row("CPU per request, 400 KiB, saturated by 64", "cpu_sat_400", "µs", goal=1.0),
    Row("CPU per event, 500 streams, 25,000 events/s", "cpu_event", "µs", digits=2, goal=0.9),
    Row("added time to first byte, 1 KiB, p50", "first_byte_p50_1", "µs", added=True),
    Row("added time to first byte, 1 KiB, p99", "first_byte_p99_1", "µs", added=True),
    Row("added time to first byte, 256 KiB, p50", "first_byte_p50_256", "µs", added=True),
    Row("added time to first byte, 256 KiB, p99", "first_byte_p99_256", "µs", added=True),
    Row("added time to first event, 220 KiB, p50", "stream_first_byte_p50_220", "µs", added=True),
    Row("added time to first event, 220 KiB, p99", "stream_first_byte_p99_220", "µs", added=True, goal=1.0),
    Row("added delay per event, p50", "event_delay_p50", "µs", added=True),
    Row("added delay per event, p99", "event_delay_p99", "µs", added=True),
    Row("memory, just started", "rss_idle", "MiB"),
    Row("memory, 1,000 open streams", "rss_1000", "MiB"),
    Row("memory, 5,000 open streams", "rss_5000", "MiB", limit=30.0),
    Row("memory per idle connection, never used", "idle_unused", "KiB", digits=2, limit=0.5),
    Row("memory per idle connection, after one request", "idle_used", "KiB", digits=2, limit=0.5),
    Row("connections opened to backends per 1,000 requests", "connections_per_1000", "", digits=2),
    Row("access log lines per 1,000 requests", "log_lines_per_1000", "", digits=0),
]


def quartiles(values):
    """(median, lower, upper quartile)"""
    if len(values) == 1:
        return values[0], values[0], values[0]
    lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
    return middle, lower, upper


class Summary:
    """values[row][proxy] and ratios[row][proxy]: lists over the rounds in which the figure was taken."""

    def __init__(self, rounds, proxies):
        self.proxies = proxies
        self.lines = []
        for row in ROWS:
            values = {name: [] for name in proxies}
            ratios = {name: [] for name in proxies}
            for figures in rounds:
                of = {name: self._value(row, figures, name) for name in proxies}
                for name in proxies:
                    if of[name] is not None:
                        values[name].append(of[name])
                        if (of.get(REFERENCE) or 0) > (SMALLEST_ADDED if row.added else 0):
                            ratios[name].append(of[name] / of[REFERENCE])
            if any(values.values()):
                self.lines.append((row, values, ratios))

    @staticmethod
    def _value(row, figures, name):
        value = figures.get(name, {}).get(row.figure)
        if value is None or not row.added:
            return value
        base = figures.get("direct", {}).get(row.figure)
        return None if base is None else value - base

    @staticmethod
    def cell(row, values, ratios, with_ratio):
        if not values:
            return "–"
        middle, lower, upper = quartiles(values)
        text = f"{middle:.{row.digits}f} ({lower:.{row.digits}f}–{upper:.{row.digits}f})"
        if with_ratio and ratios:
            middle, lower, upper = quartiles(ratios)
            text += f"  ×{middle:.2f} ({lower:.2f}–{upper:.2f})"
        return text

    @staticmethod
    def verdict(row, values, ratios):
        """Whether our router keeps the goal: met, level (within the quartiles), or missed."""
        bound, measured = (row.limit, values) if row.limit is not None else (row.goal, ratios)
        if bound is None:
            return ""
        text = f"≤ {bound:g} {row.unit}" if row.limit is not None else f"≤ ×{bound:g}"
        if not measured:
            return text
        middle, lower, _ = quartiles(measured)
        return f"{text}: " + ("met" if middle <= bound else "level" if lower <= bound else "missed")

    def table(self):
        """Rows of strings, the heading first."""
        with_goal = "router" in self.proxies
        table = [[""] + self.proxies + (["goal"] if with_goal else [])]
        for row, values, ratios in self.lines:
            title = f"{row.title} [{row.unit}]" if row.unit else row.title
            line = [title]
            line += [self.cell(row, values[name], ratios[name], name != REFERENCE) for name in self.proxies]
            if with_goal:
                line.append(self.verdict(row, values["router"], ratios["router"]))
            table.append(line)
        return table

    def to_json(self):
        out = {}
        for row, values, ratios in self.lines:
            out[row.figure] = {"title": row.title, "unit": row.unit, "added": row.added, "values": values,
                               "ratios": ratios}
            if "router" in self.proxies:
                out[row.figure]["verdict"] = self.verdict(row, values["router"], ratios["router"])
        return out


def as_text(table):
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in table]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def as_markdown(table):
    lines = ["| " + " | ".join(line) + " |" for line in table]
    lines.insert(1, "| --- " + "| ---: " * (len(table[0]) - 1) + "|")
    return "\n".join(lines)


def machine():
    """Where it was measured, in one line."""
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            model = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


def commit(root):
    def git(*arguments):
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    name = git("rev-parse", "--short=12", "HEAD") or "unknown"
    return name + (" with changes" if git("status", "--porcelain", "--untracked-files=no") else "")
