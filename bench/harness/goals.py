"""The numbers to reach, and whether a run reached them."""

from dataclasses import dataclass


@dataclass
class Goal:
    """A ratio that must not be passed; only a ``due`` goal can fail a run."""

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
            return "not measurable"
        if self.value <= self.limit:
            return "aim met" if self.value <= self.aim else "pass"
        return "FAIL" if self.due else "later"

    def __str__(self):
        value = "-" if self.value is None else f"{self.value:.3f}"
        return (
            f"goal {self.number}  {self.text:52} {value:>7}"
            f"  <= {self.limit:.2f} (aim {self.aim:.2f})  {self.verdict}"
        )


def idle_goals(queries, python):
    """Goal 7: what our addons cost who works by core's own forms."""
    text = "core's chain with our addons / bare core"
    return [
        Goal(7, f"{text}, queries", 1.05, 1.02, value=queries),
        Goal(7, f"{text}, CPU", 1.08, 1.03, value=python),
    ]


def batch_goals(records, queries, python):
    """Goal 1: our chain in batch against core record by record."""
    text = f"our chain / core record by record, N = {records}"
    return [
        Goal(1, f"{text}, queries", 0.21, 0.16, due=False, value=queries),
        Goal(1, f"{text}, CPU", 0.32, 0.25, due=False, value=python),
    ]
