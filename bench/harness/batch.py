"""The chain by methods: sides that do the same leads, each on its database."""

import gc

from . import attribution, facts, tables
from .steps import STEPS

WARM_UP = 2
# small sizes more often, as a single measurement of theirs is rough
ROUNDS = {1: 5, 10: 2}


class BatchChain:
    """Sides in turn, step by step; the first is what the others are held to."""

    def __init__(self, sides, walked=0):
        """:param walked: chains the databases of all sides hold already"""
        self.sides, self.walked = sides, walked
        self._walk(WARM_UP)

    def run(self, records):
        """Measure chains of this many records and return the columns, by name."""
        for side in self.sides:
            side.probe.reset()
        gc.collect()
        gc.freeze()
        for __ in range(ROUNDS.get(records, 1)):
            self._walk(records)
        return {
            side.name: tables.Column(side.name, dict(side.probe.costs))
            for side in self.sides
        }

    def start(self, records):
        """Begin chains for the next so many numbers, on each side."""
        numbers = range(self.walked + 1, self.walked + records + 1)
        self.walked += records
        for side in self.sides:
            side.start(numbers)

    def _walk(self, records):
        self.start(records)
        order = list(self.sides)
        for step in STEPS:
            for side in order:
                side.take(step)
            order.reverse()

    def profile(self, records, addons_path):
        """Walk some more chains; return lines on where queries and CPU time go."""
        found = {
            side.name: attribution.Attribution(side.probe, addons_path)
            for side in self.sides
        }
        self.start(records)
        for side in self.sides:
            with found[side.name].watching():
                for step in STEPS:
                    side.take(step)
        return list(attribution.report_sides(found, records))

    def problems(self, ours):
        """Return sentences on what is not equal, not finished or lost.

        :param ours: the side that must keep details and the history too
        """
        base, *others = [side.database for side in self.sides]
        found = facts.blind_spots(base)
        for name in (base, *others):
            found += facts.unfinished(name, self.walked)
        for name in others:
            found += facts.differences(base, name)
        found += facts.differences(base, ours.database, facts.DETAILS)
        return found + facts.lost_history(base, ours.database)
