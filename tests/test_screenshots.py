"""The chain bar, a run, the pipeline and quotations as people see them, in each
language; the pictures of the documentation.

The pictures go to .cache/screenshots; UPDATE_SCREENSHOTS=1 puts them in docs/images.
"""

import os
from contextlib import contextmanager

import pytest
from support.browser import Browser
from support.server import ROOT, Server, run_server, testing

LANGUAGES = ("en", "fa", "mn")
WIDTH, HEIGHT = 1280, 720
UPDATE = os.environ.get("UPDATE_SCREENSHOTS", "") not in ("", "0")
PICTURES = ROOT / "docs" / "images" if UPDATE else testing.paths.CACHE / "screenshots"

SEGMENTS = {
    "lead": "done",
    "opportunity": "done",
    "quotation": "done",
    "order": "done",
    "delivery": "done",
    "invoice": "current",
    "payment": "todo",
}
# The English salesperson works with Odoo's own demo data, which keep no products on
# opportunities.
ENGLISH_PRODUCTS = {"E-COM07": 2, "FURN_5555": 4}

STATES = """
    Object.fromEntries([...document.querySelectorAll(".o_chain_segment")].map(
        (segment) => [segment.dataset.key, segment.dataset.state]
    ))
"""
TOO_WIDE = """
    [...document.querySelectorAll(".o_chain_bar, .o_chain_segment")]
        .filter((box) => box.scrollWidth > box.clientWidth + 1)
        .map((box) => box.innerText)
"""
QUIET = """
    !document.querySelector(".o_loading_indicator, .o_notification")
    && document.fonts.status === "loaded"
    && [...document.images].every((image) => image.complete)
"""


@pytest.fixture(scope="module")
def showcase(demo_databases):
    """A server on what `make run` shows: companies and users of the languages."""
    name = "test_showcase"
    demo_databases.copy(testing.DEMO, name)
    running = Server(demo_databases, name, testing.LOGS / "showcase.log")
    running.shell(run_server.SHOWCASE.read_text("utf-8"))
    running.make_api_keys(*(f"sales.{lang}" for lang in LANGUAGES))
    running.start()
    yield running
    running.stop()
    surprises = running.unexpected_lines()
    assert not surprises, "the server logged:\n" + "\n".join(surprises)


@pytest.fixture(params=LANGUAGES)
def sale(request, showcase):
    """``(language, opportunity id, order id)``: a sale that was just delivered."""
    lang = request.param
    seller = showcase.json2(f"sales.{lang}")
    lead = english_lead(seller) if lang == "en" else made_lead(seller, lang)
    for step in ("opportunity", "quotation", "order", "delivery"):
        told = seller.call("crm.lead", "chain_run_step", ids=[lead], step=step)
        assert not told["blocked"], (lang, step, told)
    [row] = seller.call("crm.lead", "read", ids=[lead], fields=["order_ids"])
    [order] = row["order_ids"]
    return lang, lead, order


def made_lead(seller, lang):
    [row] = seller.call(
        "crm.lead",
        "search_read",
        domain=[("line_ids", "!=", False), ("stage_id.is_won", "=", False)],
        fields=["id"],
        order="id",
        limit=1,
    )
    return row["id"]


def english_lead(seller):
    [row] = seller.call(
        "crm.lead",
        "search_read",
        domain=[("type", "=", "opportunity"), ("partner_id", "!=", False)],
        fields=["id"],
        order="id",
        limit=1,
    )
    note_products(seller, [row["id"]])
    return row["id"]


def note_products(seller, leads):
    codes = list(ENGLISH_PRODUCTS)
    products = seller.call(
        "product.product",
        "search_read",
        domain=[("default_code", "in", codes)],
        fields=["default_code"],
    )
    lines = [
        [0, 0, {"product_id": product["id"], "product_uom_qty": quantity}]
        for product in products
        for quantity in [ENGLISH_PRODUCTS[product["default_code"]]]
    ]
    assert len(lines) == len(codes)
    for lead in leads:
        seller.call("crm.lead", "write", ids=[lead], vals={"line_ids": lines})


@contextmanager
def window_of(showcase, lang, role="sales"):
    window = Browser(showcase.url)
    try:
        window.send(
            "Emulation.setDeviceMetricsOverride",
            **{"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1},
            mobile=False,
        )
        window.login(f"{role}.{lang}", "chain")
        yield window
    finally:
        window.close()
    assert not window.errors


def test_the_bar_on_opportunity_and_order(showcase, sale):
    lang, lead, order = sale
    with window_of(showcase, lang) as window:
        for kind, path in (("opportunity", f"crm/{lead}"), ("order", f"sales/{order}")):
            window.open(f"/odoo/{path}", ready=".o_form_view .o_chain_bar")
            check(window, lang)
            window.wait_until(QUIET)
            window.screenshot(PICTURES / f"{kind}-{lang}.png")


def check(window, lang):
    assert window.evaluate(STATES) == SEGMENTS
    assert window.count(".o_chain_bar[data-next=invoice] .o_chain_next") == 1
    check_direction(window, lang)
    assert window.evaluate(TOO_WIDE) == []


def check_direction(window, lang):
    direction = window.evaluate("getComputedStyle(document.body).direction")
    assert direction == ("rtl" if lang == "fa" else "ltr")


RUN = "/odoo/action-crm_pipeline_ext.crm_chain_run_action/{}"
STATE = (
    "document.querySelector('.o_statusbar_status [aria-checked=true]')?.dataset.value"
)
LINES = ".o_field_x2many_list .o_data_row"
# What the scheduled action does; the server of the tests has none.
WORK = """
run = env["crm.chain.run"].browse({run})
run.write({{"state": "running", "started_at": run.create_date}})
run.line_ids.state = "pending"
env.cr.commit()
print("STARTED")
"""
GO_ON = """
env["crm.chain.run"]._cron_process()
"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_is_seen_beforehand_and_watched(showcase, lang):
    seller = showcase.json2(f"sales.{lang}")
    leads = seller.call(
        "crm.lead",
        "search",
        domain=[("order_ids", "=", False), ("user_id.login", "=", f"sales.{lang}")],
        limit=8,
    )
    if lang == "en":
        note_products(seller, leads[:-2])
    action = seller.call("crm.lead", "action_chain_run", ids=leads)
    run = action["res_id"]
    seller.call("crm.chain.run", "write", ids=[run], vals={"last_step": "quotation"})
    with window_of(showcase, lang) as window:
        window.open(RUN.format(run), ready=".o_form_view .o_data_row")
        assert window.evaluate(STATE) == "previewed"
        assert window.count(LINES) == len(leads)
        check_direction(window, lang)
        window.wait_until(QUIET)
        window.screenshot(PICTURES / f"run-{lang}.png")
        showcase.shell(WORK.format(run=run))
        window.open(RUN.format(run), ready=".o_form_view .o_progress")
        assert window.evaluate(STATE) == "running"
        showcase.shell(GO_ON)
        window.wait_until(f"['done', 'errors'].includes({STATE})")
        [row] = seller.call(
            "crm.chain.run", "read", ids=[run], fields=["state", "pending_count"]
        )
        assert row["pending_count"] == 0
        assert window.evaluate(STATE) == row["state"]


# picture: whose, where, and what is there when it is ready
PIPELINE = {
    "pipeline": (
        "sales",
        "action-crm.crm_lead_action_pipeline",
        ".o_kanban_record .o_lead_next_action",
    ),
    "next-actions": ("sales", "next-actions", ".o_list_view .o_data_row"),
    "teams": (
        "manager",
        "action-sales_team.crm_team_action_pipeline",
        ".o_kanban_record .o_team_funnel",
    ),
    "funnel": (
        "manager",
        "action-crm_pipeline_ext.crm_funnel_report_action",
        ".o_pivot .o_pivot_cell_value",
    ),
}
CUT = """
    [...document.querySelectorAll(".o_lead_next_action, .o_chain_dots")]
        .filter((box) => box.scrollWidth > box.clientWidth + 1)
        .map((box) => box.innerText)
"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pipeline_one_acts_on(showcase, lang):
    for picture, (role, path, ready) in PIPELINE.items():
        with window_of(showcase, lang, role) as window:
            window.open(f"/odoo/{path}", ready=ready)
            check_direction(window, lang)
            assert window.evaluate(CUT) == []
            window.wait_until(QUIET)
            window.screenshot(PICTURES / f"{picture}-{lang}.png")


# One quotation that was sent, and whose prices have gone up since; one with a discount
# that waits for the manager.
QUOTE = """
from odoo.fields import Command
seller = env["res.users"].search([("login", "=", "sales.{lang}")])
manager = env["res.users"].search([("login", "=", "manager.{lang}")])
company = seller.company_id
Order = env["sale.order"].with_user(seller).with_context(
    lang=seller.lang, allowed_company_ids=company.ids
)
mine = [("user_id", "=", seller.id), ("partner_id", "!=", False)]
customer = env["crm.lead"].search(mine, order="id", limit=1).partner_id
chosen = [("company_id", "=", company.id)]
if "{lang}" == "en":
    chosen = [("default_code", "in", ("E-COM07", "FURN_5555"))]
products = env["product.product"].search(chosen, order="id", limit=2)

def quote(discount):
    lines = [
        {{"product_id": products[0].id, "product_uom_qty": 6, "discount": discount}},
        {{"product_id": products[1].id, "product_uom_qty": 2}},
    ]
    return Order.create(
        {{"partner_id": customer.id, "order_line": list(map(Command.create, lines))}}
    )

sent = quote(0)
if not sent.pricelist_id:
    sent.pricelist_id = env["product.pricelist"].create({{"name": "Retail"}})
sent.pricelist_id.sudo().item_ids = [
    Command.create(
        {{
            "applied_on": "0_product_variant",
            "product_id": products[0].id,
            "min_quantity": quantity,
            "compute_price": "percentage",
            "percent_price": percent,
        }}
    )
    for quantity, percent in ((5, 5), (12, 8))
]
sent._recompute_prices()
sent.action_quotation_sent()
sent.order_line[0].product_uom_qty = 8
sent.action_new_revision()
team = sent.sudo().team_id
team.write({{"user_id": manager.id, "discount_limited": True, "discount_limit": 15}})
asked = quote(20)
asked.sudo().team_id = team
asked.action_discount_request()
env.cr.commit()
env.registry.signal_changes()
print("ORDERS", sent.id, asked.id)
"""
DEARER = """
lines = env["sale.order"].browse({order}).order_line
for product in lines.product_id:
    product.with_company({company}).list_price *= 1.1
env.cr.commit()
"""
# picture: whose, which of the two, what to press, and what is there then
QUOTATIONS = {
    "price-why": ("sales", 0, [".o_price_why"], ".o_price_why_popover"),
    "revisions": (
        "sales",
        0,
        [
            "button[name=action_view_revisions]",
            ".o_data_row:last-child button[name=action_compare]",
        ],
        ".modal tr[data-kind=changed]",
    ),
    "discount": ("manager", 1, [], ".o-mail-Activity .o_discount_approve"),
    "drift": (
        "sales",
        0,
        [".o_statusbar_buttons button[name=action_confirm]"],
        ".modal button[name=action_refresh]",
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_quotation_one_can_answer_for(showcase, lang):
    said = showcase.shell(QUOTE.format(lang=lang))
    [line] = [line for line in said.splitlines() if line.startswith("ORDERS")]
    orders = line.split()[1:]
    for picture, (role, which, presses, ready) in QUOTATIONS.items():
        if picture == "drift":
            [row] = showcase.json2(f"sales.{lang}").call(
                "sale.order", "read", ids=[int(orders[0])], fields=["company_id"]
            )
            company = row["company_id"][0]
            showcase.shell(DEARER.format(order=orders[0], company=company))
        with window_of(showcase, lang, role) as window:
            window.open(f"/odoo/sales/{orders[which]}", ready=".o_form_view")
            for press in presses:
                window.click(press)
            window.wait_for(ready)
            check_direction(window, lang)
            window.wait_until(QUIET)
            window.screenshot(PICTURES / f"{picture}-{lang}.png")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_became_of_quotations(showcase, lang):
    with window_of(showcase, lang, "manager") as window:
        window.open(
            "/odoo/action-sale_quote_ext.sale_quotation_report_action",
            ready=".o_pivot .o_pivot_cell_value",
        )
        check_direction(window, lang)
        window.wait_until(QUIET)
        window.screenshot(PICTURES / f"quotations-{lang}.png")
