"""Goal 3: what a record costs our chain in a larger run and beside more data."""

from . import goals, large, tables
from .batch import BatchChain

SMALL, BIG = 100, 500


class Scale:
    """Our side alone, on the database it has worked on so far."""

    def __init__(self, side, walked):
        self._side = side
        self._chain = BatchChain([side], walked)
        self.lines, self.goals = [], []

    def run(self, *, fill=False):
        """Measure; with ``fill`` once more after the database was filled."""
        before, big, after = (self._costs(size) for size in (SMALL, BIG, SMALL))
        base = _column(f"N = {SMALL}", before, after)
        others = [_column(f"N = {BIG}", big, big)]
        self._judge(f"N = {BIG} / N = {SMALL}", others[0], base)
        if fill:
            large.fill(self._side, self._chain)
            full = [self._costs(SMALL), self._costs(SMALL)]
            others.append(_column("large", *full))
            text = f"{large.LEADS:,} leads, {large.INVOICES:,} invoices / few"
            self._judge(text, others[1], base)
        self.lines = list(tables.show("Our chain by itself, per record", base, *others))

    def _costs(self, size):
        return self._chain.run(size)[self._side.name].costs

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
