"""Which code of ours, and which tables, the difference comes from.

Queries are exact: each is charged to the first frame of our addons above it,
if there is one, and to its table. CPU is sampled: every millisecond of CPU
time the stack is charged likewise, and to the function that ran.
"""

import re
import signal
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from odoo.tools import SQL

from .steps import STEPS

TARGET = re.compile(
    r"^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\b.*?"
    r"(?:(?<=INTO)|(?<=UPDATE)|\bFROM)\s+\"?(\w+)",
    re.DOTALL | re.IGNORECASE,
)
INTERVAL = 0.001
SHOWN = 25


class Attribution:
    """Charges the queries and the CPU time of one side."""

    def __init__(self, probe, addons_path):
        self._probe = probe
        self._root = str(addons_path)
        self.tables, self.queries, self.samples = Counter(), Counter(), Counter()
        self.running = Counter()

    @contextmanager
    def watching(self):
        """Charge what the probe measures inside."""
        self._probe.watch = self._query
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        try:
            yield self
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            self._probe.watch = None

    def _query(self, step, query):
        target = _target(query)
        self.tables[step, target] += 1
        if owner := self._owner(sys._getframe(1)):
            self.queries[step, owner, target] += 1

    def _sample(self, signum, frame):
        if self._probe.measuring:
            self.samples[self._owner(frame) or "core"] += 1
            code = frame.f_code
            path = "/".join(Path(code.co_filename).parts[-3:])
            self.running[self._probe.name, f"{path}:{code.co_name}"] += 1

    def _owner(self, frame):
        """Return the outermost function of our addons on the stack."""
        found = None
        while frame:
            code = frame.f_code
            if code.co_filename.startswith(self._root):
                path = Path(code.co_filename).relative_to(self._root)
                found = f"{path}:{code.co_name}"
            frame = frame.f_back
        return found


def report(core, ours, records):
    """Return lines: extra queries by step and table, then by code of ours."""
    yield ""
    yield "Queries per record more (+) or fewer (-) than on core, by table"
    extra = Counter(ours.tables)
    extra.subtract(core.tables)
    for (step, target), count in sorted(extra.items()):
        if count:
            yield f"  {step:10} {target:45} {count / records:+7.1f}"
    yield ""
    yield "Queries per record below code of ours"
    for (step, owner, target), count in sorted(ours.queries.items()):
        yield f"  {step:10} {owner:62} {target:35} {count / records:6.1f}"
    yield ""
    yield "Python CPU, share of all samples, by the outermost function of ours"
    total = ours.samples.total() or 1
    for owner, count in ours.samples.most_common(SHOWN):
        yield f"  {owner:75} {count / total:7.2%}"


def report_sides(found, records):
    """Return lines on sides by their names: queries by table, CPU by function."""
    yield ""
    yield "Queries per record by table, where one side has any"
    yield f"  {'':56}" + "".join(f"{name:>12}" for name in found)
    charged = set().union(*(one.tables for one in found.values()))
    for step, target in sorted(charged, key=lambda key: (STEPS.index(key[0]), key)):
        counts = [one.tables[step, target] / records for one in found.values()]
        yield f"  {step:10} {target:45}" + "".join(f"{x:12.1f}" for x in counts)
    for name, one in found.items():
        yield ""
        yield f"Python CPU of {name}, share of all samples, by the function that ran"
        total = one.running.total() or 1
        for (step, function), count in one.running.most_common(SHOWN):
            yield f"  {step:10} {function:70} {count / total:7.2%}"


def _target(query):
    text = query.code if isinstance(query, SQL) else str(query)
    found = TARGET.match(text)
    return f"{found[1].upper()} {found[2]}" if found else text.strip().split()[0]
