from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ChainPolicy(models.Model):
    _inherit = "crm.chain.policy"

    delivery = fields.Selection(
        selection=[
            ("ship", "Deliver"),
            ("reserve", "Reserve only"),
            ("none", "Leave it to the warehouse"),
        ],
        default="ship",
        required=True,
    )
    invoice_on = fields.Selection(
        selection=[
            ("order", "What can be invoiced, at once"),
            ("delivery", "Once everything is delivered"),
        ],
        string="When to Invoice",
        default="order",
        required=True,
        help="What can be invoiced of an order is up to the invoicing policy of its "
        "products.",
    )
    invoice_state = fields.Selection(
        selection=[
            ("draft", "Drafts for accounting"),
            ("posted", "Posted"),
            ("sent", "Posted and sent"),
        ],
        string="State of Invoices",
        default="sent",
        required=True,
    )
    invoice_grouping = fields.Selection(
        selection=[
            ("order", "One for each order"),
            ("customer", "One for a customer's orders"),
        ],
        string="Grouping of Invoices",
        default="order",
        required=True,
        help="Orders that are invoiced at the same time are grouped as by Odoo's own "
        "consolidated billing.",
    )
    register_payment = fields.Boolean(
        string="Register Payments",
        help="Only for sales that are always paid, such as in a shop: a run registers "
        "the payment in full without anybody having seen it.",
    )
    payment_journal_id = fields.Many2one(
        comodel_name="account.journal",
        domain="[('type', 'in', ('bank', 'cash', 'credit'))]",
        check_company=True,
    )
    payment_date = fields.Selection(
        selection=[
            ("today", "Day it is registered"),
            ("invoice", "Date of the invoice"),
        ],
        default="today",
        required=True,
    )

    @api.constrains("register_payment", "payment_journal_id", "invoice_state")
    def _check_payment(self):
        for policy in self.filtered("register_payment"):
            if not policy.payment_journal_id:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” registers payments, but “%(field)s” is empty. "
                        "Choose the journal, or switch off “%(switch)s”.",
                        policy=policy.name,
                        field=policy._chain_label("payment_journal_id"),
                        switch=policy._chain_label("register_payment"),
                    )
                )
            if policy.invoice_state == "draft":
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” leaves invoices in draft, and drafts cannot be "
                        "paid. Change “%(field)s”, or switch off “%(switch)s”.",
                        policy=policy.name,
                        field=policy._chain_label("invoice_state"),
                        switch=policy._chain_label("register_payment"),
                    )
                )

    def _chain_label(self, field):
        return self._fields[field]._description_string(self.env)

    def _step_taken(self, step):
        if step == "delivery":
            return {"reserve": "reserve", "none": False}.get(self.delivery, step)
        if step == "invoice" and self.invoice_state == "draft":
            return "draft_invoice"
        if step == "send_invoice" and self.invoice_state != "sent":
            return False
        if step == "payment" and not self.register_payment:
            return False
        return super()._step_taken(step)

    def _step_offered(self, step):
        if step == "delivery":
            return self.delivery == "ship"
        if step == "send_invoice":
            return self.invoice_state == "sent"
        return super()._step_offered(step)

    def _payment_values(self, date):
        """:param date: the date of the invoices
        :return: what the policy says of a payment, for core's register of payments
        """
        values = {}
        if self.payment_journal_id:
            values["journal_id"] = self.payment_journal_id.id
        if self.payment_date == "invoice":
            values["payment_date"] = date
        return values
