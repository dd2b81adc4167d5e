from odoo import api, models
from odoo.tools import float_compare


class SaleOrder(models.Model):
    """Quantity breaks counted over lines: see ``sale.order.line.counted_qty``."""

    _inherit = "sale.order"

    def _counts(self):
        """:return: ``{line: quantity}`` that the breaks of its price are counted over,
        of the lines that pricelists give a price to
        """
        lines = self.order_line.filtered(
            lambda x: x._is_priced() and x.product_uom_qty > 0
        )
        counts = {}
        for together in lines.grouped(lambda x: (x.order_id, x._count_key())).values():
            counts.update(together._counts())
        return counts

    @api.onchange("order_line")
    def _onchange_order_line_count(self):
        if self.order_line._count_scope():
            self._recount()

    def _recount(self):
        """Bring open lines up to date whose count another line has changed. A price or
        a discount by hand stays, and so do the lines of confirmed orders.
        """
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
        behind = {
            line: quantity
            for line, quantity in quotations._counts().items()
            if float_compare(
                line.counted_qty or line.product_uom_qty, quantity, precision_digits=6
            )
        }
        lines = quotations.order_line.filtered(lambda line: line in behind)
        by_hand = lines.filtered(lambda line: not line._has_listed_discount())
        with self.env.protecting([lines._fields["discount"]], by_hand):
            for line in lines:
                line.counted_qty = behind[line]

    def _recompute_prices(self):
        """Whoever asks for the prices of today gets those of all lines together."""
        if self.order_line._count_scope():
            for line, quantity in self._counts().items():
                line.counted_qty = quantity
        return super()._recompute_prices()
