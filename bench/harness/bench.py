"""One run: make the databases, measure, judge, drop the databases."""

import os
import sys
import time

from odoo.modules.registry import Registry

from . import databases, mail_sink, seed
from .batch import BatchChain
from .idle import IdleRatio

PROFILED = 3


class Bench:
    """A run as the command line asked for it."""

    def __init__(self, options, addons_path):
        self.options = options
        self.addons_path = addons_path
        self.addons = options.addons or sorted(
            manifest.parent.name for manifest in addons_path.glob("*/__manifest__.py")
        )
        self.databases = databases.Databases()
        self.started = time.monotonic()
        self.goals, self.problems, self.notes = [], [], []

    def run(self):
        """Do everything and return the exit code."""
        self._describe_machine()
        mail_sink.install()
        try:
            core, ours = self._make_databases()
            walked = self._idle(core, ours)
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
        self._say("making the databases")
        core = self.databases.create_core(self.options.template)
        seed.plant(core)
        Registry.delete(core)
        ours = self.databases.copy(core, "ours")
        if not self.options.null:
            self._say(f"installing {', '.join(self.addons)}")
            databases.install(ours, self.addons)
            seed.give_role(ours, self.options.role)
        for name in (core, ours):
            databases.analyze(name)
        return core, ours

    def _idle(self, core, ours):
        self._say(f"walking {self.options.records} chains by forms, on each side")
        idle = IdleRatio(core, ours, with_step=self._has_payment_step())
        idle.run(self.options.records)
        lines, goals = idle.report()
        self.goals += goals
        if self.options.profile:
            lines += idle.profile(PROFILED, self.addons_path)
        idle.close()
        print("\n".join(lines))
        self.problems += idle.problems()
        return idle.walked

    def _batch(self, core, ours, walked):
        batch = BatchChain(core, ours, walked)
        for records in self.options.batch:
            self._say(f"{records} chains: core one by one, ours in batch")
            batch.run(records)
            print("\n".join(batch.report()))
        self.goals += batch.goals
        self.problems += batch.problems()
        self.notes += batch.notes()

    def _has_payment_step(self):
        return not self.options.null and "sale_stock_invoice_link" in self.addons

    def _conclude(self):
        print()
        for goal in self.goals:
            print(goal)
        for note in self.notes:
            print("later:", note)
        for problem in self.problems:
            print("NOT EQUAL:", problem)
        failed = self.problems or any(goal.failed for goal in self.goals)
        self._say("FAILED" if failed else "passed")
        return 1 if failed else 0

    def _say(self, text):
        print(f"[{time.monotonic() - self.started:5.0f} s] {text}", flush=True)
