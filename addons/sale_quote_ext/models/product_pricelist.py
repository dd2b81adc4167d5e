from odoo import models


class KnownRules(dict):
    """``{pricelist: rules}``, put into the context to be found once for many prices. No
    request can send one.
    """


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

    def _get_applicable_rules(self, products, date, **kwargs):
        known = self.env.context.get("known_rules")
        if isinstance(known, KnownRules) and self in known:
            return known[self].with_env(self.env)
        return super()._get_applicable_rules(products, date, **kwargs)

    def _known_rules(self, products, **where):
        """:return: the rules for ``products``, for any quantity, of one pricelist and
            of all that it is based on: one search for each
        """
        known, ahead = KnownRules(), self
        while ahead:
            pricelist = ahead[0]
            rules = pricelist._get_applicable_rules(products, **where)
            known[pricelist] = rules
            based = rules.filtered(lambda rule: rule.base == "pricelist")
            ahead |= based.base_pricelist_id
            ahead = ahead.filtered(lambda x: x not in known)
        return known
