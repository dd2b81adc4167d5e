"""A messy file of 200 leads: imported over JSON-2 by core's own import, then sold.

The file is tests/data/leads.csv. Its column “Remark” is not imported; it says which
leads the import must refuse and which the chain must stop, and at which step. What
should become of the others is computed in `chain_leads`, without Odoo.
"""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple

import chain_leads
import pytest
from chain_books import balanced
from chain_leads import cents, customers, merged, merged_lines, subtotal, tax
from chain_run import nothing, take, world_of

TEXT = chain_leads.FILE.read_text("utf-8-sig")
LEADS = chain_leads.read(TEXT)
BAD = [lead for lead in LEADS if lead.is_bad]
RIGHT = [lead for lead in LEADS if not lead.is_bad]
STEPS = ["opportunity", "quotation", "send", "order", "delivery"]
STEPS += ["invoice", "send_invoice", "payment"]
SENT = 4  # making a PDF takes a second: only a handful is sent


@pytest.fixture(scope="module")
def world(server):
    return world_of(server)


# -- the import ------------------------------------------------------------------------


def import_file(client, text, dryrun=False):
    """What the web client does: upload, preview, import by the columns it proposes."""
    values = {
        "res_model": "crm.lead",
        # Begins as a spreadsheet's “CSV UTF-8” does: else core guesses the encoding.
        "file": f"\ufeff{text}",
        "file_name": "leads.csv",
        "file_type": "text/csv",
    }
    (number,) = client.call("base_import.import", "create", vals_list=[values])
    options = {"has_headers": True, "quoting": '"', "separator": "", "encoding": ""}
    preview = client.call(
        "base_import.import", "parse_preview", ids=[number], options=options
    )
    matches = preview.get("matches")
    assert matches, preview["error"]
    count = len(preview["headers"])
    columns = [matches.get(str(column), [False]) for column in range(count)]
    result = client.call(
        "base_import.import",
        "execute_import",
        ids=[number],
        fields=["/".join(path) if path[0] else False for path in columns],
        columns=preview["headers"],
        options=preview["options"],
        dryrun=dryrun,
    )
    return result, columns


@pytest.fixture(scope="module")
def refused(world):
    """The whole file, bad rows included: first as a test, then in earnest."""
    world.server.expect(r"bad query: .*INSERT INTO \"crm_lead_line\".*_is_p")
    world.server.expect(r"bad query: .*INSERT INTO \"crm_lead\".*column \"name\"")
    before = world.books.counts()
    tries = [import_file(world.seller, TEXT, dryrun)[0] for dryrun in (True, False)]
    return before, tries, world.books.counts()


def test_the_file_is_as_messy_as_it_should_be():
    assert len(LEADS) == 200
    remarks = Counter(lead.remark for lead in BAD)
    assert remarks == {
        "bad: unknown product": 4,
        "bad: quantity": 6,
        "bad: discount": 2,
        "bad: unknown country": 1,
        "bad: unknown type": 1,
        "bad: no name": 1,
    }
    assert sum(not lead.email for lead in RIGHT) > 20
    assert sum(len(group) > 1 for group in customers(RIGHT)) > 10
    for letter in "یيکكӨөҮү\u200c\u200f\u202b":
        assert letter in TEXT
    assert max(len(lead.name) for lead in RIGHT) > 400


REASONS = {
    "bad: unknown product": "No matching record found for name",
    "bad: quantity": "The quantity of an opportunity line must be above zero.",
    "bad: discount": (
        "The discount of an opportunity line must lie between 0 and 100 percent."
    ),
    "bad: unknown country": "No matching record found for name 'Atlantis'",
    "bad: unknown type": "Value 'Maybe' not found in selection field 'Type'",
    "bad: no name": "Missing required value for the field 'Opportunity'",
}


@pytest.mark.parametrize("attempt", [0, 1], ids=["test", "import"])
def test_the_import_names_every_bad_row_and_no_other(refused, attempt):
    _before, tries, _after = refused
    result = tries[attempt]
    assert result["ids"] is False
    named = {}
    for message in result["messages"]:
        assert message["type"] == "error"
        named[message["rows"]["from"] + 1] = message["message"]
    assert sorted(named) == [lead.row for lead in BAD]
    for lead in BAD:
        assert REASONS[lead.remark] in named[lead.row]
        assert "DETAIL" not in named[lead.row]


def test_nothing_of_a_refused_file_is_written(refused):
    before, _tries, after = refused
    assert after == before


@pytest.fixture(scope="module")
def imported(world, refused):
    """The file without exactly its bad rows. Gives back ``{lead id: Lead}``."""
    before = world.books.counts()
    result, columns = import_file(world.seller, chain_leads.without_bad(TEXT))
    assert result["messages"] == []
    assert columns[-1] == [False]  # the remark
    assert False not in [path[0] for path in columns[:-1]]
    after = world.books.counts()
    assert after["crm.lead"] - before["crm.lead"] == len(RIGHT)
    lines = sum(len(lead.lines) for lead in RIGHT)
    assert after["crm.lead.line"] - before["crm.lead.line"] == lines
    return dict(zip(result["ids"], RIGHT, strict=True))


def test_every_lead_is_as_in_the_file(world, imported):
    fields = ["name", "type", "contact_name", "partner_name", "chain_step"]
    fields += ["email_normalized", "phone_sanitized", "user_id"]
    rows = world.books.by_id("crm.lead", imported, fields)
    for lead_id, lead in imported.items():
        row = rows[lead_id]
        assert row["name"] == lead.name
        assert row["type"] == lead.type
        assert (row["contact_name"] or "") == lead.contact.strip()
        assert (row["partner_name"] or "") == lead.company
        assert (row["email_normalized"] or "") == lead.email
        assert (row["phone_sanitized"] or "") == lead.phone
        assert row["user_id"][0] == world.users["sara"]
        assert row["chain_step"] == "lead"


# -- the chain -------------------------------------------------------------------------


class Sale:
    """The imported leads on their way, 50 at a time; every step is taken twice."""

    def __init__(self, world, imported):
        self.world = world
        self.books = world.books
        self.leads = imported
        self.ids = list(imported)
        self.stages = {}
        self.told = {}
        self.left = {}  # {lead id: as it was before the step that it cannot take}
        names = {line.product for lead in RIGHT for line in lead.lines}
        self.products = self.books.products(names)
        storable = {x["id"] for x in self.products.values() if x["is_storable"]}
        self.stock = self.books.on_hand(storable)

    def as_seller(self, step, ids=None):
        before = self.books.snapshots(ids or self.ids)
        stage = take(self.world, self.world.seller, step, ids or self.ids)
        self.left |= {lead_id: before[lead_id] for lead_id in stage.blocked}
        self.note(stage)

    def as_accountant(self, step, ids=None):
        """The accountant does not know leads: he works on their orders."""
        orders = self.books.orders(ids or self.ids).values()
        numbers = [order["id"] for order in orders]
        client = self.world.accountant
        self.note(take(self.world, client, step, numbers, "sale.order"))

    def note(self, stage):
        alive = self.books.leads(self.ids)
        self.stages.setdefault(stage.step, []).append(stage)
        stored = {key: lead["chain_step"] for key, lead in alive.items()}
        self.told[stage.step] = stored, self.books.steps(alive)
        self.ids = [x for x in self.ids if x in alive and x not in self.left]

    def blocked(self):
        return {
            (step, lead_id): reasons
            for step, stages in self.stages.items()
            for stage in stages
            for lead_id, reasons in stage.blocked.items()
        }

    def with_email(self):
        return [lead_id for lead_id in self.ids if self.leads[lead_id].email]


@pytest.fixture(scope="module")
def sale(world, imported):
    way = Sale(world, imported)
    way.as_seller("opportunity")
    way.as_seller("quotation")
    handful = way.with_email()[:SENT]
    way.as_seller("send", handful)
    way.as_seller("order")
    way.as_seller("delivery")
    # The salesperson invoices his orders himself, but for the last fifty.
    way.as_seller("invoice", way.ids[:-50])
    way.as_accountant("invoice", way.ids[-50:])
    way.as_accountant("send_invoice", handful)
    way.as_accountant("payment")
    return way


@pytest.mark.parametrize("step", STEPS)
def test_a_second_call_does_nothing(sale, step):
    for stage in sale.stages[step]:
        assert stage.done
        assert nothing(stage.again)
        assert stage.after_again == stage.after


@pytest.mark.parametrize("step", STEPS)
def test_the_stored_step_is_what_the_documents_say(sale, step):
    stored, documents = sale.told[step]
    assert stored and stored == documents


def test_those_that_must_stop_are_named_and_no_other(sale):
    expected = {
        (lead.blocked_at, lead_id)
        for lead_id, lead in sale.leads.items()
        if lead.blocked_at
    }
    blocked = sale.blocked()
    assert set(blocked) == expected
    words = {
        "opportunity": "It looks like 5 other open leads of the same customer.",
        "quotation": "It has no products. Add some or choose a template.",
        "delivery": "Not enough ",
    }
    for (step, _lead_id), reasons in blocked.items():
        assert words[step] in reasons[0]


def test_those_that_were_stopped_are_untouched(sale):
    assert len(sale.left) == sum(bool(lead.blocked_at) for lead in RIGHT)
    assert sale.books.snapshots(sale.left) == sale.left


def going_on():
    """Groups of leads that become one opportunity and are not stopped before it."""
    return merged([lead for lead in RIGHT if lead.blocked_at != "opportunity"])


def test_enquiries_of_one_address_become_one_opportunity(world, sale):
    (stage,) = sale.stages["opportunity"]
    groups = going_on()
    enquiries = [lead for lead in RIGHT if lead.blocked_at != "opportunity"]
    assert stage.made("crm.lead") == len(groups) - len(enquiries)
    assert len(groups) < len(enquiries)
    leads = world.books.leads(sale.leads).values()
    deals = [lead for lead in leads if lead["type"] == "opportunity"]
    assert len(deals) == len(groups)


def by_row(sale):
    """``{row in the file: the opportunity it became}``"""
    alive = sale.books.leads(sale.leads)
    ids = {sale.leads[lead_id].row: lead_id for lead_id in alive}
    result = {}
    for group in merged(RIGHT):
        left = [ids[lead.row] for lead in group if lead.row in ids]
        assert len(left) == 1
        result |= {lead.row: alive[left[0]] for lead in group}
    return result


def test_duplicates_share_a_customer_and_others_do_not(sale):
    deals = by_row(sale)
    leads = [lead for lead in RIGHT if lead.blocked_at != "opportunity"]
    seen = []
    for group in customers(leads):
        found = {deals[lead.row]["partner_id"][0] for lead in group}
        assert len(found) == 1, [lead.row for lead in group]
        seen += found
    companies = [lead.row for lead in leads if chain_leads.is_company(lead)]
    assert companies
    assert len(set(seen)) == len(seen)


def test_customers_are_made_once_or_reused(world, sale):
    """New: a person for each group, and each company; three were known before."""
    (stage,) = sale.stages["opportunity"]
    leads = [lead for lead in RIGHT if lead.blocked_at != "opportunity"]
    known = ("douglas.fletcher51", "nicole.ford75", "julie.richards84")
    groups = customers(leads)
    reused = [g for g in groups if g[0].email.startswith(known)]
    persons = [g for g in groups if not chain_leads.is_company(g[0])]
    companies = {lead.company for lead in leads if lead.company}
    assert len(reused) == 3
    new = len(persons) - len(reused) + len(companies)
    assert stage.made("res.partner") == new
    deals = by_row(sale)
    for group in reused:
        partner = deals[group[0].row]["partner_id"][0]
        row = world.books.by_id("res.partner", [partner], ["email_normalized"])[partner]
        assert row["email_normalized"] == group[0].email


class Deal(NamedTuple):
    lines: list
    order: dict
    taxed: bool


@pytest.fixture(scope="module")
def orders(sale):
    """``{row: Deal}`` of all that got a quotation, with what was asked for.

    The demo company is American: exports are free of tax.
    """
    deals = by_row(sale)
    found = sale.books.orders([deal["id"] for deal in deals.values()])
    result = {}
    for group in going_on():
        deal = deals[group[0].row]
        if group[0].blocked_at != "quotation":
            taxed = group[0].country == "United States"
            order = found.pop(deal["id"])
            result[group[0].row] = Deal(merged_lines(group), order, taxed)
    assert not found
    return result


def test_every_quotation_equals_the_file(sale, orders):
    rows = sale.books.order_lines([deal.order for deal in orders.values()])
    for lines, order, _taxed in orders.values():
        wanted = [
            (
                sale.products[line.product]["id"],
                float(line.quantity),
                float(line.discount),
                float(subtotal(line, sale.products[line.product]["lst_price"])),
            )
            for line in lines
        ]
        found = [
            (
                row["product_id"][0],
                row["product_uom_qty"],
                row["discount"],
                row["price_subtotal"],
            )
            for row in rows[order["id"]]
        ]
        assert sorted(found) == sorted(wanted)


def amounts(sale, deal):
    """Untaxed amount and taxes of an order, by hand."""
    untaxed = taxes = Decimal(0)
    for line in deal.lines:
        product = sale.products[line.product]
        amount = subtotal(line, product["lst_price"])
        untaxed += amount
        taxes += tax(amount, product["tax"]) if deal.taxed else 0
    return untaxed, taxes


def test_amounts_of_orders_are_computed_right(sale, orders):
    assert sum(bool(amounts(sale, deal)[1]) for deal in orders.values()) > 5
    for deal in orders.values():
        order = deal.order
        found = cents(order["amount_untaxed"]), cents(order["amount_tax"])
        assert found == amounts(sale, deal)
        assert cents(order["amount_total"]) == sum(found)
        assert order["user_id"][0] == sale.world.users["sara"]


def test_every_order_is_confirmed(orders):
    assert {deal.order["state"] for deal in orders.values()} == {"sale"}


@pytest.fixture(scope="module")
def finished(sale, orders):
    """The deals that came to the chain's end."""
    stopped = {lead.row for lead in RIGHT if lead.blocked_at}
    return [orders[row] for row in orders if row not in stopped]


def test_what_was_sold_has_left_the_warehouse(sale, finished):
    sold = dict.fromkeys(sale.stock, Decimal(0))
    for lines, _order, _taxed in finished:
        for product, quantity in chain_leads.quantities(lines).items():
            row = sale.products[product]
            if row["is_storable"]:
                sold[row["id"]] += quantity
    now = sale.books.on_hand(sale.stock)
    assert {key: sale.stock[key] - now[key] for key in now} == sold
    assert sum(sold.values()) > 200


def test_every_move_is_done_in_full(sale, finished):
    orders = [deal.order for deal in finished]
    pickings = sale.books.pickings(orders)
    moves = sale.books.moves(pickings)
    assert {move["state"] for move in moves} == {"done"}
    for lines, order, _taxed in finished:
        moved = Counter()
        numbers = [picking["id"] for picking in pickings[order["id"]]]
        for move in moves:
            if move["picking_id"][0] in numbers:
                moved[move["product_id"][0]] += Decimal(str(move["quantity"]))
        wanted = Counter()
        for line in lines:
            product = sale.products[line.product]
            if product["is_storable"] or product["type"] == "consu":
                wanted[product["id"]] += line.quantity
        assert moved == wanted


def test_every_order_has_one_posted_invoice_of_its_amounts(sale, finished):
    invoices = sale.books.invoices([deal.order for deal in finished])
    for deal in finished:
        (number,) = deal.order["invoice_ids"]
        invoice = invoices[number]
        assert (invoice["state"], invoice["move_type"]) == ("posted", "out_invoice")
        found = cents(invoice["amount_untaxed"]), cents(invoice["amount_tax"])
        assert found == amounts(sale, deal)
        assert deal.order["invoice_status"] == "invoiced"


def test_every_invoice_is_paid_by_one_payment(sale, finished):
    """But for the one that came to nothing: it was paid when it was posted."""
    invoices = sale.books.invoices([deal.order for deal in finished])
    due = {key: row for key, row in invoices.items() if row["amount_total"]}
    assert len(due) == len(invoices) - 1
    assert {row["amount_residual"] for row in invoices.values()} == {0}
    states = {row["payment_state"] for row in invoices.values()}
    assert states <= {"paid", "in_payment"}
    payments = sale.books.payments(due)
    assert {pay["reconciled_invoice_ids"][0] for pay in payments} == set(due)
    for pay in payments:
        (number,) = pay["reconciled_invoice_ids"]
        assert pay["amount"] == due[number]["amount_total"]
    (stage,) = sale.stages["payment"]
    assert stage.made("account.payment") == len(payments) == len(due)


def test_every_journal_entry_is_balanced(sale, finished):
    orders = [deal.order for deal in finished]
    numbers = [move for order in orders for move in order["invoice_ids"]]
    payments = sale.books.payments(numbers)
    moves = numbers + [pay["move_id"][0] for pay in payments]
    entries = sale.books.entries(moves)
    assert set(entries) == set(moves)
    receivable = Decimal(0)
    for items in entries.values():
        assert balanced(items)
        for item in items:
            if item["account_type"] == "asset_receivable":
                assert item["amount_residual"] == 0
                receivable += cents(item["debit"]) - cents(item["credit"])
    assert receivable == 0


def test_a_handful_was_sent_and_nothing_else(sale, finished):
    invoices = sale.books.invoices([deal.order for deal in finished])
    assert sum(row["is_move_sent"] for row in invoices.values()) == SENT
    (send,) = sale.stages["send"]
    assert len(send.done) == SENT


def test_all_the_others_are_at_the_end(sale, finished):
    alive = sale.books.leads(sale.leads).values()
    steps = Counter(lead["chain_step"] for lead in alive)
    stopped = Counter(lead.blocked_at for lead in RIGHT if lead.blocked_at)
    assert steps == {
        "payment": len(finished),
        "lead": stopped["opportunity"],
        "opportunity": stopped["quotation"],
        "order": stopped["delivery"],
    }
