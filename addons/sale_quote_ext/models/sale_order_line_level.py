from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_pricelist_kwargs(self):
        """Prices by the customer's level."""
        kwargs = super()._get_pricelist_kwargs()
        return {**kwargs, "customer_level": self.order_id._customer_level()}

    def _get_product_catalog_lines_data(self, **kwargs):
        if self:
            kwargs.setdefault("customer_level", self.order_id._customer_level())
        return super()._get_product_catalog_lines_data(**kwargs)
