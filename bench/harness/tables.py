"""Costs of sides beside each other, as tables and as ratios.

The sides are measured in turn, so each measurement has its partner, taken
under the same load of the machine. The ratio of a step is the median of the
ratios of these pairs, which a busy machine disturbs less than a ratio of
medians; the ratio of the whole weighs the steps by what they cost the base.
"""

from dataclasses import dataclass
from statistics import median, quantiles

from .steps import STEPS

MEASURES = {"queries": 1, "python": 1000, "postgres": 1000}
HEADINGS = {"queries": "queries", "python": "Python ms", "postgres": "PostgreSQL ms"}


@dataclass
class Column:
    """What a side cost: its name and its costs by step."""

    name: str
    costs: dict

    def values(self, step, measure):
        """Return what each run of a step cost per record; empty if unknown."""
        values = [
            _divide(getattr(cost, measure), cost.records)
            for cost in self.costs.get(step, ())
        ]
        return [] if None in values else values

    def per_record(self, step, measure):
        """Return the median over all runs, or None where it is not measurable."""
        values = self.values(step, measure)
        return median(values) if values else None

    def total(self, measure, steps=STEPS):
        """Return the sum of the steps' medians."""
        values = [self.per_record(step, measure) for step in steps]
        known = [value for value in values if value is not None]
        return sum(known) if known else None


def step_ratio(side, base, step, measure):
    """Return ``side`` over ``base`` in one step, None where one has no such step."""
    pairs = zip(side.values(step, measure), base.values(step, measure), strict=False)
    ratios = [value / other for value, other in pairs if other]
    return median(ratios) if ratios else None


def ratio(side, base, measure, steps=STEPS):
    """Return ``side`` over ``base`` over these steps, None if unknown."""
    expected = 0
    for step in steps:
        own = side.per_record(step, measure) or 0
        found = step_ratio(side, base, step, measure)
        expected += own if found is None else found * base.per_record(step, measure)
    return _divide(expected, base.total(measure, steps))


def spread(side, base, measure):
    """Return the quartiles between which half of the pairs of whole chains lie."""
    sums = [
        [sum(run) for run in zip(*values, strict=True)]
        for values in (
            [each.values(step, measure) for step in STEPS] for each in (side, base)
        )
    ]
    ratios = [value / other for value, other in zip(*sums, strict=True)]
    if len(ratios) < 4:
        return None
    low, __, high = quantiles(ratios, n=4)
    return low, high


def show(title, base, *others):
    """Return the lines of tables of the costs of ``others`` beside ``base``."""
    yield from ("", title)
    for measure, scale in MEASURES.items():
        yield ""
        yield _line(
            HEADINGS[measure], base.name, [(other.name, "ratio") for other in others]
        )
        for step in STEPS:
            yield _line(
                f"  {step}",
                _number(base.per_record(step, measure), scale),
                [
                    (
                        _number(other.per_record(step, measure), scale),
                        _ratio(step_ratio(other, base, step, measure)),
                    )
                    for other in others
                ],
            )
        yield _line(
            "  total",
            _number(base.total(measure), scale),
            [
                (
                    _number(other.total(measure), scale),
                    _ratio(ratio(other, base, measure)),
                )
                for other in others
            ],
        )


def _line(name, first, pairs):
    rest = "".join(f"{value:>13}{share:>8}" for value, share in pairs)
    return f"{name:15}{first:>13}{rest}"


def _number(value, scale):
    return "-" if value is None else f"{value * scale:.1f}"


def _ratio(value):
    return "-" if value is None else f"{value:.3f}"


def _divide(value, divisor):
    return value / divisor if value is not None and divisor else None
