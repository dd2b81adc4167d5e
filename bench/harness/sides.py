"""Sides that do the chain by methods, the whole set step by step.

A side has a ``name`` and one method per step that takes an environment and the
numbers of its leads; ``walk`` gives each step its transaction and measures it.
Further sides (core in batch, other addons) are further subclasses.
"""

from odoo import Command, api
from odoo.modules.registry import Registry

from . import steps
from .seed import LOGIN, PRODUCTS, QUANTITIES


class Side:
    """A way to do the chain, on one database as the bench user."""

    name = ""
    steps = steps.STEPS

    def __init__(self, database, probe):
        self.registry = Registry(database)
        self.probe = probe
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.uid = env["res.users"].search([("login", "=", LOGIN)]).id
            self.products = env["product.product"].search(
                [("name", "in", [name for name, __ in PRODUCTS])], order="list_price"
            )
        self.leads = []

    def walk(self, numbers):
        """Take the leads of these numbers through every step."""
        self.leads = []
        for step in self.steps:
            with self.probe.step(step, records=len(numbers)):
                self._take(step, numbers)

    def _take(self, step, numbers):
        """Take one step for all leads; by default in one transaction."""
        with self._transaction() as env:
            getattr(self, f"_{step}")(env, numbers)

    def _transaction(self):
        return _Transaction(self)


class _Transaction:
    """A measured transaction with an empty cache, as one request has."""

    def __init__(self, side):
        self._side = side

    def __enter__(self):
        self._measured = self._side.probe.request()
        self._measured.__enter__()
        self._cr = self._side.registry.cursor()
        return api.Environment(self._cr, self._side.uid, {})

    def __exit__(self, *error):
        try:
            self._cr.__exit__(*error)
        finally:
            self._measured.__exit__(*error)


def lead_values(number):
    """Values of the lead of this number, as typed or imported."""
    return {
        "name": f"Enquiry {number}",
        "type": "lead",
        "partner_name": f"Company {number}",
        "contact_name": f"Buyer {number}",
        "email_from": f"buyer{number}@company{number}.example.com",
        "phone": f"+1 650-555-{number % 10_000:04d}",
    }


class CoreLoop(Side):
    """Core's methods, one record and one step per transaction."""

    name = "core loop"

    def _take(self, step, numbers):
        for position, number in enumerate(numbers):
            with self._transaction() as env:
                getattr(self, f"_{step}")(env, position, number)

    def _lead(self, env, position, number):
        self.leads.append(env["crm.lead"].create(lead_values(number)).id)

    def _convert(self, env, position, number):
        lead_id = self.leads[position]
        context = {"active_id": lead_id, "active_ids": [lead_id]}
        wizards = env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", **context
        )
        wizards.create({"name": "convert", "action": "create"}).action_apply()

    def _quotation(self, env, position, number):
        lead = env["crm.lead"].browse(self.leads[position])
        context = lead._prepare_opportunity_quotation_context()
        lines = [
            Command.create({"product_id": product.id, "product_uom_qty": quantity})
            for product, quantity in zip(self.products, QUANTITIES, strict=True)
        ]
        orders = env["sale.order"].with_context(context)
        orders.create({"order_line": lines})

    def _send(self, env, position, number):
        order = self._order(env, position)
        template = order._find_mail_template()
        order.with_context(mark_so_as_sent=True)._send_order_notification_mail(template)

    def _confirm(self, env, position, number):
        self._order(env, position).action_confirm()

    def _delivery(self, env, position, number):
        self._order(env, position).picking_ids.button_validate()

    def _invoice(self, env, position, number):
        self._order(env, position)._create_invoices()

    def _post(self, env, position, number):
        self._order(env, position).invoice_ids.action_post()

    def _payment(self, env, position, number):
        invoice = self._order(env, position).invoice_ids
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        wizards = env["account.payment.register"].with_context(**context)
        wizards.create({}).action_create_payments()

    def _order(self, env, position):
        return env["crm.lead"].browse(self.leads[position]).order_ids


class OursBatch(Side):
    """Our chain, each step once for the whole recordset; it posts as it invoices."""

    name = "our batch"
    keys = {
        steps.CONVERT: "opportunity",
        steps.QUOTATION: "quotation",
        steps.SEND: "send",
        steps.CONFIRM: "order",
        steps.DELIVERY: "delivery",
        steps.INVOICE: "invoice",
        steps.PAYMENT: "payment",
    }
    steps = (steps.LEAD, *keys)

    def _take(self, step, numbers):
        with self._transaction() as env:
            if step == steps.LEAD:
                self._create_leads(env, numbers)
            else:
                self._run_step(env["crm.lead"].browse(self.leads), self.keys[step])

    def _create_leads(self, env, numbers):
        lines = [
            Command.create({"product_id": product.id, "product_uom_qty": quantity})
            for product, quantity in zip(self.products, QUANTITIES, strict=True)
        ]
        values = [{**lead_values(number), "line_ids": lines} for number in numbers]
        self.leads = env["crm.lead"].create(values).ids

    def _run_step(self, leads, key):
        result = leads.chain_run_step(key)
        if result["blocked"] or len(result["done"]) != len(leads):
            raise RuntimeError(f"step {key!r} did not take every lead: {result}")
