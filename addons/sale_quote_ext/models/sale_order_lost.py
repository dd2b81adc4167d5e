from odoo import fields, models


class SaleOrder(models.Model):
    """Quotations that were cancelled with their lost opportunity."""

    _inherit = "sale.order"

    cancelled_by_loss = fields.Boolean(
        string="Cancelled with Its Opportunity", copy=False, readonly=True
    )

    def action_draft(self):
        result = super().action_draft()
        if revived := self.filtered("cancelled_by_loss"):
            revived.cancelled_by_loss = False
        return result

    def _log_cancelled_by_loss(self):
        """Into the chatter of the orders and of their opportunities."""
        author = self.env.user.partner_id.id
        bodies = {
            order.id: self.env._(
                "Cancelled, since its opportunity %(opportunity)s was lost.",
                opportunity=order.opportunity_id.name,
            )
            for order in self
        }
        self._message_log_batch(bodies=bodies, author_id=author)
        by_lead = self.grouped("opportunity_id")
        bodies = {
            lead.id: self.env._(
                "Its quotations were cancelled with it: %(quotations)s.",
                quotations=orders.mapped("name"),
            )
            for lead, orders in by_lead.items()
        }
        self.opportunity_id._message_log_batch(bodies=bodies, author_id=author)
