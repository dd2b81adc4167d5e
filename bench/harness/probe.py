"""What a piece of work costs: SQL queries, Python CPU, PostgreSQL CPU.

Queries come from the hook Odoo's cursor offers, Python CPU from the clock of
the measuring thread, PostgreSQL CPU from what Linux counted for the backend
processes that serve this process's connections to one database.
"""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from odoo import sql_db


@dataclass
class Cost:
    """Cost of one step for ``records`` records; ``postgres`` is None if unknown."""

    records: int = 1
    queries: int = 0
    sql: float = 0.0  # seconds the queries took, waiting included
    python: float = 0.0
    postgres: float | None = 0.0

    @property
    def cpu(self):
        """CPU time of both, None if that of PostgreSQL is unknown."""
        return None if self.postgres is None else self.python + self.postgres


class BackendClock:
    """CPU seconds used so far by our backends of one database."""

    def __init__(self, database):
        self.database = database
        self._last = {}

    def read(self):
        """Return the seconds, or None where the machine does not tell them."""
        for pid in self._pids():
            seconds = _cpu_seconds(pid)
            if seconds is None:
                return None
            self._last[pid] = seconds
        return sum(self._last.values()) if self._last else None

    def _pids(self):
        pools = (sql_db._Pool, sql_db._Pool_readonly)
        for pool in filter(None, pools):
            for connection in pool._connections:
                if self._is_ours(connection):
                    yield connection.info.backend_pid

    def _is_ours(self, connection):
        return not connection.closed and connection.info.dbname == self.database


def _cpu_seconds(pid):
    """CPU seconds of a PostgreSQL process of this machine, None if it is not one."""
    folder = Path(f"/proc/{pid}")
    try:
        if not folder.joinpath("comm").read_text().startswith("postgres"):
            return None
        return int(folder.joinpath("schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return None


@dataclass
class Probe:
    """Collects costs by step; only what runs inside ``request`` is counted."""

    database: str
    costs: dict = field(default_factory=dict)
    watch: object = None

    def __post_init__(self):
        self._clock = BackendClock(self.database)
        self._step = None
        self._name = None
        self._inside = False

    @property
    def measuring(self):
        """Whether a request is being counted right now."""
        return self._inside

    @property
    def name(self):
        """The step being measured."""
        return self._name

    @contextmanager
    def step(self, name, records=1):
        """Add up the requests made inside as the cost of the step ``name``."""
        cost = Cost(records=records)
        self._step, self._name = cost, name
        before = self._clock.read()
        try:
            yield cost
        finally:
            self._step = self._name = None
        after = self._clock.read()
        known = before is not None and after is not None
        cost.postgres = after - before if known else None
        self.costs.setdefault(name, []).append(cost)

    @contextmanager
    def request(self):
        """Count the queries and the CPU time of what runs inside."""
        cost = self._step
        if cost is None:
            yield
            return
        thread = threading.current_thread()
        thread.query_hooks = [self._count]
        self._inside = True
        started = time.thread_time()
        try:
            yield
        finally:
            cost.python += time.thread_time() - started
            self._inside = False
            del thread.query_hooks

    def reset(self):
        """Forget everything measured so far (after the warm-up)."""
        self.costs.clear()

    def _count(self, cursor, query, params, start, delay):
        self._step.queries += 1
        self._step.sql += delay
        if self.watch:
            self.watch(self._name, query)
