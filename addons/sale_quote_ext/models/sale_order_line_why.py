from odoo import models
from odoo.tools import format_amount, format_date, formatLang


class SaleOrderLine(models.Model):
    """Why a line costs what it costs: told when somebody asks, kept nowhere."""

    _inherit = "sale.order.line"

    def _why(self):
        """What makes the price of one line, in the user's language.

        :return: ``{"rows": [[label, text], ...], "note": text, "next": text}``, the
            last two if there is anything to say
        """
        self.ensure_one()
        line = self.with_company(self.company_id)
        head = line._discount_head()
        ahead = line._next_breaks().get(line) if head._why_readable() else None
        return {
            "rows": [*head._why_pricelist(), *line._why_line()],
            "note": line._why_note(),
            "next": ahead and line._break_text(ahead),
        }

    def _why_readable(self):
        """Whether the user may read what the price comes from."""
        return self.order_id.pricelist_id._origin.has_access("read")

    def _why_pricelist(self):
        """:return: rows about the pricelist, and each rule on the way to the price"""
        pricelist = self.order_id.pricelist_id
        listed = self._discount_list_prices().get(self)
        rows = [[self.env._("List Price"), self._why_money(listed)]] if listed else []
        if not (pricelist and self._why_readable()):
            return rows
        for rule in self._why_rules():
            rows += self._why_rule(rule)
        price = self._discount_with_taxes(self._get_pricelist_price())
        return [*rows, [pricelist.display_name, self._why_money(price)]]

    def _why_rules(self):
        """:return: the rule of the pricelist, that of the one it is based on, …"""
        rules = rule = self.pricelist_item_id
        kwargs = self._get_pricelist_kwargs()
        while rule.base == "pricelist" and rule.compute_price != "fixed":
            base = rule.base_pricelist_id
            if not base.has_access("read"):
                break
            rule = rule.browse(base._get_product_rule(self.product_id, **kwargs))
            rules += rule
        return rules

    def _why_rule(self, rule):
        """:return: rows about one rule: what it says, and when it applies"""
        pricelist = rule.pricelist_id.display_name
        rows = [
            [self.env._("Rule"), f"{pricelist}, {rule.name}: {rule.price}"],
            [self.env._("Base Price"), self._why_base(rule)],
            [self.env._("Quantity Break"), self._why_quantity(rule)],
            [self.env._("Customer Level"), self._why_level(rule)],
            [self.env._("Period"), self._why_period(rule)],
        ]
        return [row for row in rows if row[1]]

    def _why_base(self, rule):
        if rule.compute_price == "fixed" or rule.base == "list_price":
            return False
        price = rule._compute_base_price(
            self.product_id.with_context(**self._get_product_price_context()),
            **self._get_pricelist_kwargs(),
        )
        return f"{self._why_money(price)} ({rule._get_price_label_base_str()})"

    def _why_quantity(self, rule):
        if not rule.min_quantity:
            return False
        return self.env._(
            "from %(quantity)s %(unit)s",
            quantity=self._why_number(rule.min_quantity),
            unit=self.product_id.uom_id.display_name,
        )

    def _why_level(self, rule):
        return rule.level_ids & self.order_id._customer_level() and (
            self.order_id._customer_level().name
        )

    def _why_period(self, rule):
        start, end = (
            moment and format_date(self.env, moment)
            for moment in (rule.date_start, rule.date_end)
        )
        if start and end:
            return self.env._("from %(start)s to %(end)s", start=start, end=end)
        if start:
            return self.env._("from %(start)s on", start=start)
        return end and self.env._("until %(end)s", end=end)

    def _why_line(self):
        """:return: rows about what the line itself says"""
        text = self.env["sale.order"]._discount_text
        head = self._discount_head()
        given = self.order_id.order_line._discounts_given().get(head)
        rows = [[self.env._("Unit Price"), self._why_money(self.price_unit)]]
        if self.discount:
            discount = f"{text(self.discount)} %"
            rows.append([self.env._("Discount"), discount])
        if given and round(given, 2):
            rows.append([self.env._("Off the List Price"), f"{text(given)} %"])
        return rows

    def _why_note(self):
        """:return: what the price does not come from"""
        if not self._why_readable():
            return self.env._("You may not read the pricelist of this order.")
        if self._is_priced() and not self._asks(self._get_pricelist_price()):
            return self.env._(
                "This is not the price of the pricelist: it was set by hand, or the "
                "pricelist, the level or the date has changed since."
            )
        return False

    def _break_text(self, ahead):
        """:return: a :class:`Break`, as customers read it too"""
        return self.env._(
            "%(quantity)s more %(unit)s: −%(percent)s %% each",
            quantity=self._why_number(ahead.missing),
            unit=self.product_uom_id.display_name,
            percent=self.env["sale.order"]._discount_text(ahead.percent),
        )

    def _why_money(self, amount):
        currency = self.currency_id or self.env.company.currency_id
        return format_amount(self.env, amount, currency)

    def _why_number(self, quantity):
        """:return: a quantity without idle zeros"""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        quantity = round(quantity, digits)
        return formatLang(
            self.env, quantity, digits=0 if quantity == int(quantity) else digits
        )
