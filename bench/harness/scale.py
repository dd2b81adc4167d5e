"""Goal 3: what a record costs our chain in a larger run and beside more data."""

from . import goals, large, tables
from .batch import BatchChain

SMALL, BIG = 100, 500
ROUNDS = 2


class Scale:
    """Our side alone, on the database it has worked on so far."""

    def __init__(self, side, walked):
        self._side = side
        self._chain = BatchChain([side], walked)
        self.lines, self.goals = [], []

    def run(self):
        """Measure larger runs, between two of the usual size."""
        before, big, after = (self._costs(size) for size in (SMALL, BIG, SMALL))
        base = _column(f"N = {SMALL}", before, after)
        other = _column(f"N = {BIG}", big, big)
        self._show("Our chain by itself, per record", base, other)
        self._judge(f"N = {BIG} / N = {SMALL}", other, base)

    def run_large(self, few, full):
        """Fill the database of the side ``full``, a copy of that of ``few``, and
        measure both in turn: what slows the machine meanwhile slows both.
        """
        few.name, full.name = "few", "large"
        filling = BatchChain([full], self._chain.walked)
        large.fill(full, filling)
        pair = BatchChain([few, full], filling.walked)
        runs = [pair.run(SMALL) for __ in range(ROUNDS)]
        base, other = (
            _column(side.name, *(run[side.name].costs for run in runs))
            for side in (few, full)
        )
        self._show("Our chain in a large database, per record", base, other)
        text = f"{large.LEADS:,} leads, {large.INVOICES:,} invoices / few"
        self._judge(text, other, base)

    def _costs(self, size):
        return self._chain.run(size)[self._side.name].costs

    def _show(self, *columns):
        self.lines += tables.show(*columns)

    def _judge(self, text, column, base):
        self.goals += goals.scale_goals(
            text,
            tables.ratio(column, base, "queries"),
            tables.ratio(column, base, "cpu"),
        )


def _column(name, *runs):
    """Return one column of the costs of several runs, each a pair of the other's."""
    return tables.Column(
        name, {step: [cost for run in runs for cost in run[step]] for step in runs[0]}
    )
