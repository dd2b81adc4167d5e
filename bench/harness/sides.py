"""Sides that do the chain by methods, the whole set step by step.

A side has a ``name`` and one method per step, which takes an environment and the
numbers of its leads; ``take`` measures it. Another side is another subclass.
"""

from odoo import Command, api
from odoo.modules.module import Manifest
from odoo.modules.registry import Registry

from . import steps
from .seed import LOGIN, PRODUCTS, QUANTITIES

OCA = "sale_automatic_workflow"
MAIL_LAYOUT = "mail.mail_notification_layout_with_responsible_signature"


class Side:
    """A way to do the chain, on one database as the bench user."""

    name = ""
    steps = steps.STEPS

    def __init__(self, database, probe):
        self.database = database
        self.registry = Registry(database)
        self.probe = probe
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.uid = env["res.users"].search([("login", "=", LOGIN)]).id
            self.products = env["product.product"].search(
                [("name", "in", [name for name, *__ in PRODUCTS])],
                order="list_price",
            )
        self.numbers, self.leads = (), {}

    def start(self, numbers):
        """Begin chains for leads of these numbers."""
        self.numbers, self.leads = list(numbers), {}

    def take(self, step):
        """Take the started chains through one step, measured."""
        if step in self.steps:
            with self.probe.step(step, records=len(self.numbers)):
                for numbers in self._portions():
                    with self._transaction() as env:
                        self._do(step, env, numbers)
                if step == steps.SEND:
                    self._empty_mail_queue()

    def _empty_mail_queue(self):
        """Send what was left to the mail queue; that too is a cost of sending."""
        with self._transaction() as env:
            env(user=api.SUPERUSER_ID)["mail.mail"].process_email_queue()

    def _portions(self):
        """Return the lists of numbers that a transaction each takes."""
        return [self.numbers]

    def _do(self, step, env, numbers):
        getattr(self, f"_{step}")(env, numbers)

    def _create_leads(self, env, numbers, **values):
        created = env["crm.lead"].create([lead_values(n) | values for n in numbers])
        self.leads.update(zip(numbers, created.ids, strict=True))

    def _leads(self, env, numbers):
        return env["crm.lead"].browse([self.leads[number] for number in numbers])

    def _lines(self):
        """Return commands for the lines of a lead or a quotation."""
        return [
            Command.create({"product_id": product.id, "product_uom_qty": quantity})
            for product, quantity in zip(self.products, QUANTITIES, strict=True)
        ]

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


class CoreBatch(Side):
    """Core's methods and wizards, each once for the whole recordset."""

    name = "core batch"

    def _lead(self, env, numbers):
        self._create_leads(env, numbers)

    def _convert(self, env, numbers):
        leads = self._leads(env, numbers)
        wizards = env["crm.lead2opportunity.partner.mass"].with_context(
            active_model="crm.lead", active_ids=leads.ids
        )
        wizards.create({}).action_mass_convert()

    def _quotation(self, env, numbers):
        leads = self._leads(env, numbers)
        env["sale.order"].create([self._quotation_values(lead) for lead in leads])

    def _quotation_values(self, lead):
        """Return what core puts on the form of a new quotation, and the lines."""
        context = lead._prepare_opportunity_quotation_context()
        defaults = {key.removeprefix("default_"): context[key] for key in context}
        return {**defaults, "order_line": self._lines()}

    def _send(self, env, numbers):
        """What ``_send_order_notification_mail`` does to a single order."""
        orders = self._orders(env, numbers)
        orders.with_context(
            mark_so_as_sent=True, force_send=True
        ).message_post_with_source(
            orders[0]._find_mail_template(),
            email_layout_xmlid=MAIL_LAYOUT,
            subtype_xmlid="mail.mt_comment",
        )

    def _confirm(self, env, numbers):
        """Confirm, and win the opportunity, which core leaves to a button."""
        self._orders(env, numbers).action_confirm()
        self._leads(env, numbers).action_set_won()

    def _delivery(self, env, numbers):
        self._orders(env, numbers).picking_ids.button_validate()

    def _invoice(self, env, numbers):
        self._orders(env, numbers)._create_invoices()

    def _post(self, env, numbers):
        self._orders(env, numbers).invoice_ids.action_post()

    def _payment(self, env, numbers):
        invoices = self._orders(env, numbers).invoice_ids
        wizards = env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices.ids
        )
        wizards.create({}).action_create_payments()

    def _orders(self, env, numbers):
        return self._leads(env, numbers).order_ids


class CoreLoop(CoreBatch):
    """The same methods for one record at a time, each call in its transaction."""

    name = "core loop"

    def _portions(self):
        return [[number] for number in self.numbers]

    def _convert(self, env, numbers):
        lead = self._leads(env, numbers)
        wizards = env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        )
        wizards.create({"name": "convert", "action": "create"}).action_apply()


class OcaWorkflow(CoreBatch):
    """OCA's ``sale_automatic_workflow`` from confirmation to payment.

    Its scheduled job does in one transaction what the process of an order allows.
    The process is changed on the way, so that each step can be measured. What the
    addon does not do, core does in batch: the delivery at the end.
    """

    name = "OCA"
    allows = {
        steps.CONFIRM: "validate_order",
        steps.INVOICE: "create_invoice",
        steps.POST: "validate_invoice",
        steps.PAYMENT: "register_payment",
    }

    @classmethod
    def available(cls):
        """Whether the addon is on the addons path."""
        return bool(Manifest.for_addon(OCA, display_warning=False))

    def __init__(self, database, probe):
        super().__init__(database, probe)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            process = env.ref(f"{OCA}.automatic_validation")
            process.send_order_confirmation_mail = False
            # by itself it takes drafts alone, and ours have been sent
            process.order_filter_id.domain = "[('state', 'in', ['draft', 'sent'])]"
            process.property_payment_journal_id = env["account.journal"].search(
                [("type", "=", "bank")], limit=1
            )
            self.process_id = process.id
        self._job_env = None

    def take(self, step):
        """Run the job for its steps; the delivery waits for the last of them."""
        if step in self.allows:
            self._run_job(step)
        elif step != steps.DELIVERY:
            super().take(step)
        if step == steps.PAYMENT:
            super().take(steps.DELIVERY)

    def _run_job(self, step):
        if step == steps.CONFIRM:
            cr = self.registry.cursor()
            self._job_env = api.Environment(cr, api.SUPERUSER_ID, {})
        env = self._job_env
        env["sale.workflow.process"].browse(self.process_id).write(
            {flag: allowed == step for allowed, flag in self.allows.items()}
        )
        env.flush_all()
        with self.probe.step(step, records=len(self.numbers)), self.probe.request():
            env["automatic.workflow.job"].run()
            if step == steps.CONFIRM:
                self._leads(env, self.numbers).action_set_won()
            env.flush_all()
            if step == steps.PAYMENT:
                env.cr.commit()
                env.cr.close()

    def _quotation_values(self, lead):
        return {
            **super()._quotation_values(lead),
            "workflow_process_id": self.process_id,
        }


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

    def _do(self, step, env, numbers):
        if step == steps.LEAD:
            self._create_leads(env, numbers, line_ids=self._lines())
        else:
            self._run_step(self._leads(env, numbers), self.keys[step])

    def _run_step(self, leads, key):
        result = leads.chain_run_step(key)
        if result["blocked"] or len(result["done"]) != len(leads):
            raise RuntimeError(f"step {key!r} did not take every lead: {result}")
