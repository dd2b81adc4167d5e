"""Core's own chain, one record at a time, by the requests of the web client."""

from .client import Session
from .form import WebForm
from .seed import LOGIN, PRODUCTS, QUANTITIES


class WebChain:
    """One salesperson who takes leads to paid invoices by the forms."""

    def __init__(self, database, probe):
        self.probe = probe
        self.session = Session(database, LOGIN, probe)
        found = self.session.env["product.product"].search(
            [("name", "in", [name for name, *__ in PRODUCTS])], order="list_price"
        )
        self.products = found.ids
        self.session.cursor.rollback()

    def take(self, step, number):
        """Take one step of the chain that starts with the lead of this number."""
        with self.probe.step(step):
            getattr(self, f"_{step}")(number)

    def close(self):
        """End the session."""
        self.session.close()

    def _open(self, model, res_id=None, **options):
        return WebForm(self.session, model, res_id, **options)

    def _open_action(self, action):
        view = next(view_id for view_id, kind in action["views"] if kind == "form")
        return self._open(
            action["res_model"],
            action.get("res_id"),
            view=view or None,
            context=_client_context(action),
        )

    def _lead(self, number):
        self.lead = self._open("crm.lead", context={"default_type": "lead"})
        self.lead.name = f"Enquiry {number}"
        self.lead.partner_name = f"Company {number}"
        self.lead.contact_name = f"Buyer {number}"
        self.lead.email_from = f"buyer{number}@company{number}.example.com"
        self.lead.phone = f"+1 650-555-{number % 10_000:04d}"
        self.lead.save()

    def _convert(self, number):
        lead_id = self.lead.id
        context = {
            "active_model": "crm.lead",
            "active_id": lead_id,
            "active_ids": [lead_id],
        }
        wizard = self._open("crm.lead2opportunity.partner", context=context)
        wizard.name = "convert"
        wizard.action = "create"
        self.lead = self._open_action(wizard.click("action_apply"))

    def _quotation(self, number):
        self.order = self._open_action(self.lead.click("action_sale_quotations_new"))
        for product, quantity in zip(self.products, QUANTITIES, strict=True):
            line = self.order.new_line("order_line")
            line.product_id = product
            line.save()
            line.product_uom_qty = quantity
            line.save()
        self.order.save()

    def _send(self, number):
        composer = self._open_action(self.order.click("action_quotation_send"))
        composer.click("action_send_mail")
        self.order.reload()

    def _confirm(self, number):
        self.order.click("action_confirm", reload=True)

    def _delivery(self, number):
        delivery = self._open_action(self.order.click("action_view_delivery"))
        done = delivery.click("button_validate", reload=True)
        if done:
            raise RuntimeError(f"the delivery asked for more: {done}")

    def _invoice(self, number):
        self.order.reload()
        order_id = self.order.id
        context = {
            "active_model": "sale.order",
            "active_id": order_id,
            "active_ids": [order_id],
        }
        wizard = self._open("sale.advance.payment.inv", context=context)
        self.invoice = self._open_action(wizard.click("create_invoices"))

    def _post(self, number):
        self.invoice.click("action_post", reload=True)

    def _payment(self, number):
        wizard = self._open_action(self.invoice.click("action_register_payment"))
        wizard.click("action_create_payments")
        self.invoice.reload()


def _client_context(action):
    """The context of an action, without the defaults of searches."""
    return {
        key: value
        for key, value in action["context"].items()
        if not key.startswith("search_default_")
    }
