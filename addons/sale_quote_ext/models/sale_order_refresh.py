from odoo import fields, models
from odoo.exceptions import UserError

# A key of the context: the ids of the lines whose prices are refreshed.
LINES = "quotation_refresh_lines"


class SaleOrder(models.Model):
    """A quotation brought up to date, to be sent again."""

    _inherit = "sale.order"

    def action_quotation_refresh(self):
        """Bring these quotations up to date, to be sent again: prices, taxes and
        validity of today.

        :raise UserError: one of them is confirmed or cancelled
        :raise AccessError: the user may not write one of them
        """
        orders = self._chain_distinct()
        orders.check_access("write")
        closed = orders.filtered(lambda order: order.state not in ("draft", "sent"))
        if closed:
            raise UserError(
                self.env._(
                    "Only quotations can be refreshed, and these are none any more: "
                    "%(orders)s.",
                    orders=closed.mapped("name"),
                )
            )
        orders._quotation_refresh()

    def _quotation_refresh(self):
        """Of what was sent only what drifted is changed, and no price that somebody
        gave by hand; else all prices and taxes, as core does.
        """
        drifts = self._drift()
        compared = self._drift_comparable()
        self.action_draft()
        self.date_order = fields.Datetime.now()  # of which the prices are
        self._compute_validity_date()
        self.invalidate_recordset(["is_expired"])  # it depends on nothing in core
        (self - compared)._recompute_prices()
        (self - compared)._recompute_taxes()
        for order, drifted in drifts.items():
            order._refresh_drifted(drifted)
        note = self.env._("Prices, taxes and validity were refreshed.")
        self._message_log_batch(bodies=dict.fromkeys(self.ids, note))

    def _refresh_drifted(self, drifts):
        """:param drifts: of one order, see :meth:`_drift`"""
        moved = [x.line.id for x in drifts if x.kind == "price" and not x.by_hand]
        if moved:
            self.with_context(**{LINES: moved})._recompute_prices()
        taxed = self.order_line.browse(x.line.id for x in drifts if x.kind == "tax")
        taxed._compute_tax_ids()
        taxed.modified(["tax_ids"])  # its rate may be what changed

    def _get_update_prices_lines(self):
        lines = super()._get_update_prices_lines()
        chosen = self.env.context.get(LINES)
        if isinstance(chosen, list):
            return lines.filtered(lambda line: line.id in chosen)
        return lines

    def _recompute_prices(self):
        result = super()._recompute_prices()
        self._get_update_prices_lines()._compute_pricelist_discount()
        return result
