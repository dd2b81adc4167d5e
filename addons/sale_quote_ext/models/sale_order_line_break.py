from typing import NamedTuple

from odoo import models
from odoo.tools import float_compare


class Break(NamedTuple):
    """A larger quantity at a lower price."""

    missing: float  # how many more it takes, in the unit of the line
    percent: float  # how much less each unit costs then


class SaleOrderLine(models.Model):
    """What a customer saves if he takes more."""

    _inherit = "sale.order.line"

    def _next_breaks(self):
        """The next larger quantity with a lower price, of those open lines that ask
        what their pricelist says.

        :return: ``{line: Break}``; one search of rules for each order, and one for each
            pricelist its own is based on
        """
        found = {}
        lines = self.filtered(lambda x: x._is_priced() and x._is_open())
        for order, own in lines.grouped("order_id").items():
            what = own[0]._get_pricelist_kwargs()
            where = {"date": what.pop("date"), **own._rule_kwargs(what)}
            known = order.pricelist_id._known_rules(own.product_id, **where)
            steps = self.env["product.pricelist.item"].union(*known.values())
            rules = known.get(order.pricelist_id, steps)
            rules = rules.with_context(known_rules=known)
            for line in own:
                if ahead := line._next_break(rules, steps):
                    found[line] = ahead
        return found

    def _is_priced(self):
        """Whether a pricelist gives the price of this line and nothing else does."""
        return (
            self.product_id
            and not (self.display_type or self.is_downpayment)
            and not (self.combo_item_id or self.product_type == "combo")
        )

    def _is_open(self):
        return self.order_id.state in ("draft", "sent") and self.product_uom_qty > 0

    def _rule_kwargs(self, what):
        """:return: what of ``_get_pricelist_kwargs`` rules are searched with"""
        own = ("quantity", "uom", "currency")
        return {key: value for key, value in what.items() if key not in own}

    def _next_break(self, rules, steps):
        """
        :param rules: of the pricelist, in their order, for any quantity
        :param steps: rules whose minimum quantity may lower the price
        :return: a :class:`Break`, or None
        """
        ordered = self._get_pricelist_kwargs()["quantity"]
        price = self._price_for(ordered, rules)
        if price <= 0 or not self._asks(price):
            return None
        for step in self._break_quantities(ordered, steps):
            percent = 100 * (1 - self._price_for(step, rules) / price)
            if float_compare(percent, 0, precision_digits=2) > 0:
                return Break(step - ordered, percent)
        return None

    def _break_quantities(self, ordered, rules):
        """:return: where the price may change beyond ``ordered``, in the line's unit"""
        unit, product = self.product_uom_id, self.product_id
        minimums = {
            rule.min_quantity
            for rule in rules
            if rule._is_applicable_for(product, rule.min_quantity)
        }
        steps = (
            product.uom_id._compute_quantity(x, unit, raise_if_failure=False)
            for x in sorted(minimums)
        )
        return [x for x in steps if float_compare(x, ordered, precision_digits=6) > 0]

    def _price_for(self, quantity, rules):
        """:return: what a unit would cost by ``rules``, were ``quantity`` ordered"""
        line = self.with_company(self.company_id)
        product, unit = line.product_id, line.product_id.uom_id
        counted = line.product_uom_id._compute_quantity(
            quantity, unit, raise_if_failure=False
        )
        fitting = (x for x in rules if x._is_applicable_for(product, counted))
        return next(fitting, rules.browse())._compute_price(
            product.with_context(**line._get_product_price_context()),
            **{**line._get_pricelist_kwargs(), "quantity": quantity},
        )

    def _asks(self, price):
        """Whether the line asks ``price``, which its pricelist gives: nobody has set
        another by hand, and the pricelist has not changed since. A discount is kept
        with two digits.
        """
        line = self.with_company(self.company_id)
        rounding = line.currency_id.rounding + abs(line.price_unit) / 10_000
        listed = line._discount_with_taxes(price)
        return abs(line._get_discounted_price() - listed) <= rounding
