from odoo import models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_applicable_rules_domain(
        self, products, date, customer_level=None, **kwargs
    ):
        """Core passes on what the price was asked for with.

        :param customer_level: the customer's level (``res.partner.grade``); without
            one, only rules for everybody apply
        """
        domain = super()._get_applicable_rules_domain(products, date, **kwargs)
        everybody = ("has_levels", "=", False)
        if not customer_level:
            return [*domain, everybody]
        return [*domain, "|", everybody, ("level_ids", "in", customer_level.ids)]
