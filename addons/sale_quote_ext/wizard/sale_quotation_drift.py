from odoo import api, fields, models


class SaleQuotationDrift(models.TransientModel):
    """What has changed since a quotation was sent, and what to do about it."""

    _name = "sale.quotation.drift"
    _description = "Changed since Sent"

    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Quotation",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    changes_html = fields.Html(
        string="Changes", compute="_compute_changes_html", sanitize=False
    )

    @api.depends_context("lang")
    @api.depends("order_id")
    def _compute_changes_html(self):
        for wizard in self:
            order = wizard.order_id._origin
            order.check_access("read")
            changes = order._drift_changes(order._drift().get(order, []))
            wizard.changes_html = self.env["ir.qweb"]._render(
                "sale_quote_ext.revision_changes", {"changes": changes}
            )

    def action_accept(self):
        """Confirm the quotation at the prices that were sent.

        :raise AccessError: the user may not write it
        """
        for order in self._drift_orders():
            order._drift_accept()
        return {"type": "ir.actions.act_window_close"}

    def action_refresh(self):
        """Put the prices of today on the quotation, to be sent again.

        :raise AccessError: the user may not write it
        """
        for order in self._drift_orders():
            order._drift_refresh()
        return {"type": "ir.actions.act_window_close"}

    def _drift_orders(self):
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        orders = self.order_id
        orders.check_access("write")
        return orders
