"""Whatever another program sends to our public methods, it gets a sentence it can act
on and nothing is written.
"""

import pytest
from chain_run import world_of
from support.clients import Refused

HUGE = list(range(10_000_000, 10_020_000))
METHODS = {
    "crm.lead": ("chain_run_step", "action_chain_step", "action_chain_next"),
    "sale.order": ("chain_run_step", "action_chain_step", "action_chain_next"),
    "crm.chain.run": (
        "action_preview",
        "action_start",
        "action_retry",
        "action_cancel",
    ),
    "crm.chain.run.line": ("action_open",),
}
STEPPING = ("chain_run_step", "action_chain_step")
CALLS = [
    *((model, method) for model, methods in METHODS.items() for method in methods),
    ("crm.lead", "action_chain_run"),
    ("sale.order", "action_chain_run"),
    ("crm.lead", "action_done_and_plan_next"),
    ("crm.lead", "action_done_and_plan_proposed"),
    ("crm.lead.plan.next", "action_confirm"),
    ("crm.team", "action_chain_policy"),
    ("crm.lead", "action_take_known_customer"),
    ("crm.lead", "action_meeting_outcome"),
    ("calendar.event", "action_outcome"),
    ("crm.meeting.outcome", "action_apply"),
    ("crm.funnel.report", "action_open"),
    ("crm.forecast.report", "action_open"),
    ("sale.order", "action_discount_request"),
    ("sale.order", "action_discount_approve"),
    ("sale.order", "action_discount_refuse"),
    ("sale.discount.refuse", "action_refuse"),
    ("sale.order", "explain_price"),
    ("level.proposal", "action_apply"),
    ("sale.order", "action_validity_extend"),
    ("sale.order", "action_quotation_refresh"),
    ("sale.order", "action_new_revision"),
    ("sale.order", "action_view_revisions"),
    ("sale.order.revision", "action_compare"),
    ("sale.quotation.drift", "action_accept"),
    ("sale.quotation.drift", "action_refresh"),
    ("crm.lead", "action_update_line_prices"),
    ("crm.lead", "action_take_back"),
    ("sale.order", "action_take_back"),
    ("sale.order.take.back", "action_apply"),
    ("crm.lead", "action_send_many"),
    ("sale.order", "action_send_many"),
    ("sale.order.send", "action_send"),
    ("sale.quotation.report", "action_open"),
]
WRONG_IDS = {
    "missing": [987_654_321],
    "negative": [-1],
    "zero": [0],
    "text": ["1"],
    "nothing": [None],
    "nested": [[1]],
    "fraction": [1.5],
    "huge": HUGE,
    "too large for the database": [2**40],
}
MODELS = (
    "crm.lead",
    "crm.chain.run",
    "crm.chain.run.line",
    "crm.chain.policy",
    "sale.order",
    "res.partner",
    "account.move",
    "stock.picking",
    "mail.message",
)
INTERNALS = ("psycopg2", "Traceback", "SELECT ", "KeyError", "TypeError")


@pytest.fixture(scope="module")
def world(server):
    world = world_of(server)
    # Odoo logs what it refuses, and so each of these refusals.
    server.expect(r"odoo\.http: ")
    return world


@pytest.fixture(scope="module")
def rows(world):
    """``rows()``: how many records there are of each model, and the last change."""
    admin = world.books.admin
    everything = {"domain": [], "context": {"active_test": False}}
    last = {"fields": ["write_date"], "order": "write_date desc, id desc", "limit": 1}

    def count():
        return {
            model: (
                admin.call(model, "search_count", **everything),
                admin.call(model, "search_read", **everything, **last),
            )
            for model in MODELS
        }

    return count


@pytest.fixture(scope="module")
def run(world):
    """A run of a lead of the salesperson's own."""
    lead = {"name": "Input", "type": "lead", "user_id": world.users["sara"]}
    [lead_id] = world.seller.call("crm.lead", "create", vals_list=[lead])
    vals = {"res_model": "crm.lead", "line_ids": [[0, 0, {"res_id": lead_id}]]}
    [run_id] = world.seller.call("crm.chain.run", "create", vals_list=[vals])
    return {"lead": lead_id, "run": run_id}


@pytest.fixture(scope="module")
def elsewhere(world):
    """A lead of a company the salesperson does not belong to."""
    [company] = world.books.admin.call(
        "res.company", "create", vals_list=[{"name": "Elsewhere"}]
    )
    lead = {"name": "Elsewhere", "type": "lead", "company_id": company}
    return world.books.admin.call("crm.lead", "create", vals_list=[lead])


def refused(client, model, method, **arguments):
    """The words of the refusal there must be; none of them is a program's."""
    with pytest.raises(Refused) as caught:
        client.call(model, method, **arguments)
    refusal = caught.value
    assert 400 <= refusal.status < 500, (model, method, arguments, refusal)
    assert refusal.message.strip(), refusal
    assert not any(word in refusal.message for word in INTERNALS), refusal
    return refusal.message


def arguments_of(method):
    return {"step": "opportunity"} if method in STEPPING else {}


@pytest.mark.parametrize("kind", WRONG_IDS)
def test_wrong_ids_are_refused(world, rows, kind):
    before = rows()
    for client in (world.seller, world.books.admin):
        for model, method in CALLS:
            refused(
                client, model, method, ids=WRONG_IDS[kind], **arguments_of(method)
            )
    assert rows() == before


@pytest.mark.parametrize("step", [None, "", "nonsense", 7, ["opportunity"], {"a": 1}])
def test_wrong_steps_are_refused(world, rows, run, step):
    before = rows()
    for method in STEPPING:
        ids = [run["lead"]]
        message = refused(world.seller, "crm.lead", method, ids=ids, step=step)
        assert "opportunity" in message
    assert rows() == before


def test_nothing_selected_is_refused_or_does_nothing(world, rows):
    before = rows()
    refused(world.seller, "crm.lead", "action_chain_run")
    told = world.seller.call("crm.lead", "chain_run_step", step="opportunity")
    assert told == {"done": [], "blocked": {}}
    assert rows() == before


def test_without_rights_nothing_is_done(world, rows, run):
    before = rows()
    for model, method in CALLS:
        ids = [run["run"] if model == "crm.chain.run" else run["lead"]]
        if model in ("crm.lead", "crm.chain.run"):
            arguments = arguments_of(method)
            refused(world.accountant, model, method, ids=ids, **arguments)
    assert rows() == before


def test_leads_of_another_company_are_out_of_reach(world, rows, elsewhere):
    before = rows()
    for model, method in CALLS:
        if model == "crm.lead":
            refused(world.seller, model, method, ids=elsewhere, **arguments_of(method))
    assert rows() == before


@pytest.mark.parametrize(
    "vals",
    [
        {},
        {"res_model": "res.users"},
        {"res_model": 7},
        {"res_model": "crm.lead", "user_id": 2},
        {"res_model": "crm.lead", "state": "running"},
        {"res_model": "crm.lead", "last_step": "nonsense"},
        {"res_model": "crm.lead", "line_ids": [[0, 0, {"res_id": 987654321}]]},
        {"res_model": "crm.lead", "line_ids": [[0, 0, {"res_id": "x"}]]},
        {"res_model": "crm.lead", "line_ids": [[0, 0, {"res_id": None}]]},
        {"res_model": "crm.lead", "line_ids": [[0, 0, {}]]},
        {"res_model": "crm.lead", "line_ids": [[0, 0, {"res_id": 1, "state": "done"}]]},
        {"res_model": "crm.lead", "line_ids": [[4, 1]]},
    ],
    ids=str,
)
def test_wrong_runs_are_not_created(world, rows, run, vals):
    before = rows()
    refused(world.seller, "crm.chain.run", "create", vals_list=[vals])
    assert rows() == before


@pytest.mark.parametrize(
    "vals",
    [{"state": "done"}, {"user_id": 2}, {"line_ids": []}, {"res_model": "sale.order"}],
    ids=str,
)
def test_runs_are_not_rewritten(world, rows, run, vals):
    before = rows()
    refused(world.seller, "crm.chain.run", "write", ids=[run["run"]], vals=vals)
    assert rows() == before


PUBLIC_METHODS = """
for name in {models!r}:
    owners = {{}}
    for parent in type(env[name]).__mro__:
        for key, value in vars(parent).items():
            if callable(value) and not key.startswith("_"):
                owners.setdefault(key, []).append(parent.__module__)
    for key, modules in owners.items():
        if all(module.startswith({ours!r}) for module in modules):
            print("METHOD", name, key)
"""
OURS = ("odoo.addons.crm_pipeline_ext", "odoo.addons.sale_quote_ext") + (
    "odoo.addons.sale_stock_invoice_link",
)


def test_every_public_method_of_ours_is_tried_here(world):
    """A new public method of the chain joins this test."""
    models = sorted({"crm.chain.policy", *(model for model, _method in CALLS)})
    script = PUBLIC_METHODS.format(models=models, ours=OURS)
    printed = world.server.shell(script).splitlines()
    found = {tuple(line.split()[1:]) for line in printed if line.startswith("METHOD")}
    assert found == set(CALLS)
