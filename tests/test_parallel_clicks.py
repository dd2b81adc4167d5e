"""The same step pressed several times at once: every document exists once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from chain_run import run, world_of

CLICKS = 6
PRODUCT = "Sold in a hurry"
# What each step leaves behind, counted from the order or the lead.
SELLING = ("opportunity", "quotation", "order", "delivery", "invoice")


@pytest.fixture(scope="module")
def world(server):
    world = world_of(server)
    # PostgreSQL refuses one of two transactions, and Odoo repeats that request.
    server.expect(r"odoo\.sql_db: bad query: .*could not serialize access")
    return world


@pytest.fixture(scope="module")
def lead(world):
    stock_one_piece(world.books)
    [lead_id] = world.seller.call(
        "crm.lead",
        "create",
        vals_list=[
            {
                "name": "Pressed six times",
                "type": "lead",
                "contact_name": "Impatient Customer",
                "email_from": "impatient@parallel.example",
                "user_id": world.users["sara"],
            }
        ],
    )
    world.add_lines(world.seller, lead_id, [(PRODUCT, 1, 0)])
    return lead_id


def stock_one_piece(books):
    product = {"name": PRODUCT, "is_storable": True, "list_price": 10}
    [product_id] = books.admin.call("product.product", "create", vals_list=[product])
    quant = {
        "product_id": product_id,
        "location_id": books.ref("stock.stock_location_stock"),
        "inventory_quantity": 1,
    }
    ids = books.admin.call("stock.quant", "create", vals_list=[quant])
    books.admin.call("stock.quant", "action_apply_inventory", ids=ids)


@pytest.fixture(scope="module")
def clicked(world, lead):
    """``{step: answers}`` of all clicks, the salesperson's and the accountant's."""
    answers = {step: click(world.seller, step, lead) for step in SELLING}
    [order] = find(world, "sale.order", [("opportunity_id", "=", lead)])
    answers["payment"] = click(world.accountant, "payment", order["id"], "sale.order")
    return answers


def click(client, step, record_id, model="crm.lead"):
    with ThreadPoolExecutor(CLICKS) as pool:
        calls = [
            pool.submit(run, client, step, [record_id], model) for _ in range(CLICKS)
        ]
        return [call.result() for call in calls]


def find(world, model, domain, fields=("id",)):
    return world.books.admin.call(
        model, "search_read", domain=domain, fields=list(fields)
    )


@pytest.mark.parametrize("step", [*SELLING, "payment"])
def test_one_click_does_it_and_nobody_gets_an_error(clicked, step):
    answers = clicked[step]
    assert sum(len(answer["done"]) for answer in answers) == 1
    for answer in answers:
        for reasons in answer["blocked"].values():
            assert reasons == [
                "Somebody else is working on it. Try again in a moment."
            ]


def test_each_document_exists_once(world, lead, clicked):
    [kept] = find(world, "crm.lead", [("id", "=", lead)], ["chain_step", "partner_id"])
    assert kept["chain_step"] in ("invoice", "payment")
    email = [("email", "=", "impatient@parallel.example")]
    customers = find(world, "res.partner", email)
    assert len(customers) == 1
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
