"""One run: make the databases, measure, judge, drop the databases."""

import os
import sys
import time

from odoo.modules.module import Manifest
from odoo.modules.registry import Registry

from . import databases, goals, mail_sink, prices, reads, seed, tables
from .batch import BatchChain
from .idle import IdleRatio
from .memory import Memory
from .probe import Probe
from .scale import Scale
from .sides import OCA, CoreBatch, CoreLoop, OcaWorkflow, OursBatch

PROFILED = 3


def _addons(path):
    """Return the names of the addons there, but not those that only join addons of
    others: where these are, they install themselves.
    """
    names = sorted(manifest.parent.name for manifest in path.glob("*/__manifest__.py"))
    return [name for name in names if not Manifest.for_addon(name)["auto_install"]]


class Bench:
    """A run as the command line asked for it."""

    def __init__(self, options, addons_path):
        self.options = options
        self.addons_path = addons_path
        self.addons = options.addons or _addons(addons_path)
        self.databases = databases.Databases()
        self.started = time.monotonic()
        self.goals, self.problems = [], []

    def run(self):
        """Do everything and return the exit code."""
        self._describe_machine()
        mail_sink.install()
        try:
            if self.options.reads:
                self._reads()
                return self._conclude()
            core, ours = self._make_databases()
            if self.options.prices:
                self._prices(core, ours)
                return self._conclude()
            if self.options.memory:
                self._memory(ours)
                return self._conclude()
            walked = self._idle(core, ours) if self.options.records else 0
            if self.options.batch and self._has_payment_step():
                self._batch(core, ours, walked)
        except databases.InstallError as error:
            print(error, file=sys.stderr)
            return 2
        finally:
            self.databases.drop_all()
        return self._conclude()

    def _describe_machine(self):
        load, processors = os.getloadavg()[0], os.cpu_count()
        self._say(f"{processors} processors, load {load:.1f}")
        if load > processors / 2:
            self._say("others use this machine: CPU ratios are rough, queries exact")

    def _make_databases(self):
        core = self._make_core()
        return core, self._add_ours(core)

    def _make_core(self):
        self._say("making the databases")
        core = self.databases.create_core(self.options.template, self.options.keep_as)
        seed.plant(core)
        return core

    def _add_ours(self, core):
        ours = self._copy(core, "ours")
        if not self.options.null:
            self._say(f"installing {', '.join(self.addons)}")
            databases.install(ours, self.addons)
            seed.give_role(ours, self.options.role)
            seed.let_orders_win(ours, win=False)
        for name in (core, ours):
            databases.analyze(name)
        return ours

    def _copy(self, source, label):
        Registry.delete(source)
        return self.databases.copy(source, label)

    def _idle(self, core, ours):
        self._say(f"walking {self.options.records} chains by forms, on each side")
        idle = IdleRatio(core, ours)
        idle.run(self.options.records)
        lines, found = idle.report()
        self.goals += found
        if self.options.profile:
            lines += idle.profile(PROFILED, self.addons_path)
        idle.close()
        print("\n".join(lines))
        self.problems += idle.problems()
        return idle.walked

    def _batch(self, core, ours, walked):
        seed.let_orders_win(ours, win=True)
        sides = self._sides(core, ours)
        batch = BatchChain(sides, walked)
        judged = self._judged()
        for records in self.options.batch:
            self._say(f"{records} chains by methods, on each side")
            columns = batch.run(records)
            title = f"Chain by methods, N = {records}, per record"
            print("\n".join(tables.show(title, *columns.values())))
            if records == judged:
                self.goals += goals.chain_goals(columns, records)
        if self.options.profile:
            print("\n".join(batch.profile(judged, self.addons_path)))
        self.problems += batch.problems(sides[-1])
        if self.options.large or judged >= goals.BINDING:
            self._scale(sides[-1], batch.walked)

    def _judged(self):
        """Return the size whose ratios are the goals'."""
        sizes = self.options.batch
        return goals.BINDING if goals.BINDING in sizes else max(sizes)

    def _sides(self, core, ours):
        """Return the sides of the chain by methods, core first and ours last."""
        names = {CoreLoop: core, CoreBatch: self._copy(core, "batch")}
        if OcaWorkflow.available():
            names[OcaWorkflow] = self._copy(core, "oca")
            databases.install(names[OcaWorkflow], [OCA])
        names[OursBatch] = ours
        for name in names.values():
            databases.analyze(name)
        return [side(name, Probe(name)) for side, name in names.items()]

    def _scale(self, ours, walked):
        self._say("our chain by itself, in larger runs")
        scale = Scale(ours, walked)
        scale.run()
        if self.options.large:
            names = ours.database, self._copy(ours.database, "large")
            scale.run_large(*(OursBatch(name, Probe(name)) for name in names))
        print("\n".join(scale.lines))
        self.goals += scale.goals

    def _reads(self):
        core = self._make_core()
        self._say("200,000 opportunities")
        reads.fill(core)
        ours = self._add_ours(core)
        for name in (core, ours):
            databases.compact(name)
        self._say("reading the pipeline, on each side")
        found = reads.Reads(core, ours)
        found.run()
        print("\n".join(found.lines))
        self.goals += found.goals

    def _prices(self, core, ours):
        self._say("pricing 500 lines, on each side")
        found = prices.Prices(core, ours)
        found.run()
        print("\n".join(found.lines))
        self.goals += found.goals
        self.problems += found.problems

    def _memory(self, ours):
        self._say("our chain, 1,000 leads and then 10,000")
        memory = Memory(ours)
        memory.run()
        print("\n".join(memory.lines))
        self.goals += memory.goals

    def _has_payment_step(self):
        return not self.options.null and "sale_stock_invoice_link" in self.addons

    def _conclude(self):
        print()
        for goal in sorted(self.goals, key=lambda goal: goal.number):
            print(goal)
        for problem in self.problems:
            print("NOT EQUAL:", problem)
        failed = self.problems or any(goal.failed for goal in self.goals)
        self._say("FAILED" if failed else "passed")
        return 1 if failed else 0

    def _say(self, text):
        print(f"[{time.monotonic() - self.started:5.0f} s] {text}", flush=True)
