"""Reads Odoo's log: the counts of its test runner, and unexpected warnings."""

import os
import re
from dataclasses import dataclass

import paths

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) (?P<db>\S+) "
    r"(?P<logger>[\w.]+): (?P<text>.*)"
)
RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
BAD_LEVELS = ("WARNING", "ERROR", "CRITICAL")

# Where code lies that is not ours: Odoo's tree, and what pip installed.
OF_OTHERS = "|".join(
    re.escape(f"{folder}/")
    for folder in (paths.ODOO_TREE, paths.VENV, os.environ.get("ODOO_HOME"))
    if folder
)
# What Odoo itself says on a right set-up. Each pattern is searched in
# "logger: text"; each has its reason. Nothing that our code could cause belongs here.
ALLOWED = [
    # Odoo's own modules still call what the libraries it pins have deprecated.
    rf"^py\.warnings: ({OF_OTHERS})\S+\.py:\d+: ",
    # Core's test data deletes records whose cached translations it then asks for.
    r"^odoo\.tools\.translate: Skipping translation of ",
    # A PostgreSQL without the contrib extensions (the embedded one) has no trigrams;
    # Odoo then works without that index.
    r"^odoo\.(service\.db|sql_db|modules\.db)[^:]*: .*(pg_trgm|unaccent)",
    # XML-RPC goes with Odoo 20; the tests use it since most programs still do.
    r"^odoo\.addons\.rpc\.controllers\.\w+: The /xmlrpc.* endpoints are deprecated",
    # Core looks companies up in a service of Odoo's, which tests do not reach.
    r"^odoo\.addons\.(iap|partner_autocomplete)\.",
    # Debian's wkhtmltopdf is built without Qt's patches.
    r"^odoo\.addons\.base\.models\.ir_actions_report: .*wkhtmltopdf",
]
_ALLOWED = [re.compile(pattern, re.S) for pattern in ALLOWED]


@dataclass
class Entry:
    level: str
    logger: str
    text: str

    def __str__(self):
        return f"{self.level} {self.logger}: {self.text}"


def entries(text):
    """The log's entries; lines without a head belong to the entry before them."""
    found = []
    for line in text.splitlines():
        head = LINE.match(line)
        if head:
            found.append(Entry(head["level"], head["logger"], head["text"]))
        elif found:
            found[-1].text += "\n" + line
    return found


def unexpected(text):
    """Warnings and errors that are not known to be Odoo's own."""
    return [
        entry
        for entry in entries(text)
        if entry.level in BAD_LEVELS and not is_allowed(entry)
    ]


def is_allowed(entry):
    said = f"{entry.logger}: {entry.text}"
    return any(pattern.search(said) for pattern in _ALLOWED)


@dataclass
class Result:
    """How one run of Odoo's test runner ended."""

    tests: int = 0
    failed: int = 0
    skipped: tuple = ()
    finished: bool = False

    @property
    def passed(self):
        return max(0, self.tests - self.failed - len(self.skipped))


def result(text):
    """Counts of the whole run: Odoo logs one closing line for each database."""
    closing = RESULT.findall(text)
    tests = failed = 0
    if closing:
        failures, errors, tests = map(int, closing[-1])
        failed = failures + errors
    skipped = tuple(
        entry.text for entry in entries(text) if re.match(r"skipped \S+ : ", entry.text)
    )
    return Result(tests, failed, skipped, bool(closing))
