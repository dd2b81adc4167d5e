"""Our steps and core's own buttons, in any order: what must hold holds after each.

Hypothesis makes up examples: a few sales, each at some step, and then actions of ours
and of core in any order, of a salesperson and of a manager. After every action the
documents are read by SQL (`chain_facts.py`) and judged (`chain_laws.py`): the chain
step is what the documents say, nothing exists twice, goods and money are conserved.
After each of our steps also: what is done is done, what is blocked is untouched and has
a reason, a second call does nothing. An action that core refuses is a normal outcome.

`make test` runs the same few examples each time. For a long run with others:

    PROPERTY_EXAMPLES=500 PROPERTY_SEED=7 make test ONLY=tests/test_chain_property.py

takes about 2.5 s an example. A failure prints the shortest list of actions found that
leads to it; the same number of examples and seed find it again.
"""

import os
from contextlib import ExitStack
from functools import partial

import chain_core
import pytest
from chain_facts import STEPS, Facts
from chain_laws import Call, check_all
from chain_world import BASKETS, SALES, World
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.server import testing

from odoo.exceptions import AccessError, UserError

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES") or 16)
SEED = os.environ.get("PROPERTY_SEED")
ACTIONS = 25
PROFILE = settings(
    max_examples=EXAMPLES,
    stateful_step_count=ACTIONS,
    derandomize=not SEED,
    database=None,
    deadline=None,
    print_blob=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

# Which of the documents that fit; counted round, so that any number will do.
NTH = st.integers(0, 3)
SOME = st.lists(NTH, min_size=1, max_size=3, unique=True)
WHO = st.sampled_from(["boss", "seller"])
SHARES = st.sampled_from([0, 0.5, 1])
PIECES = st.integers(1, 8)

OPEN = ("draft", "waiting", "confirmed", "assigned")
QUOTATION = ("draft", "sent")


def button(model, states, method, given=lambda env: {}):
    """A rule that presses one of core's buttons on a document in one of the states.

    :param given: what the user gives with it, from the environment
    """

    def press(self, nth):
        record = self.pick(model, nth, *states)
        self.core(record, partial(getattr(record, method), **given(record.env)))

    press.__name__ = f"{model.replace('.', '_')}__{method}"
    fits = precondition(lambda self: self.having(model, *states))
    return fits(rule(nth=NTH)(press))


def lost_reason(env):
    return {"lost_reason_id": env.ref("crm.lost_reason_1").id}


def step_rule(step):
    """A rule that takes one of our steps for some of the leads at once."""

    def take(self, nths, who):
        leads = self.present_leads()
        self.chain("crm.lead", [leads[nth % len(leads)] for nth in nths], step, who)

    take.__name__ = f"step_{step}"
    return rule(nths=SOME, who=WHO)(take)


# How often an action is tried, if more often than others: what brings a sale on makes
# room for the rest. Hypothesis falls back on the first one often.
WEIGHTS = {
    "carry_on": 8,
    "step_of_orders": 3,
    "new_enquiry": 2,
    "sale_order__action_confirm": 3,
    "change_quantity": 4,
    "ship": 5,
    "return_goods": 2,
    "invoice": 3,
    "down_payment": 2,
    "account_move__action_post": 2,
    "refund": 3,
    "pay": 4,
    "unpay": 2,
}


def weight(one):
    return WEIGHTS.get(one.function.__name__, 1)


class EveryRule:
    """Stands in for Hypothesis's choice of rules."""

    @staticmethod
    def is_enabled(_name):
        return True


class Sales(RuleBasedStateMachine):
    """A few sales and all that people do to them, in a transaction of their own."""

    world: World

    def __init__(self):
        super().__init__()
        # Hypothesis leaves most kinds of actions out of most examples, to have many of
        # the others; a sale that gets on needs all kinds.
        strategy = self._rules_strategy
        strategy.enabled_rules_strategy = st.just(EveryRule)
        rules = sorted(strategy.rules, key=weight, reverse=True)
        strategy.rules = [one for one in rules for _time in range(weight(one))]
        self.stack = ExitStack()
        self.cr = self.stack.enter_context(self.world.example())
        # What core notes down of its own actions is of no interest, and takes long.
        self.env = self.world.env(self.cr, tracking_disable=True)
        self.leads = []

    def teardown(self):
        self.stack.close()

    @initialize(names=st.lists(st.sampled_from(sorted(SALES)), min_size=1, max_size=3))
    def begin(self, names):
        self.leads = sorted({self.world.leads[name] for name in names})
        self.look()

    # -- our steps -------------------------------------------------------------------

    convert = step_rule("opportunity")
    quote = step_rule("quotation")
    send = step_rule("send")
    order = step_rule("order")
    deliver = step_rule("delivery")
    bill = step_rule("invoice")
    send_bill = step_rule("send_invoice")
    collect = step_rule("payment")

    @precondition(lambda self: self.having("sale.order"))
    @rule(step=st.sampled_from(STEPS[3:]), nths=SOME, who=WHO)
    def step_of_orders(self, step, nths, who):
        orders = [self.pick("sale.order", nth).id for nth in nths]
        self.chain("sale.order", orders, step, who)

    @precondition(lambda self: self.unpaid_leads())
    @rule(nth=NTH, times=st.integers(1, 4), who=WHO)
    def carry_on(self, nth, times, who):
        """Each time the step that comes next, until one is blocked or the sale paid."""
        leads = self.unpaid_leads()
        lead, done = leads[nth % len(leads)], True
        while times and done and lead in self.unpaid_leads():
            step = STEPS[STEPS.index(self.facts.step(lead)) + 1]
            done = self.chain("crm.lead", [lead], step, who)
            times -= 1

    def unpaid_leads(self):
        leads = self.present_leads()
        return [lead for lead in leads if self.facts.step(lead) != STEPS[-1]]

    def chain(self, model, ids, step, who):
        """Take a step, compare what it did with what it says, and take it again.

        A record may be named twice: other programs do so. Gives back what was done.
        """
        before = self.facts
        answer = self.run_step(model, ids, step, who)
        note(f"    {model} {ids} {step}: {answer}")
        self.look()
        if answer is None:
            assert not before.differences(self.facts), "refused, but not undone"
            return []
        Call(model, ids, step, answer, before, self.facts).check()
        left = sorted(set(ids) & self.facts.ids(model.replace(".", "_")))
        again = self.run_step(model, left, step, who)
        assert not again["done"], f"done a second time: {again}"
        before, self.facts = self.facts, self.read()
        assert not before.differences(self.facts), "the second call changed something"
        return answer["done"]

    def run_step(self, model, ids, step, who):
        """The answer, or None where the user may not write one of the records."""
        records = self.world.env(self.cr, who)[model].browse(ids)
        try:
            with self.cr.savepoint():
                return records.chain_run_step(step)
        except AccessError:
            if who == "boss":
                raise
            assert not records.has_access("write")
            return None

    # -- core's own buttons ----------------------------------------------------------

    confirm = button("sale.order", QUOTATION, "action_confirm")
    cancel = button("sale.order", (*QUOTATION, "sale"), "action_cancel")
    back_to_quotation = button("sale.order", ("cancel", "sent"), "action_draft")
    mark_as_sent = button("sale.order", ("draft",), "action_quotation_sent")
    delete_order = button("sale.order", (*QUOTATION, "cancel"), "unlink")
    cancel_transfer = button("stock.picking", OPEN, "action_cancel")
    unreserve = button("stock.picking", OPEN, "do_unreserve")
    post = button("account.move", ("draft",), "action_post")
    back_to_draft = button("account.move", ("posted", "cancel"), "button_draft")
    cancel_invoice = button("account.move", ("draft", "posted"), "button_cancel")
    delete_invoice = button("account.move", ("draft", "cancel"), "unlink")
    lose = button("crm.lead", ("lead", "opportunity"), "action_set_lost", lost_reason)
    restore = button("crm.lead", ("archived",), "action_restore")
    win = button("crm.lead", ("opportunity",), "action_set_won")

    @rule(basket=st.integers(0, len(BASKETS) - 1), like=st.none() | NTH)
    def new_enquiry(self, basket, like):
        """From somebody new, or from somebody who has asked before."""
        mailbox = f"new.{len(self.leads)}@customers.example"
        if like is not None:
            mailbox = self.pick("crm.lead", like).email_from
        lead = self.world.make_lead(self.env, "new enquiry", mailbox, basket)
        self.leads.append(lead.id)
        self.look()

    @precondition(lambda self: len(self.present_leads()) > 1)
    @rule(nths=st.lists(NTH, min_size=2, max_size=3, unique=True))
    def merge(self, nths):
        leads = self.env["crm.lead"].union(*[self.pick("crm.lead", n) for n in nths])
        self.core(leads, leads.merge_opportunity)

    @precondition(lambda self: self.having("crm.lead", "lead"))
    @rule(nth=NTH)
    def convert_without_customer(self, nth):
        lead = self.pick("crm.lead", nth, "lead")
        self.core(lead, lambda: lead.convert_opportunity(False))

    @precondition(lambda self: self.having("sale.order", *QUOTATION, "sale"))
    @rule(nth=NTH, nth_line=NTH, pieces=st.sampled_from([7, 4, 9, 2, 0]))
    def change_quantity(self, nth, nth_line, pieces):
        order = self.pick("sale.order", nth, *QUOTATION, "sale")
        lines = order.order_line.filtered(lambda x: not x.is_downpayment)
        line = lines[nth_line % len(lines)]
        self.core(line, lambda: line.write({"product_uom_qty": pieces}))

    @precondition(lambda self: self.having("stock.picking", *OPEN))
    @rule(nth=NTH, share=SHARES, backorder=st.booleans())
    def ship(self, nth, share, backorder):
        picking = self.pick("stock.picking", nth, *OPEN)
        self.core(picking, lambda: chain_core.ship(picking, share, backorder))

    @precondition(lambda self: self.having("stock.picking", "done"))
    @rule(nth=NTH, pieces=PIECES, arrived=st.booleans())
    def return_goods(self, nth, pieces, arrived):
        picking = self.pick("stock.picking", nth, "done")
        self.core(picking, lambda: chain_core.return_goods(picking, pieces, arrived))

    @precondition(lambda self: self.having("sale.order", "sale"))
    @rule(nth=NTH, post=st.booleans())
    def invoice(self, nth, post):
        order = self.pick("sale.order", nth, "sale")
        self.core(order, lambda: chain_core.invoice(order, post))

    @precondition(lambda self: self.having("sale.order", "sale"))
    @rule(nth=NTH, percent=st.sampled_from([30, 60, 100]), post=st.booleans())
    def down_payment(self, nth, percent, post):
        order = self.pick("sale.order", nth, "sale")
        self.core(order, lambda: chain_core.down_payment(order, percent, post))

    @precondition(lambda self: self.having("account.move", "posted"))
    @rule(nth=NTH, replace=st.booleans(), post=st.booleans())
    def refund(self, nth, replace, post):
        move = self.pick("account.move", nth, "posted")
        self.core(move, lambda: chain_core.refund(move, replace, post))

    @precondition(lambda self: self.having("account.move", "posted"))
    @rule(nth=NTH, other=NTH)
    def settle(self, nth, other):
        moves = [self.pick("account.move", n, "posted") for n in (nth, other)]
        self.core(moves[0] | moves[1], lambda: chain_core.settle(*moves))

    @precondition(lambda self: self.having("account.move", "unpaid"))
    @rule(nth=NTH, share=st.sampled_from([0.5, 1]))
    def pay(self, nth, share):
        move = self.pick("account.move", nth, "unpaid")
        self.core(move, lambda: chain_core.pay(move, share))

    @precondition(lambda self: self.having("account.move", "posted"))
    @rule(nth=NTH)
    def unpay(self, nth):
        move = self.pick("account.move", nth, "posted")
        self.core(move, lambda: chain_core.unpay(move))

    @rule(name=st.sampled_from(["Pump", "Valve"]), pieces=st.integers(0, 20))
    def count_stock(self, name, pieces):
        product = self.env["product.product"].browse(self.world.products[name])
        self.core(product, lambda: chain_core.restock(self.env, product, pieces))

    def core(self, records, action):
        """An action of core's; a refusal is a normal outcome and undone."""
        names = ", ".join(records.mapped("display_name"))
        try:
            with self.cr.savepoint():
                action()
            note(f"    on {names}")
        except UserError as refusal:
            note(f"    on {names}, refused: {refusal}")
        self.look()

    # -- what there is ---------------------------------------------------------------

    def look(self):
        """Read all documents anew; what must hold holds."""
        self.facts = self.read()
        check_all(self.facts)
        self.check_recomputed()

    def check_recomputed(self):
        """Reading all documents anew changes no step."""
        leads = self.env["crm.lead"].browse(self.present_leads())
        self.env.invalidate_all()
        self.env.add_to_compute(leads._fields["chain_step"], leads)
        for lead in leads:
            stored = self.facts.rows["crm_lead"][lead.id]["chain_step"]
            assert lead.chain_step == stored, f"{lead.name}: {stored} was stored"

    def read(self):
        self.env.flush_all()
        return Facts(self.cr, self.world.first)

    def present_leads(self):
        return [lead for lead in self.leads if lead in self.facts.rows["crm_lead"]]

    def rows(self, model):
        """The documents of this example's sales, oldest first."""
        facts = self.facts
        leads = self.present_leads()
        orders = [order for lead in leads for order in facts.orders_of[lead]]
        keys = [order["id"] for order in orders]
        found = {
            "crm.lead": lambda: [facts.rows["crm_lead"][lead] for lead in leads],
            "sale.order": lambda: orders,
            "stock.picking": lambda: [x for k in keys for x in facts.pickings_of[k]],
            "account.move": lambda: [
                x for k in keys for x in facts.invoices_of.get(k, ())
            ],
        }[model]()
        return sorted(found, key=lambda row: row["id"])

    def having(self, model, *states):
        rows = self.rows(model)
        return [row["id"] for row in rows if not states or states_of(row) & {*states}]

    def pick(self, model, nth, *states):
        found = self.having(model, *states)
        return self.env[model].browse(found[nth % len(found)])


def states_of(row):
    """What a document counts as; a lead as its type, unless it is archived."""
    if "state" not in row:
        return {row["type"] if row["active"] else "archived"}
    unpaid = row["state"] == "posted" and row.get("amount_residual")
    return {row["state"], "unpaid"} if unpaid else {row["state"]}


@pytest.fixture(scope="module")
def world(demo_databases):
    name = "test_property"
    demo_databases.copy(testing.DEMO, name)
    world = World(demo_databases.conf, name)
    yield world
    world.close()
    demo_databases.drop(name)


def test_what_must_hold_holds_whatever_is_done(world):
    machine = type("Sales", (Sales,), {"world": world})
    if SEED:
        machine = seed(int(SEED))(machine)
    run_state_machine_as_test(machine, settings=PROFILE)
