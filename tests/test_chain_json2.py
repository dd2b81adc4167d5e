"""Odoo's own demo leads, from the enquiry to the paid invoice over JSON-2.

Acted by a salesperson who sees only his own documents and by an accountant. What the
documents should hold is computed here in plain Python.
"""

from decimal import Decimal

import pytest
from chain_books import balanced
from chain_leads import Line, subtotal, tax
from chain_run import nothing, run, take, world_of
from support.clients import Refused

# Odoo's demo leads by their external ids, and what their customers ask for.
GOOD = {
    "crm_case_3": [("E-COM07", 3, 10), ("FURN_5555", 2, 0)],
    "crm_case_5": [("Furniture Assembly", 2, 0), ("Chair floor protection", 7, 12.5)],
    "crm_case_13": [("DESK0005", 1, 33.33)],
    "crm_case_14": [("FURN_5555", 3, 7.77), ("FURN_0098", 1, 0)],
}
SAME_PERSON = {"crm_case_29": [("FURN_0097", 2, 5)], "crm_case_1": [("E-COM07", 1, 0)]}
NO_EMAIL = "crm_case_7"
LOST = "crm_case_9"
NO_STOCK = "crm_case_19"
NO_PRODUCTS = "crm_case_15"
FROM_TEMPLATE = "crm_case_16"
BAD = {
    NO_EMAIL: [("E-COM07", 1, 0)],
    LOST: [("E-COM07", 1, 0)],
    NO_STOCK: [("FURN_6741", 1, 0), ("E-COM07", 2, 0)],
    NO_PRODUCTS: [],
    FROM_TEMPLATE: [],
}
TEMPLATE = "sale_management.sale_order_template_1"


@pytest.fixture(scope="module")
def world(server):
    return world_of(server)


@pytest.fixture(scope="module")
def demo(world):
    """``{external id: id}`` of the demo leads, ours with the products asked for."""
    ids = world.books.xmlids("crm", "crm.lead")
    wanted = GOOD | SAME_PERSON | BAD
    world.books.admin.call("crm.lead", "action_restore", ids=[ids[NO_EMAIL]])
    world.give([ids[name] for name in wanted])
    for name, lines in wanted.items():
        if lines:
            world.add_lines(world.seller, ids[name], lines)
    template = {"sale_order_template_id": world.books.ref(TEMPLATE)}
    world.seller.call("crm.lead", "write", ids=[ids[FROM_TEMPLATE]], vals=template)
    return ids


class Journey:
    """The demo leads on their way; every step is taken twice."""

    def __init__(self, world, demo):
        self.world = world
        self.ids = demo
        self.stages = {}
        self.chosen = [demo[name] for name in (*GOOD, *SAME_PERSON, *BAD)]
        self.left = {}  # {lead id: as it was before the step that it cannot take}
        self.told = {}
        goods = [line[0] for lines in GOOD.values() for line in lines]
        self.products = world.books.products({*goods, "FURN_0097"})
        self.stock = world.books.on_hand(self.storable())

    def storable(self):
        return {row["id"] for row in self.products.values() if row["is_storable"]}

    def selling_step(self, step):
        """The salesperson's; who is blocked stays behind."""
        before = self.world.books.snapshots(self.chosen)
        stage = take(self.world, self.world.seller, step, self.chosen)
        self.left |= {lead_id: before[lead_id] for lead_id in stage.blocked}
        self.note(stage)
        self.chosen = [x for x in self.chosen if x not in stage.blocked]

    def accounting_step(self, step):
        """The accountant does not know leads: he works on their orders."""
        orders = self.world.books.orders(self.chosen)
        ids = [order["id"] for order in orders.values()]
        self.note(take(self.world, self.world.accountant, step, ids, "sale.order"))

    def note(self, stage):
        books = self.world.books
        self.stages[stage.step] = stage
        alive = books.leads(self.chosen)
        self.chosen = list(alive)
        self.told[stage.step] = (
            {key: lead["chain_step"] for key, lead in alive.items()},
            books.steps(alive),
        )


@pytest.fixture(scope="module")
def journey(world, demo):
    way = Journey(world, demo)
    for step in ("opportunity", "quotation", "send", "order", "delivery"):
        way.selling_step(step)
    way.selling_step("invoice")
    way.accounting_step("send_invoice")
    way.accounting_step("payment")
    return way


STEPS = ["opportunity", "quotation", "send", "order", "delivery"]
STEPS += ["invoice", "send_invoice", "payment"]


def test_the_leads_are_odoos_own(world, demo):
    leads = world.books.leads(demo.values())
    assert set(leads) == set(demo.values())
    assert leads[demo["crm_case_3"]]["name"] == "Pricing for 25 desks"
    assert leads[demo["crm_case_3"]]["chain_step"] == "lead"


@pytest.mark.parametrize("step", STEPS)
def test_a_second_call_does_nothing(journey, step):
    stage = journey.stages[step]
    assert stage.done
    assert nothing(stage.again)
    assert stage.after_again == stage.after


@pytest.mark.parametrize("step", STEPS)
def test_the_stored_step_is_what_the_documents_say(journey, step):
    stored, documents = journey.told[step]
    assert stored and stored == documents


def test_the_bad_ones_are_named_with_a_reason(world, journey, demo):
    location = [("id", "=", world.books.ref("stock.stock_location_stock"))]
    stock = world.books.search("stock.location", location, ["complete_name"])
    stock = stock[0]["complete_name"]
    blocked = {
        (step, lead_id): " ".join(reasons)
        for step, stage in journey.stages.items()
        for lead_id, reasons in stage.blocked.items()
    }
    assert blocked == {
        ("opportunity", demo[LOST]): "It is lost or archived. Restore it first.",
        ("quotation", demo[NO_PRODUCTS]): (
            "It has no products. Add some or choose a template."
        ),
        ("send", demo[NO_EMAIL]): (
            "Its customer Gardner Group, Wendi Baltz has no e-mail address. Add one."
        ),
        ("delivery", demo[NO_STOCK]): (
            "Not enough [FURN_6741] Large Meeting Table in stock: 1.00 Units missing "
            "in WH/Stock."
        ),
        ("delivery", demo[FROM_TEMPLATE]): blocked["delivery", demo[FROM_TEMPLATE]],
    }
    missing = blocked["delivery", demo[FROM_TEMPLATE]]
    for product in ("FURN_6741", "FURN_7777", "FURN_6666"):
        assert f"[{product}]" in missing
    assert "Chair floor protection" not in missing  # nobody keeps stock of it


def test_the_bad_ones_are_untouched(world, journey):
    """Nothing of theirs was written when they were blocked, nor ever after."""
    assert len(journey.left) == len(BAD)
    assert world.books.snapshots(journey.left) == journey.left
    steps = {lead["chain_step"] for lead in world.books.leads(journey.left).values()}
    assert steps == {"lead", "opportunity", "quotation", "order"}


def test_two_enquiries_of_one_person_become_one_opportunity(world, journey, demo):
    stage = journey.stages["opportunity"]
    assert stage.made("crm.lead") == -1
    left = world.books.leads([demo[name] for name in SAME_PERSON])
    assert len(left) == 1
    order = world.books.orders(left).popitem()[1]
    lines = world.books.order_lines([order])[order["id"]]
    quantities = {row["product_id"][1]: row["product_uom_qty"] for row in lines}
    assert sorted(quantities.values()) == [1, 2]


def test_customers_are_found_before_they_are_made(world, journey, demo):
    """One had his; five persons are new (two enquiries are one person's), each with a
    new company."""
    leads = world.books.leads(journey.chosen)
    acme = world.books.ref("base.res_partner_2")
    assert leads[demo["crm_case_14"]]["partner_id"][0] == acme
    customers = [lead["partner_id"][0] for lead in leads.values()]
    assert len(set(customers)) == len(customers)
    assert journey.stages["opportunity"].made("res.partner") == 10


def test_the_template_gives_the_lines(world, journey, demo):
    template = world.books.search(
        "sale.order.template.line",
        [("sale_order_template_id", "=", world.books.ref(TEMPLATE))],
        ["product_id", "product_uom_qty"],
    )
    order = world.books.orders([demo[FROM_TEMPLATE]])[demo[FROM_TEMPLATE]]
    lines = world.books.order_lines([order])[order["id"]]
    assert [(row["product_id"], row["product_uom_qty"]) for row in lines] == [
        (row["product_id"], row["product_uom_qty"]) for row in template
    ]


def expected(journey, name):
    """Lines, untaxed amount and taxes of a lead, from its wishes and the price list."""
    amounts, lines = [], []
    for product, quantity, discount in GOOD[name]:
        line = Line(product, Decimal(str(quantity)), Decimal(str(discount)))
        row = journey.products[product]
        amount = subtotal(line, row["lst_price"])
        lines.append((row["id"], float(quantity), float(discount), float(amount)))
        amounts.append((amount, tax(amount, row["tax"])))
    return lines, sum(untaxed for untaxed, _tax in amounts), sum(x for _u, x in amounts)


@pytest.mark.parametrize("name", GOOD)
def test_amounts_are_those_of_the_wish(world, journey, demo, name):
    lines, untaxed, taxes = expected(journey, name)
    order = world.books.orders([demo[name]])[demo[name]]
    fields = ("product_uom_qty", "discount", "price_subtotal")
    rows = world.books.order_lines([order])[order["id"]]
    found = [(row["product_id"][0], *(row[field] for field in fields)) for row in rows]
    assert found == lines
    assert order["state"] == "sale"
    assert order["amount_untaxed"] == float(untaxed)
    assert order["amount_tax"] == pytest.approx(float(taxes), abs=1e-6)
    (invoice,) = world.books.invoices([order]).values()
    assert invoice["amount_untaxed"] == float(untaxed)
    assert invoice["amount_total"] == pytest.approx(float(untaxed + taxes), abs=1e-6)


@pytest.mark.parametrize("name", GOOD)
def test_the_invoice_is_sent_and_paid(world, journey, demo, name):
    order = world.books.orders([demo[name]])[demo[name]]
    (invoice,) = world.books.invoices([order]).values()
    assert invoice["state"] == "posted" and invoice["is_move_sent"]
    assert invoice["amount_residual"] == 0
    assert invoice["payment_state"] in ("paid", "in_payment")
    (payment,) = world.books.payments([invoice["id"]])
    assert payment["amount"] == invoice["amount_total"]
    receivable = 0
    for items in world.books.entries([invoice["id"], payment["move_id"][0]]).values():
        assert len(items) > 1 and balanced(items)
        receivable += sum(
            item["debit"] - item["credit"]
            for item in items
            if item["account_type"] == "asset_receivable"
        )
    assert round(receivable, 2) == 0


def test_what_was_sold_has_left_the_warehouse(world, journey):
    sold = dict.fromkeys(journey.stock, Decimal(0))
    for lines in (*GOOD.values(), *SAME_PERSON.values()):
        for product, quantity, _discount in lines:
            row = journey.products[product]
            if row["is_storable"]:
                sold[row["id"]] += quantity
    now = world.books.on_hand(journey.storable())
    assert {key: journey.stock[key] - now[key] for key in now} == sold
    orders = world.books.orders(journey.chosen).values()
    moves = world.books.moves(world.books.pickings(orders))
    assert {move["state"] for move in moves} == {"done"}


def test_quotation_and_invoice_went_out_as_pdf(world, journey):
    """One message each, with one PDF."""
    orders = world.books.orders(journey.chosen).values()
    documents = [("sale.order", order["id"]) for order in orders]
    documents += [("account.move", x) for x in world.books.invoices(orders)]
    for model, record_id in documents:
        sent = world.books.search(
            "mail.message",
            [
                ("model", "=", model),
                ("res_id", "=", record_id),
                ("attachment_ids.mimetype", "=", "application/pdf"),
            ],
            ["partner_ids", "attachment_ids"],
        )
        assert len(sent) == 1
        assert len(sent[0]["attachment_ids"]) == len(sent[0]["partner_ids"]) == 1


def test_next_step_takes_each_one_step_further(world, demo):
    """One press on records that stand at different places of the chain."""
    ids = [demo["crm_case_8"], demo["crm_case_18"]]
    world.give(ids)
    world.add_lines(world.seller, ids[1], [("E-COM07", 1, 0)])
    action = world.seller.call("crm.lead", "action_chain_next", ids=ids)
    assert action["tag"] == "display_notification"
    assert action["params"]["message"] == "2 done."
    steps = {key: row["chain_step"] for key, row in world.books.leads(ids).items()}
    assert steps == {ids[0]: "opportunity", ids[1]: "quotation"}


def test_next_step_names_those_that_are_stuck(world, demo):
    lead = demo["crm_case_21"]
    world.give([lead])
    before = world.books.snapshots([lead])
    reason = "It has no products. Add some or choose a template."
    world.expect(reason)
    with pytest.raises(Refused) as refusal:
        world.seller.call("crm.lead", "action_chain_next", ids=[lead])
    assert refusal.value.status == 422
    assert refusal.value.message == f"{before[lead][0]['name']}: {reason}"
    assert world.books.snapshots([lead]) == before


# Rights and wrong calls


@pytest.fixture(scope="module")
def delivered(world, demo):
    """A demo lead of our salesperson whose order is delivered but not invoiced."""
    lead = demo["crm_case_22"]
    world.give([lead])
    world.add_lines(world.seller, lead, [("E-COM07", 1, 0)])
    for step in ("quotation", "order", "delivery"):
        assert run(world.seller, step, [lead])["done"] == [lead]
    return lead


@pytest.mark.parametrize("step", STEPS)
def test_another_salesperson_may_do_nothing_here(world, delivered, step):
    before, counts = world.books.snapshots([delivered]), world.books.counts()
    world.expect("doesn't have 'write' access to")
    with pytest.raises(Refused) as refusal:
        run(world.server.json2("omid"), step, [delivered])
    assert refusal.value.status == 403
    assert "Omid" in refusal.value.message
    assert world.books.snapshots([delivered]) == before
    assert world.books.counts() == counts


def test_a_seller_of_all_leads_posts_nobody_elses_invoice(world, delivered):
    before, counts = world.books.snapshots([delivered]), world.books.counts()
    result = run(world.server.json2("nomin"), "invoice", [delivered])
    reason = "Only its salesperson Sara or accounting may invoice it."
    assert result == {"done": [], "blocked": {str(delivered): [reason]}}
    assert world.books.snapshots([delivered]) == before
    assert world.books.counts() == counts


def test_a_salesperson_does_not_pay(world, journey, demo):
    lead = demo["crm_case_17"]
    world.give([lead])
    world.add_lines(world.seller, lead, [("Furniture Assembly", 1, 0)])
    for step in ("opportunity", "quotation", "order", "invoice"):
        assert run(world.seller, step, [lead])["done"] == [lead]
    counts = world.books.counts()
    result = run(world.seller, "payment", [lead])
    reason = "You may not register payments. Ask accounting."
    assert result == {"done": [], "blocked": {str(lead): [reason]}}
    assert world.books.counts() == counts
    assert world.books.leads([lead])[lead]["chain_step"] == "invoice"


def test_without_stock_rights_nothing_is_delivered(world, demo):
    lead = demo["crm_case_24"]
    world.give([lead], "temuulen")
    seller = world.server.json2("temuulen")
    world.add_lines(world.books.admin, lead, [("E-COM07", 1, 0)])
    for step in ("opportunity", "quotation", "order"):
        assert run(seller, step, [lead])["done"] == [lead]
    before, counts = world.books.snapshots([lead]), world.books.counts()
    result = run(seller, "delivery", [lead])
    reason = (
        "You may not validate deliveries. Ask somebody of the warehouse, or an "
        "administrator for the Inventory right."
    )
    assert result == {"done": [], "blocked": {str(lead): [reason]}}
    assert world.books.snapshots([lead]) == before
    assert world.books.counts() == counts


def test_the_accountant_knows_no_leads(world, delivered):
    world.expect("You are not allowed to modify 'Lead' (crm.lead) records.")
    with pytest.raises(Refused) as refusal:
        run(world.accountant, "invoice", [delivered])
    assert refusal.value.status == 403


NO_STEP = "There is no step “%s” here. Known steps: opportunity, quotation, send, order"
NO_ID = "Give the ids of saved records, as whole numbers."
GONE = "Record does not exist or has been deleted."
WRONG = {  # what is asked for: status and words of the answer
    "unknown step": ({"step": "fly"}, 422, NO_STEP % "fly"),
    "the first state is no step": ({"step": "lead"}, 422, NO_STEP % "lead"),
    "private method's name": ({"step": "opportunity_do"}, 422, "There is no step"),
    "a number for a step": ({"step": 5}, 422, NO_STEP % "5"),
    "a list for a step": ({"step": ["order"]}, 422, NO_STEP % "order"),
    "null for a step": ({"step": None}, 422, NO_STEP % "None"),
    "no step": ({}, 422, "missing a required argument: 'step'"),
    "one argument too many": (
        {"step": "order", "force": True},
        422,
        "got an unexpected keyword argument 'force'",
    ),
    "a lead that is gone": ({"step": "order", "ids": [999999999]}, 404, GONE),
    "one of two is gone": ({"step": "quotation", "ids": [None, 999999999]}, 404, GONE),
    "words for ids": ({"step": "order", "ids": ["one"]}, 422, NO_ID),
    "a text for ids": ({"step": "order", "ids": "abc"}, 422, NO_ID),
    "null among ids": ({"step": "order", "ids": [None]}, 422, NO_ID),
    "true for an id": ({"step": "order", "ids": [True]}, 422, NO_ID),
    "a fraction for an id": ({"step": "order", "ids": [1.5]}, 422, NO_ID),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_is_told_what_is_wrong(world, delivered, case):
    body, status, words = WRONG[case]
    if case == "one of two is gone":
        body = body | {"ids": [delivered, 999999999]}
    before, counts = world.books.snapshots([delivered]), world.books.counts()
    world.expect(words)
    answer = world.post("sara", "crm.lead/chain_run_step", {"ids": [delivered]} | body)
    assert answer[0] == status
    assert words in answer[1]["message"]
    assert "Traceback" not in answer[1]["message"]
    assert world.books.snapshots([delivered]) == before
    assert world.books.counts() == counts


def test_no_ids_do_nothing(world):
    counts = world.books.counts()
    for body in ({}, {"ids": []}):
        answer = world.post("sara", "crm.lead/chain_run_step", {"step": "order"} | body)
        assert answer == (200, {"done": [], "blocked": {}})
    assert world.books.counts() == counts


def test_a_lead_named_twice_is_done_once(world, demo):
    lead = demo["crm_case_26"]
    world.give([lead])
    world.add_lines(world.seller, lead, [("E-COM07", 1, 0)])
    assert run(world.seller, "quotation", [lead, lead])["done"] == [lead]
    assert len(world.books.leads([lead])[lead]["order_ids"]) == 1


@pytest.mark.parametrize("method", ["_chain_do", "_chain_run", "_chain_opportunity_do"])
def test_private_methods_stay_private(world, delivered, method):
    world.expect("Private methods (such as")
    body = {"ids": [delivered], "step": "invoice"}
    status, answer = world.post("sara", f"crm.lead/{method}", body)
    assert status == 403
    assert "cannot be called remotely" in answer["message"]
