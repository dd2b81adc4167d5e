from odoo import models
from odoo.tools.misc import clean_context


class CrmLead(models.Model):
    """What is lost is no longer offered."""

    _inherit = "crm.lead"

    def _after_losing(self):
        super()._after_losing()
        if self:
            self._cancel_quotations()

    def _cancel_quotations(self):
        """Cancel the quotations of these leads that nobody has confirmed, whoever may
        write them; in one batch.
        """
        env = self.env(su=True, context=clean_context(self.env.context))
        orders = env["sale.order"].search(
            [
                ("opportunity_id", "in", self.ids),
                ("state", "in", ("draft", "sent")),
                ("locked", "=", False),
            ],
            order="id",
        )
        orders = orders.filtered("company_id.quotation_cancel_lost")
        if orders:
            orders.order_line.fetch(["currency_id"])  # core reads it line by line
            orders._action_cancel()
            orders.cancelled_by_loss = True
            orders._log_cancelled_by_loss()

    def _describe_losses(self):
        """What was cancelled stays so, which the salesperson is told."""
        losses = super()._describe_losses()
        orders = self.env["sale.order"].sudo()
        if self:
            orders = orders.search(
                [
                    ("opportunity_id", "in", self.ids),
                    ("state", "=", "cancel"),
                    ("cancelled_by_loss", "=", True),
                ],
                order="id",
            )
        for lead, own in orders.grouped("opportunity_id").items():
            losses[lead.id] += " " + self.env._(
                "Its quotations were cancelled then and stay cancelled: "
                "%(quotations)s.",
                quotations=own.mapped("name"),
            )
        return losses
