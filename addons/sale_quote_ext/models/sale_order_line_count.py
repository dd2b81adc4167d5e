from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import float_compare
from odoo.tools.sql import column_exists, create_column

# What the count of a line and of those beside it depends on.
COUNT_FIELDS = {
    "combo_item_id",
    "display_type",
    "is_downpayment",
    "order_id",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
}


class SaleOrderLine(models.Model):
    """Quantity breaks counted over the lines of one product or category (a setting).

    The quantity a price was found for is kept on the line: so a change of another line
    is noticed, and a discount by hand told from one of the pricelist.
    """

    _inherit = "sale.order.line"

    counted_qty = fields.Float(
        string="Counted Quantity",
        digits=0,
        compute="_compute_counted_qty",
        store=True,
        precompute=True,
        exportable=False,
        help="In the unit of the line: what the quantity breaks of its price were "
        "counted over. 0: the quantity of the line.",
    )

    def _auto_init(self):
        """The lines of a database in use count by themselves: nothing to compute."""
        if not column_exists(self.env.cr, self._table, "counted_qty"):
            create_column(self.env.cr, self._table, "counted_qty", "numeric")
        return super()._auto_init()

    @api.depends("product_id", "product_uom_id", "product_uom_qty")
    def _compute_counted_qty(self):
        """No query unless lines are counted together."""
        self.counted_qty = 0
        if self._count_scope():
            counts = self.order_id._counts()
            for line in self.filtered(counts.get):
                line.counted_qty = counts[line]

    @api.model
    def _count_scope(self):
        """:return: ``template``, ``category``, or nothing; without a query"""
        param = "sale_quote_ext.break_scope"
        return self.env["ir.config_parameter"].sudo().get_param(param)

    def _count_key(self):
        """:return: what one line has in common with those it is counted with"""
        if self._count_scope() == "category":
            return self.product_id.categ_id
        return self.product_id.product_tmpl_id

    def _counts(self):
        """
        :param self: lines that are counted together
        :return: ``{line: quantity}`` of all of them, in the unit of each
        """
        totals = defaultdict(float)
        for line in self:
            totals[line.product_uom_id] += line.product_uom_qty
        return {
            line: sum(
                unit._compute_quantity(quantity, line.product_uom_id, round=False)
                for unit, quantity in totals.items()
                if unit._has_common_reference(line.product_uom_id)
            )
            for line in self
        }

    # Prices

    def _get_pricelist_kwargs(self):
        kwargs = super()._get_pricelist_kwargs()
        if self.counted_qty and self._count_scope():
            kwargs["quantity"] = self.counted_qty
        return kwargs

    @api.depends("counted_qty")
    def _compute_pricelist_item_id(self):
        return super()._compute_pricelist_item_id()

    @api.depends("counted_qty")
    def _compute_price_unit(self):
        return super()._compute_price_unit()

    @api.depends("counted_qty")
    def _compute_discount(self):
        return super()._compute_discount()

    def _has_listed_discount(self):
        """Whether the discount is the one of the pricelist for what was counted."""
        line = self.with_company(self.company_id)
        kwargs = line._get_pricelist_kwargs()
        rule = line.pricelist_item_id.browse(
            line.order_id.pricelist_id._get_product_rule(line.product_id, **kwargs)
        )
        listed = 0
        if rule._show_discount():
            product = line.product_id.with_context(**line._get_product_price_context())
            base = rule._compute_price_before_discount(product, **kwargs)
            price = rule._compute_price(product, **kwargs)
            listed = max(100 * (1 - price / base), 0) if base > 0 else 0
        return float_compare(line.discount, listed, precision_digits=2) == 0

    # Changes of other lines

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if self._count_scope():
            lines.order_id._recount()
        return lines

    def write(self, vals):
        if COUNT_FIELDS.isdisjoint(vals) or not self._count_scope():
            return super().write(vals)
        orders = self.order_id
        result = super().write(vals)
        (orders | self.order_id)._recount()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        if self._count_scope():
            orders.exists()._recount()
        return result
