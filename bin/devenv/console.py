"""What the commands say: progress lines with times, and problems as one sentence."""

import os
import sys
import time
from contextlib import contextmanager


class Problem(Exception):
    """Something the person at the keyboard can put right.

    The text is one plain sentence (or two) that says what is wrong and what to do;
    the command prints it and ends with status 1, never with a traceback.
    """


def say(text=""):
    print(text, flush=True)


def fail(text):
    """Print a problem the way every command does."""
    sys.stdout.flush()
    print("\n" + text, file=sys.stderr, flush=True)


def seconds(duration):
    if duration < 60:
        return f"{duration:.1f} s"
    return f"{int(duration // 60)} min {int(duration % 60):02d} s"


class Progress:
    """Announces each step and how long it took: ``[3/7] Odoo 19 … 10.2 s``."""

    def __init__(self, total):
        self.total = total
        self.number = 0

    @contextmanager
    def step(self, title):
        self.number += 1
        # The line is ended at once when output is not a terminal, so that a log
        # that is read while it grows shows the step in progress.
        head = f"[{self.number}/{self.total}] {title} …"
        print(head, end=" ", flush=True)
        start = time.monotonic()
        try:
            yield self
        except BaseException:
            print("failed", flush=True)
            raise
        print(seconds(time.monotonic() - start), flush=True)


class Quiet(Progress):
    """For `bin/odoo`: says nothing while the environment is already there."""

    def __init__(self):
        super().__init__(0)

    @contextmanager
    def step(self, title):
        yield self


def table(headings, rows):
    """Lines of a small table; columns are as wide as their longest cell."""
    rows = [[str(cell) for cell in row[: len(headings)]] for row in rows]
    rows = [row + [""] * (len(headings) - len(row)) for row in rows]
    widths = [
        max(len(line[column]) for line in [headings, *rows])
        for column in range(len(headings))
    ]

    def line(cells):
        return (
            "  "
            + "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip()
        )

    rule = ["─" * width for width in widths]
    return [line(headings), line(rule), *(line(row) for row in rows)]


def is_root():
    return os.geteuid() == 0
