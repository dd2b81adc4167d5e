"""What README.md promises: its example works, its logins, links and commands exist."""

import ast
import json
import re
import subprocess

import pytest
from support.server import ROOT, odoo_command, odoo_log, run_server, testing

README = ROOT / "README.md"
NAME = "readme_example"
DATABASE = "test_readme"

MANIFEST = {
    "name": "Example of the README",
    "author": "You",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["sale_quote_ext"],
}

# Walks a small and a large quotation to the order; prints what happened as JSON.
WALK = """
import json
from odoo.tests import new_test_user

groups = "sales_team.group_sale_salesman"
seller = new_test_user(env, "readme_seller", groups=groups)
boss = new_test_user(env, "readme_boss", groups="sales_team.group_sale_manager")
customer = env["res.partner"].create({"name": "Sara", "email": "sara@example.com"})
product = env["product.product"].create({"name": "Pump", "list_price": 100})
leads = env["crm.lead"].create([
    {
        "name": f"README {quantity}",
        "type": "opportunity",
        "partner_id": customer.id,
        "user_id": seller.id,
        "line_ids": [(0, 0, {"product_id": product.id, "product_uom_qty": quantity})],
    }
    for quantity in (1, 1000)
]).with_user(seller)
small, large = leads
names = {str(lead.id): lead.name for lead in leads}

def take(records, step):
    result = records.chain_run_step(step)
    env.flush_all()
    return {
        "done": [names[str(lead_id)] for lead_id in result["done"]],
        "blocked": {names[key]: why for key, why in result["blocked"].items()},
    }

told = {"steps": leads._chain_steps()}
take(leads, "quotation")
leads.order_ids.action_quotation_sent()
told["next"] = small.chain_bar["next"]["step"]
told["approve"] = take(leads, "approve")
told["again"] = take(small, "approve")
told["boss"] = take(large.with_user(boss), "approve")
told["approved"] = leads.mapped("chain_step")
small.order_ids.client_order_ref = "PO 17"
told["order"] = take(leads, "order")
told["end"] = leads.mapped("chain_step")
env.cr.commit()
print("TOLD", json.dumps(told))
"""

# Everything an addon leaves in a database carries its name, or that of its field.
TRACES = {
    "records": "SELECT count(*) FROM ir_model_data WHERE module = 'readme_example'",
    "columns": "SELECT count(*) FROM information_schema.columns "
    "WHERE table_name = 'sale_order' AND column_name = 'approved'",
    "fields": "SELECT count(*) FROM ir_model_fields "
    "WHERE model = 'sale.order' AND name = 'approved'",
    "choices": "SELECT count(*) FROM ir_model_fields_selection "
    "WHERE value = 'approve'",
    "leads": "SELECT count(*) FROM crm_lead WHERE chain_step = 'approve'",
}
WHERE_THEY_ARE = (
    "SELECT chain_step FROM crm_lead WHERE name LIKE 'README %' ORDER BY id"
)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """An addons path with the addon that README.md describes, word for word."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    assert len(blocks) == 2
    folder = tmp_path_factory.mktemp("addons")
    addon = folder / NAME
    addon.mkdir()
    (addon / "__manifest__.py").write_text(repr(MANIFEST), "utf-8")
    (addon / "__init__.py").write_text("from . import models\n", "utf-8")
    (addon / "models.py").write_text("\n\n".join(blocks), "utf-8")
    return folder


class Odoo:
    """Odoo's own commands, with the example on the addons path."""

    def __init__(self, databases, more_addons):
        self.databases = databases
        path = databases.options["addons_path"]
        self.path = f"--addons-path={path},{more_addons}"

    def __call__(self, command, *arguments, script=None):
        process = odoo_command.start(
            self.databases.conf,
            *(self.path, *command.split(), "-d", DATABASE, *arguments),
            cluster=self.databases.cluster,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        printed, _nothing = process.communicate(script)
        assert process.returncode == 0, printed[-4000:]
        assert not odoo_log.unexpected(printed)
        return printed

    def count(self, query):
        [[number]] = self.databases.sql(query, database=DATABASE)
        return number


@pytest.fixture(scope="module")
def odoo(demo_databases, example):
    demo_databases.copy(testing.DEMO, DATABASE)
    odoo = Odoo(demo_databases, example)
    odoo("server", "-i", NAME, "--stop-after-init", "--no-http")
    return odoo


@pytest.fixture(scope="module")
def told(odoo):
    printed = odoo("shell", "--no-http", script=WALK)
    [line] = re.findall(r"^TOLD (.*)$", printed, re.M)
    return json.loads(line)


def test_the_example_adds_its_step_at_its_place(told):
    place = told["steps"].index("approve")
    assert told["steps"][place - 1 : place + 2] == ["send", "approve", "order"]
    assert told["next"] == "approve"


def test_the_examples_step_is_done_once_and_blocked_for_some(told):
    reason = "Above 10,000. Ask a manager to approve it."
    assert told["approve"] == {
        "done": ["README 1"],
        "blocked": {"README 1000": [reason]},
    }
    assert told["again"] == {"done": [], "blocked": {}}
    assert told["boss"] == {"done": ["README 1000"], "blocked": {}}
    assert told["approved"] == ["approve", "approve"]


def test_the_example_changes_a_step_of_ours(told):
    assert told["order"] == {
        "done": ["README 1"],
        "blocked": {"README 1000": ["Enter the customer's order number first."]},
    }
    assert told["end"] == ["order", "approve"]


def test_the_example_leaves_no_trace(odoo, told):
    before = {what: odoo.count(query) for what, query in TRACES.items()}
    assert all(before.values()), before
    odoo("module uninstall", NAME)
    assert {what: odoo.count(query) for what, query in TRACES.items()} == dict.fromkeys(
        TRACES, 0
    )
    steps = odoo.databases.sql(WHERE_THEY_ARE, database=DATABASE)
    assert steps == [["order"], ["send"]]


def test_the_logins_are_those_of_the_showcase():
    tree = ast.parse(run_server.SHOWCASE.read_text("utf-8"))
    constants = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if target.id in ("PASSWORD", "USERS")
    }
    logins = {
        f"{role}.{lang}" for lang, roles in constants["USERS"].items() for role in roles
    }
    text = README.read_text("utf-8")
    table = text[text.index("### Logins") :].split("\n\n")[2]
    assert set(re.findall(r"`([\w.]+)`", table)) == logins
    assert f"The password of all of them is `{constants['PASSWORD']}`" in text


@pytest.mark.parametrize(
    "page",
    [README, *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("*/*/README.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
    missing = [
        target
        for target in targets
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not missing


def test_every_make_command_of_the_readme_exists():
    rules = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    named = re.findall(r"`make (\w+)`|^    make (\w+)", README.read_text("utf-8"), re.M)
    assert {name for pair in named for name in pair if name} <= set(rules)
