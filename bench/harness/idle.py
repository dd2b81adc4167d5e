"""Goal 7: core's own chain by the forms, without and with our addons."""

import gc

from . import facts, goals, tables
from .attribution import Attribution, report
from .probe import Probe
from .steps import STEPS
from .web_chain import WebChain

WARM_UP = 2


class IdleRatio:
    """Two databases walked in turn, step by step, so that both see the same
    machine: A B, then B A, and so on.
    """

    def __init__(self, core, ours):
        self.core, self.ours = core, ours
        self.probes = {name: Probe(name) for name in (core, ours)}
        self.chains = {name: WebChain(name, self.probes[name]) for name in self.probes}
        self.walked = 0

    def run(self, records):
        """Warm up, then measure this many chains on each side."""
        self._walk(WARM_UP)
        for probe in self.probes.values():
            probe.reset()
        gc.collect()
        gc.freeze()
        self._walk(records)

    def _walk(self, count):
        names = list(self.chains)
        for __ in range(count):
            self.walked += 1
            for step in STEPS:
                for name in names:
                    self.chains[name].take(step, self.walked)
                names.reverse()

    def profile(self, records, addons_path):
        """Walk some more chains and return lines on where the difference is."""
        found = {
            name: Attribution(probe, addons_path) for name, probe in self.probes.items()
        }
        for __ in range(records):
            self.walked += 1
            for name, chain in self.chains.items():
                with found[name].watching():
                    for step in STEPS:
                        chain.take(step, self.walked)
        return list(report(found[self.core], found[self.ours], records))

    def close(self):
        """End the sessions."""
        for chain in self.chains.values():
            chain.close()

    def report(self):
        """Return the table and the goals."""
        base = tables.Column("core", self.probes[self.core].costs)
        side = tables.Column("with ours", self.probes[self.ours].costs)
        found = goals.idle_goals(
            tables.ratio(side, base, "queries"), tables.ratio(side, base, "python")
        )
        title = "Idle ratio: core's chain by the web client's requests, per record"
        lines = list(tables.show(title, base, side))
        if half := tables.spread(side, base, "python"):
            low, high = half
            lines.append(f"half of the CPU ratios by chain: {low:.3f} to {high:.3f}")
        return lines, found

    def problems(self):
        """Return sentences on what is not equal or not finished."""
        return [
            *facts.unfinished(self.core, self.walked),
            *facts.unfinished(self.ours, self.walked),
            *facts.differences(self.core, self.ours),
            *facts.differences(self.core, self.ours, facts.DETAILS),
            *facts.lost_history(self.core, self.ours),
        ]
