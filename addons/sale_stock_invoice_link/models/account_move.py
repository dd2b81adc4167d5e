from odoo import fields, models

from odoo.addons.crm_pipeline_ext.batch import collecting


class AccountMove(models.Model):
    _inherit = "account.move"

    # Core's form shows how many payments an invoice has, and so cannot be opened by a
    # salesperson, who may read invoices but no payments.
    payment_count = fields.Integer(compute_sudo=True)

    def _post(self, soft=True):
        posted = super()._post(soft)
        self.env["res.partner"]._chain_raise_ranks()
        return posted

    def _invoice_paid_hook(self):
        """Core tells each order of its paid invoice; a step of the chain all orders
        at once.
        """
        return super(AccountMove, collecting(self))._invoice_paid_hook()

    def _chain_post(self):
        """Post invoices that the chain has just made, or may otherwise post.

        A salesperson has no right to post. The caller has checked that these are
        the untouched invoices of his own orders; the elevation is for this one
        call, and the chatter says on whose behalf it was.
        """
        if self.env.user.has_group("account.group_account_invoice"):
            self.sudo(False).action_post()
            return
        self.sudo().action_post()
        body = self.env._(
            "Posted by %(user)s with the sale chain, unaltered from the order.",
            user=self.env.user.name,
        )
        self.sudo()._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    def _chain_send(self):
        """Send these posted invoices by e-mail, as core's Send button does.

        One at a time: the wkhtmltopdf of most distributions (unpatched Qt) cannot
        render several documents in one run, and core refuses to try.
        """
        for move in self:
            self.env["account.move.send"]._generate_and_send_invoices(
                move, sending_methods=["email"]
            )

    def _chain_pay(self, policy):
        """Register the payment in full of these invoices, one for each.

        :param policy: names the journal and the date; what it leaves open, core
            proposes
        """
        by_invoice = policy.payment_date == "invoice"
        for (_company, date), invoices in self.grouped(
            lambda move: (move.company_id, by_invoice and move.invoice_date)
        ).items():
            wizard = (
                self.env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=invoices.ids)
                .create(
                    {
                        "group_payment": False,
                        "installments_mode": "full",
                        **policy._payment_values(date),
                    }
                )
            )
            wizard._create_payments()

    def _chain_document(self):
        """:return: this invoice or credit note as a document of the chain bar"""
        self.ensure_one()
        return {
            "model": self._name,
            "id": self.id,
            "name": self.name or self.display_name,
            "date": self.invoice_date or self.create_date,
            "amount": -self.amount_total_in_currency_signed
            if self.move_type == "out_refund"
            else self.amount_total,
            "currency_id": self.currency_id.id,
        }

    def _chain_paid_document(self):
        """:return: what has been paid of this invoice as a document of the chain
        bar. It links to the invoice: a salesperson may not read payments, only
        their dates, as in core's list of payments on the invoice itself.
        """
        self.ensure_one()
        partials = self.sudo()._get_all_reconciled_invoice_partials()
        dates = [partial["aml"].date for partial in partials]
        return {
            **self._chain_document(),
            "date": max(dates, default=self.invoice_date),
            "amount": self.amount_total - self.amount_residual,
        }
