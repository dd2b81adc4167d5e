from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


class SaleOrder(models.Model):
    """When a quotation was lost."""

    _inherit = "sale.order"

    cancelled_on = fields.Datetime(readonly=True, copy=False)

    def write(self, vals):
        if vals.get("state") == "cancel":
            vals = {"cancelled_on": fields.Datetime.now(), **vals}
        elif vals.get("state") == "draft":
            vals = {"cancelled_on": False, **vals}
        return super().write(vals)

    def _auto_init(self):
        """What was cancelled before was last written then, as far as anybody knows."""
        if not column_exists(self.env.cr, self._table, "cancelled_on"):
            create_column(self.env.cr, self._table, "cancelled_on", "timestamp")
            self.env.cr.execute(
                SQL(
                    """UPDATE sale_order SET cancelled_on = write_date
                        WHERE state = 'cancel'"""
                )
            )
        return super()._auto_init()
