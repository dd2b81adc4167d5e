"""The chain bar as people see it, in each language; the pictures of the documentation.

The pictures go to .cache/screenshots; UPDATE_SCREENSHOTS=1 puts them in docs/images.
"""

import os

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
    seller.call("crm.lead", "write", ids=[row["id"]], vals={"line_ids": lines})
    return row["id"]


def test_the_bar_on_opportunity_and_order(showcase, sale):
    lang, lead, order = sale
    window = Browser(showcase.url)
    try:
        window.send(
            "Emulation.setDeviceMetricsOverride",
            **{"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1},
            mobile=False,
        )
        window.login(f"sales.{lang}", "chain")
        for kind, path in (("opportunity", f"crm/{lead}"), ("order", f"sales/{order}")):
            window.open(f"/odoo/{path}", ready=".o_form_view .o_chain_bar")
            check(window, lang)
            window.wait_until(QUIET)
            window.screenshot(PICTURES / f"{kind}-{lang}.png")
    finally:
        window.close()
    assert not window.errors


def check(window, lang):
    assert window.evaluate(STATES) == SEGMENTS
    assert window.count(".o_chain_bar[data-next=invoice] .o_chain_next") == 1
    direction = window.evaluate("getComputedStyle(document.body).direction")
    assert direction == ("rtl" if lang == "fa" else "ltr")
    assert window.evaluate(TOO_WIDE) == []
