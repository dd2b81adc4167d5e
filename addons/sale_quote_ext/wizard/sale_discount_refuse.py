from odoo import fields, models


class SaleDiscountRefuse(models.TransientModel):
    _name = "sale.discount.refuse"
    _description = "Refuse Discount"

    order_ids = fields.Many2many(comodel_name="sale.order", required=True)
    reason = fields.Text(required=True)

    def action_refuse(self):
        """:raise UserError: nothing is asked of the user
        :raise AccessError: he may not read one of the orders
        """
        self.env["sale.order"]._chain_check_ids(self._ids)
        for wizard in self:
            wizard.order_ids.check_access("read")
            wizard.order_ids._discount_decide("refused", wizard.reason)
        return {"type": "ir.actions.act_window_close"}
