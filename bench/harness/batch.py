"""Goal 1: our chain on the whole recordset against core record by record."""

import gc

from . import facts, goals, tables
from .probe import Probe
from .sides import CoreLoop, OursBatch

WARM_UP = 2
ROUNDS = {1: 5, 10: 2}


class BatchChain:
    """Sides that do the same leads by methods, in turn, each on its database.

    Another side joins by a database, a class and its goals.
    """

    def __init__(self, core, ours, walked):
        """:param walked: chains both databases hold already"""
        self.core, self.ours, self.walked = core, ours, walked
        self.sides = [CoreLoop(core, Probe(core)), OursBatch(ours, Probe(ours))]
        self.goals = []
        self._walk(WARM_UP)

    def run(self, records):
        """Measure chains of this many records, in turn where there are rounds."""
        self.records = records
        for side in self.sides:
            side.probe.reset()
        gc.collect()
        gc.freeze()
        for __ in range(ROUNDS.get(records, 1)):
            self._walk(records)

    def _walk(self, records):
        numbers = range(self.walked + 1, self.walked + records + 1)
        self.walked += records
        for side in self.sides:
            side.walk(numbers)

    def report(self):
        """Return the table of the last run and keep its goals."""
        base, side = (tables.Column(s.name, s.probe.costs) for s in self.sides)
        self.goals += goals.batch_goals(
            self.records,
            tables.ratio(side, base, "queries"),
            tables.ratio(side, base, "python"),
        )
        title = f"Chain by methods, N = {self.records}, per record"
        return list(tables.show(title, base, side))

    def problems(self):
        """Return sentences on what is not equal or not finished."""
        return [
            *facts.unfinished(self.core, self.walked, with_step=False),
            *facts.unfinished(self.ours, self.walked, with_step=True),
            *facts.differences(self.core, self.ours),
        ]

    def notes(self):
        """Return sentences on history that batches do not keep yet."""
        return list(facts.lost_history(self.core, self.ours))
