"""The server that `make run` gives: it answers, users get in, nothing is amiss."""

import pytest
from support.clients import Refused, direct


def test_the_login_page_answers(server):
    with direct.open(f"{server.url}/web/login", timeout=60) as page:
        assert page.status == 200
        assert b"oe_login_form" in page.read()


def test_the_database_manager_is_off(server):
    """odoo.conf hides it from visitors."""
    with direct.open(f"{server.url}/web/database/manager", timeout=60) as page:
        assert b"disabled by the administrator" in page.read()


def test_all_our_addons_are_installed(server):
    from support.server import testing

    found = server.json2().call(
        "ir.module.module",
        "search_read",
        domain=[("name", "in", testing.addons.names())],
        fields=["name", "state"],
    )
    assert {row["name"]: row["state"] for row in found} == {
        name: "installed" for name in testing.addons.names()
    }


def test_the_three_languages_are_active(server):
    found = server.xmlrpc().call("res.lang", "search_read", [], fields=["code"])
    assert {"en_US", "fa_IR", "mn_MN"} <= {row["code"] for row in found}


def test_json2_needs_a_right_key(server):
    from support.clients import Json2

    stranger = Json2(server.url, server.database, "not-a-key")
    with pytest.raises(Refused) as refusal:
        stranger.call("res.users", "search_read", domain=[], fields=["login"])
    assert refusal.value.status == 401
    server.expect("odoo.http: (Invalid apikey|Session expired|.*401)")


def test_xmlrpc_needs_a_right_password(server):
    with pytest.raises(Refused):
        server.xmlrpc("admin", "wrong")


def test_a_person_logs_in(server, browser):
    browser.login("admin", "admin")
    assert browser.count(".o_main_navbar, .o_navbar")


@pytest.mark.parametrize(
    ("language", "direction"), [("en_US", "ltr"), ("fa_IR", "rtl"), ("mn_MN", "ltr")]
)
def test_the_client_loads_in_each_language(server, browser, language, direction):
    """Persian also needs rtlcss: its style sheets come turned round."""
    server.json2().call("res.users", "write", ids=[2], vals={"lang": language})
    try:
        browser.login("admin", "admin")
        style = "getComputedStyle(document.body).direction"
        browser.wait_until(f"{style} === {direction!r}")
    finally:
        server.json2().call("res.users", "write", ids=[2], vals={"lang": "en_US"})
