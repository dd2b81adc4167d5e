from odoo import api, models


class SaleOrder(models.Model):
    """Prices by the customer's level."""

    _inherit = "sale.order"

    def _customer_level(self):
        """:return: the level (one, or none) by which one order's prices are found"""
        return self.partner_id._customer_level()

    @api.onchange("pricelist_id", "partner_id")
    def _onchange_pricelist_id_show_update_prices(self):
        """Another customer may have other prices in the same pricelist."""
        super()._onchange_pricelist_id_show_update_prices()
        if self.order_line and self.pricelist_id:
            before = self._origin._customer_level()
            self.show_update_pricelist |= before != self._customer_level()

    def _get_product_catalog_order_data(self, products, **kwargs):
        kwargs.setdefault("customer_level", self._customer_level())
        return super()._get_product_catalog_order_data(products, **kwargs)

    def _update_order_line_info(self, product_id, quantity, **kwargs):
        kwargs.setdefault("customer_level", self._customer_level())
        return super()._update_order_line_info(product_id, quantity, **kwargs)

    def _add_partnership(self):
        """Whoever sells a membership gives its level: the manager decided on it when
        he put the level on the product.
        """
        return super(SaleOrder, self.sudo())._add_partnership()
