"""The leads of tests/data/leads.csv and what should become of them.

Plain Python, nothing of Odoo: the tests compare the two.
"""

import csv
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from email.utils import parseaddr
from pathlib import Path

FILE = Path(__file__).parent / "data" / "leads.csv"
COUNTRY_CODES = {"Iran": "98", "Mongolia": "976", "United States": "1"}
MERGE_LIMIT = 5
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    product: str
    quantity: Decimal
    discount: Decimal


@dataclass(eq=False)
class Lead:
    """One lead of the file; `row` counts the rows below the header from 1."""

    row: int
    name: str
    type: str
    contact: str
    company: str
    email: str
    phone: str
    country: str
    remark: str
    lines: list = field(default_factory=list)
    last_row: int = 0

    @property
    def is_bad(self):
        return self.remark.startswith("bad")

    @property
    def blocked_at(self):
        """The step that must refuse this lead, or an empty text."""
        return self.remark.partition("blocked: ")[2]


def read(text):
    """The leads of a file; a row without a name goes on with the lead before it."""
    leads = []
    for number, row in enumerate(csv.DictReader(text.splitlines(True)), 1):
        more = row["Opportunity"] == row["Type"] == ""
        if not more:
            leads.append(_lead(number, row))
        leads[-1].last_row = number
        if row["Products/Product"]:
            leads[-1].lines.append(_line(row))
    return leads


def _lead(number, row):
    return Lead(
        row=number,
        name=row["Opportunity"].strip(),
        type=row["Type"].lower(),
        contact=row["Contact Name"],
        company=row["Company Name"],
        email=parseaddr(row["Email"].strip())[1].lower(),
        phone=_international(row["Phone"], row["Country"]),
        country=row["Country"],
        remark=row["Remark"],
    )


def _line(row):
    return Line(
        row["Products/Product"],
        Decimal(row["Products/Quantity"]),
        Decimal(row["Products/Discount (%)"] or 0),
    )


def _international(phone, country):
    """+98912…, from any way of writing it that the file uses."""
    digits = "".join(str(int(char)) for char in phone if char.isdigit())
    if not digits:
        return ""
    code = COUNTRY_CODES[country]
    if digits.startswith("00"):
        digits = digits[2:]
    elif "+" not in phone:
        digits = code + digits.removeprefix("0")
    return f"+{digits}"


def without_bad(text):
    """The same file without exactly the rows of the bad leads."""
    bad = {row for lead in read(text) if lead.is_bad for row in rows_of(lead)}
    rows = list(csv.reader(text.splitlines(True)))
    with_numbers = [row for number, row in enumerate(rows) if number not in bad]
    return "".join(_csv_row(row) for row in with_numbers)


def rows_of(lead):
    return range(lead.row, lead.last_row + 1)


def _csv_row(row):
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n"


# What the chain should make of them


def merged(leads):
    """Groups of leads that become one opportunity, in the order of the file.

    Enquiries of one e-mail address are one, if they are not too many; two
    opportunities never are.
    """
    groups = {}
    for lead in leads:
        same = lead.type == "lead" and lead.email
        groups.setdefault(lead.email if same else lead.row, []).append(lead)
    result = []
    for group in groups.values():
        alone = len(group) > MERGE_LIMIT
        result += [[lead] for lead in group] if alone else [group]
    return result


def merged_lines(group):
    """The lines of the first lead and what the others ask for beside it."""
    lines = {}
    for lead in group:
        for line in lead.lines:
            lines.setdefault(line.product, line)
    return list(lines.values())


def customers(leads):
    """Groups of leads that have one customer.

    One e-mail address is one customer. So is one phone number, unless it belongs to
    several addresses (a switchboard). Who left neither is known by his name alone.
    """
    shared = _switchboards(leads)
    groups = []  # (what its leads are known by, the leads)
    for lead in leads:
        keys = _known_by(lead, shared)
        same = [group for group in groups if group[0] & keys]
        groups = [group for group in groups if group not in same]
        members = [member for _keys, group in same for member in group]
        groups.append((keys.union(*(group[0] for group in same)), [*members, lead]))
    return [group for _keys, group in groups]


def _known_by(lead, shared):
    keys = {lead.email, lead.phone} - shared - {""}
    return keys or {lead.contact or lead.company or lead.row}


def _switchboards(leads):
    emails = {}
    for lead in leads:
        if lead.phone and lead.email:
            emails.setdefault(lead.phone, set()).add(lead.email)
    return {phone for phone, found in emails.items() if len(found) > 1}


def is_company(lead):
    """A lead that names a company and no person is the company's own."""
    return bool(lead.company) and not lead.contact


def subtotal(line, price):
    """What a line comes to without tax, rounded to cents."""
    return cents(line.quantity * Decimal(str(price)) * (100 - line.discount) / 100)


def cents(amount):
    return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)


def tax(untaxed, percent):
    return cents(untaxed * Decimal(str(percent)) / 100)


def quantities(lines):
    """{product: quantity} over many lines."""
    total = Counter()
    for line in lines:
        total[line.product] += line.quantity
    return total
