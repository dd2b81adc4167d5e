from odoo import models
from odoo.tools import str2bool


class SaleOrder(models.Model):
    """What an order means for its opportunity."""

    _inherit = "sale.order"

    def action_confirm(self):
        """An order wins its opportunity."""
        result = super().action_confirm()
        param = self.env["ir.config_parameter"].sudo()
        if str2bool(param.get_param("sale_quote_ext.order_wins_opportunity"), False):
            orders = self.filtered(lambda order: order.state == "sale")
            orders.opportunity_id._win_by_documents()
        return result

    def write(self, vals):
        """What a cancelled order had won is no longer won, and what it had moved on
        goes back.
        """
        cancelled = self.browse()
        if vals.get("state") == "cancel":
            cancelled = self.filtered(lambda order: order.state != "cancel")
        result = super().write(vals)
        cancelled.sudo().opportunity_id._stage_take_back()
        return result
