"""The numbers to reach, and whether a run reached them."""

from dataclasses import dataclass, field

from . import steps, tables
from .sides import CoreBatch, CoreLoop, OcaWorkflow, OursBatch

# the size at which the goals of the chain by methods bind
BINDING = 100


@dataclass
class Goal:
    """A number that must not be passed; only a ``due`` goal can fail a run."""

    number: int
    text: str
    limit: float
    aim: float
    due: bool = True
    value: float | None = None

    @property
    def failed(self):
        """Whether a due goal was missed or could not be measured."""
        return self.due and (self.value is None or self.value > self.limit)

    @property
    def verdict(self):
        """Return one word on how the goal stands."""
        if self.value is None:
            return "FAIL: not measured" if self.due else "not measured"
        if self.value <= self.limit:
            return "aim met" if self.value <= self.aim else "pass"
        return "FAIL" if self.due else "missed, does not bind"

    def __str__(self):
        value = "-" if self.value is None else f"{self.value:.3f}"
        return (
            f"goal {self.number}  {self.text:56} {value:>7}"
            f"  <= {self.limit:.2f} (aim {self.aim:.2f})  {self.verdict}"
        )


@dataclass
class Comparison:
    """Which columns of the chain by methods a goal divides, and in which steps."""

    number: int
    text: str
    base: type | None
    measure: str
    limit: float
    aim: float
    steps: tuple = field(default=steps.STEPS)

    def goal(self, columns, records):
        """Return the goal, measured at this many records."""
        return Goal(
            self.number,
            f"{self.text}, N = {records}: {NAMES[self.measure]}",
            self.limit,
            self.aim,
            due=records >= BINDING,
            value=self._value(columns),
        )

    def _value(self, columns):
        ours = columns[OursBatch.name]
        if self.base is None:
            return ours.total(self.measure, self.steps)
        base = columns.get(self.base.name)
        return base and tables.ratio(ours, base, self.measure, self.steps)


NAMES = {"queries": "queries", "python": "CPU", "cpu": "CPU + PostgreSQL"}
CONVERT = (steps.CONVERT,)
PAYMENT = (steps.PAYMENT,)
CHAIN = (
    Comparison(1, "ours / core record by record", CoreLoop, "queries", 0.21, 0.16),
    Comparison(1, "ours / core record by record", CoreLoop, "python", 0.32, 0.25),
    Comparison(2, "ours / core in batch", CoreBatch, "queries", 0.55, 0.40),
    Comparison(2, "ours / core in batch", CoreBatch, "cpu", 0.75, 0.60),
    Comparison(
        4, "ours / OCA", OcaWorkflow, "queries", 0.45, 0.35, tuple(OcaWorkflow.allows)
    ),
    Comparison(
        4, "ours / OCA", OcaWorkflow, "python", 0.60, 0.50, tuple(OcaWorkflow.allows)
    ),
    Comparison(5, "convert, a record", None, "queries", 1.00, 0.40, CONVERT),
    Comparison(5, "convert / mass wizard", CoreBatch, "python", 0.30, 0.20, CONVERT),
    Comparison(6, "payment / wizard", CoreBatch, "queries", 0.35, 0.25, PAYMENT),
    Comparison(6, "payment / wizard", CoreBatch, "python", 0.60, 0.45, PAYMENT),
)


def chain_goals(columns, records):
    """Goals 1, 2, 4, 5, 6: our chain beside the other sides."""
    return [comparison.goal(columns, records) for comparison in CHAIN]


def scale_goals(text, queries, cpu):
    """Goal 3: what a record costs where there are more."""
    return [
        Goal(3, f"{text}: queries", 1.02, 1.02, value=queries),
        Goal(3, f"{text}: CPU + PostgreSQL", 1.10, 1.10, value=cpu),
    ]


def idle_goals(queries, python):
    """Goal 7: what our addons cost who works by core's own forms."""
    text = "core's chain with our addons / bare core"
    return [
        Goal(7, f"{text}: queries", 1.05, 1.02, value=queries),
        Goal(7, f"{text}: CPU", 1.08, 1.03, value=python),
    ]


def price_goals(extra, ratio):
    """Goal 10: prices by quantity, level and period, ours over core's."""
    return [
        Goal(10, "500 lines, 5,000 price rules: extra queries", 1, 0, value=extra),
        Goal(10, "500 lines, 5,000 price rules: time", 1.20, 1.00, value=ratio),
    ]


def read_goals(extra, slowest, mine, own):
    """Goal 8: reads of the pipeline, ours over core's."""
    return [
        Goal(8, "extra queries of a kanban, list or form", 0, 0, value=extra),
        Goal(8, "slowest of the reads: time", 1.05, 1.00, value=slowest),
        Goal(8, "my pipeline of who sees all: time", 0.40, 0.25, value=mine),
        Goal(8, "all of who sees his own: time", 0.70, 0.60, value=own),
    ]
