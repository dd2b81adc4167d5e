"""The same button pressed ten times at once, in two server processes: what it makes
exists once, and nobody is told of a database error.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import pytest
from chain_run import run, world_of
from support.clients import Json2, Refused
from support.server import Server, testing

CLICKS = 10
PRODUCT = "Sold in a hurry"
EMAIL = "impatient@parallel.example"
BUSY = "Somebody else is working on it. Try again in a moment."
SELLING = (
    "opportunity",
    "quotation",
    "send",
    "order",
    "delivery",
    "invoice",
    "send_invoice",
)
# PostgreSQL refuses one of two transactions, and Odoo repeats that request.
CONFLICT = r"odoo\.sql_db: bad query: .*(could not (serialize|obtain lock)|deadlock)"


@pytest.fixture(scope="module")
def world(server):
    world = world_of(server)
    server.expect(CONFLICT)
    stock_two_pieces(world.books)
    return world


@pytest.fixture(scope="module")
def servers(server, demo_databases):
    """A second process beside the first one, on the same database."""
    second = Server(demo_databases, server.database, testing.LOGS / "second.log")
    second.expect(CONFLICT)
    second.start()
    yield [server, second]
    second.stop()
    surprises = second.unexpected_lines()
    assert not surprises, "the second server logged:\n" + "\n".join(surprises)


@pytest.fixture(scope="module")
def pressed(world, servers):
    """``pressed(login, call)``: the answers to ten calls at once, or the refusals."""

    def press(login, call):
        key = world.server.api_key(login)
        urls = islice(cycle(each.url for each in servers), CLICKS)
        clients = [Json2(url, world.server.database, key) for url in urls]
        with ThreadPoolExecutor(CLICKS) as pool:
            return list(pool.map(lambda client: attempt(call, client), clients))

    return press


def attempt(call, client):
    try:
        return call(client)
    except Refused as refusal:
        return refusal


def stock_two_pieces(books):
    product = {"name": PRODUCT, "is_storable": True, "list_price": 10}
    [product_id] = books.admin.call("product.product", "create", vals_list=[product])
    quant = {
        "product_id": product_id,
        "location_id": books.ref("stock.stock_location_stock"),
        "inventory_quantity": 2,
    }
    ids = books.admin.call("stock.quant", "create", vals_list=[quant])
    books.admin.call("stock.quant", "action_apply_inventory", ids=ids)


def make_lead(world, name, **vals):
    lead = {
        "name": name,
        "type": "lead",
        "contact_name": "Impatient Customer",
        "user_id": world.users["sara"],
        **vals,
    }
    [lead_id] = world.seller.call("crm.lead", "create", vals_list=[lead])
    world.add_lines(world.seller, lead_id, [(PRODUCT, 1, 0)])
    return lead_id


def find(world, model, domain, fields=("id",)):
    return world.books.admin.call(
        model, "search_read", domain=domain, fields=list(fields)
    )


# -- our steps ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def lead(world):
    return make_lead(world, "Pressed ten times", email_from=EMAIL)


@pytest.fixture(scope="module")
def clicked(world, pressed, lead):
    """``{step: answers}`` of all clicks, the salesperson's and the accountant's."""
    answers = {
        step: pressed("sara", lambda client, step=step: run(client, step, [lead]))
        for step in SELLING
    }
    [order] = find(world, "sale.order", [("opportunity_id", "=", lead)])
    answers["payment"] = pressed(
        "ahmad", lambda client: run(client, "payment", [order["id"]], "sale.order")
    )
    return answers


@pytest.mark.parametrize("step", [*SELLING, "payment"])
def test_one_click_does_it_and_nobody_gets_an_error(clicked, step):
    answers = clicked[step]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert not refused
    assert sum(len(answer["done"]) for answer in answers) == 1
    for answer in answers:
        for reasons in answer["blocked"].values():
            assert reasons == [BUSY]


def test_each_document_exists_once(world, lead, clicked):
    [kept] = find(world, "crm.lead", [("id", "=", lead)], ["chain_step", "partner_id"])
    assert kept["chain_step"] == "payment"
    assert len(find(world, "res.partner", [("email", "=", EMAIL)])) == 1
    [order] = find(world, "sale.order", [("opportunity_id", "=", lead)], ["name"])
    [picking] = find(world, "stock.picking", [("sale_id", "=", order["id"])], ["state"])
    assert picking["state"] == "done"
    [invoice] = find(
        world,
        "account.move",
        [("invoice_origin", "=", order["name"])],
        ["state", "amount_residual", "matched_payment_ids"],
    )
    assert invoice["state"] == "posted"
    assert invoice["amount_residual"] == 0
    assert len(invoice["matched_payment_ids"]) == 1


def test_each_mail_goes_out_once(world, lead, clicked):
    [order] = find(
        world, "sale.order", [("opportunity_id", "=", lead)], ["invoice_ids"]
    )
    for model, ids in (
        ("sale.order", [order["id"]]),
        ("account.move", order["invoice_ids"]),
    ):
        own = [("model", "=", model), ("res_id", "in", ids)]
        mails = find(world, "mail.mail", own)
        sent = find(
            world,
            "mail.message",
            [
                *own,
                ("message_type", "in", ("comment", "email", "email_outgoing")),
                ("attachment_ids", "!=", False),
            ],
        )
        assert len(sent) == 1
        assert len(mails) <= 1


# -- core's own buttons ----------------------------------------------------------------


@pytest.fixture(scope="module")
def deal(world):
    """An opportunity, and what its form sends for a new quotation."""
    lead_id = make_lead(world, "Quoted ten times", email_from="quoted@parallel.example")
    run(world.seller, "opportunity", [lead_id])
    [lead] = find(world, "crm.lead", [("id", "=", lead_id)], ["partner_id"])
    [product] = find(world, "product.product", [("name", "=", PRODUCT)])
    line = {"product_id": product["id"], "product_uom_qty": 1, "tax_ids": []}
    return {
        "opportunity_id": lead_id,
        "partner_id": lead["partner_id"][0],
        "order_line": [[0, 0, line]],
    }


@pytest.fixture(scope="module")
def quoted(world, servers, pressed, deal):
    """The answers to *New Quotation*, saved ten times."""
    for each in servers:
        each.expect(r"odoo\.http: .*You have just created the same quotation")
    return pressed(
        "sara", lambda client: client.call("sale.order", "create", vals_list=[deal])
    )


def test_new_quotation_is_made_once(world, deal, quoted):
    """Core makes one for each click."""
    made = [answer for answer in quoted if not isinstance(answer, Refused)]
    assert len(made) == 1
    for answer in quoted:
        if isinstance(answer, Refused):
            assert "You have just created the same quotation" in answer.message
    domain = [("opportunity_id", "=", deal["opportunity_id"])]
    assert [row["id"] for row in find(world, "sale.order", domain)] == made[0]


@pytest.fixture(scope="module")
def order(world, deal, quoted):
    domain = [("opportunity_id", "=", deal["opportunity_id"])]
    [order] = find(world, "sale.order", domain)
    run(world.seller, "order", [order["id"]], "sale.order")
    return order["id"]


def down_payment(client, order_id, percent):
    wizard = {
        "sale_order_ids": [[6, 0, [order_id]]],
        "advance_payment_method": "percentage",
        "amount": percent,
    }
    [wizard_id] = client.call(
        "sale.advance.payment.inv", "create", vals_list=[wizard]
    )
    return wizard_id


def make_invoices(client, wizard_id):
    return client.call("sale.advance.payment.inv", "create_invoices", ids=[wizard_id])


def invoices(world, order_id):
    [order] = find(
        world, "sale.order", [("id", "=", order_id)], ["invoice_ids", "amount_total"]
    )
    moves = find(
        world, "account.move", [("id", "in", order["invoice_ids"])], ["amount_total"]
    )
    return [move["amount_total"] / order["amount_total"] for move in moves]


def test_down_payment_is_made_once(world, servers, pressed, order):
    """Core makes ten of 60 %."""
    wizard = down_payment(world.seller, order, 60)
    answers = pressed("sara", lambda client: make_invoices(client, wizard))
    assert not [answer for answer in answers if isinstance(answer, Refused)]
    assert invoices(world, order) == [pytest.approx(0.6)]


def test_order_is_never_invoiced_over_its_total(world, servers, pressed, order):
    for each in servers:
        each.expect(r"odoo\.http: .*would be too much")
    answers = pressed(
        "sara",
        lambda client: make_invoices(client, down_payment(client, order, 30)),
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == CLICKS - 1
    assert all("would be too much" in answer.message for answer in refused)
    assert sum(invoices(world, order)) == pytest.approx(0.9)
