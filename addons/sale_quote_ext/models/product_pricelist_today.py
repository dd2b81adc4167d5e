from odoo import models

from ..quotation_today import today_of


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_applicable_rules(self, products, date, **kwargs):
        """Core searches them for each line; where the prices of today are asked for,
        those of all products are searched once. Core judges each rule for its product.
        """
        find, today = super()._get_applicable_rules, today_of(self.env)
        if not today or products._name != today.products._name:
            return find(products, date, **kwargs)
        key = (self, date, repr(sorted(kwargs.items())))
        wanted = today.products | products
        return today.once(key, lambda: find(wanted, date, **kwargs))
