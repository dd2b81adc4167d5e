from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class SaleOrderLine(models.Model):
    """What the product cost by the price list of everybody when the line got its price:
    reports measure against it what was given away.
    """

    _inherit = "sale.order.line"

    list_price_unit = fields.Float(
        string="List Price",
        min_display_digits="Product Price",
        compute="_compute_list_price_unit",
        store=True,
        precompute=True,
        help="Of one unit, in the currency of the order, when its price was set. "
        "Zero where the line is measured by its own price.",
    )

    @api.depends(
        "product_id",
        "product_uom_id",
        "price_unit",
        "product_no_variant_attribute_value_ids",
        "currency_id",
    )
    def _compute_list_price_unit(self):
        """Combos are sold at the price of the whole: their parts have no list price."""
        listed = self.filtered(
            lambda line: (
                line.product_id
                and not line.display_type
                and not line.is_downpayment
                and not line.combo_item_id
                and line.product_id.type != "combo"
            )
        )
        prices = listed._discount_list_prices()
        for line in self:
            line.list_price_unit = prices.get(line, 0)

    def _auto_init(self):
        """Nobody knows the list prices of the past: those lines are measured by their
        own price.
        """
        if not column_exists(self.env.cr, self._table, "list_price_unit"):
            create_column(self.env.cr, self._table, "list_price_unit", "float8")
        return super()._auto_init()
