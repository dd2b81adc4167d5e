from odoo import api, fields, models
from odoo.tools import SQL, float_compare

# A key of the context that changes the list price in core, whoever puts it there.
NO_EXTRA = "no_variant_attributes_price_extra"


class SaleOrderLine(models.Model):
    """What a line really takes off the list price."""

    _inherit = "sale.order.line"

    # What changes the discount of a line.
    _discount_fields = {
        "combo_item_id",
        "discount",
        "extra_tax_data",
        "linked_line_id",
        "order_id",
        "price_unit",
        "product_id",
        "product_no_variant_attribute_value_ids",
        "product_uom_id",
        "product_uom_qty",
    }

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: a confirmed order gets a discount beyond authority"""
        lines = super().create(vals_list)
        if self.env["res.users"]._discount_lowest_limit() is not None:
            lines._discount_announce()
            if orders := lines._discount_confirmed_orders():
                before = orders._discount_beyond(orders.order_line - lines)
                orders._discount_check_growth(before)
        return lines

    def _discount_announce(self):
        """Whoever confirms the order of these new lines at this very moment cannot see
        them: have the database refuse one of the two, who then tries again.
        """
        now = self.env.cr.now()
        orders = self.order_id.filtered(lambda order: order.create_date != now)
        if orders:
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order SET write_uid = write_uid WHERE id IN %s",
                    tuple(orders.ids),
                )
            )

    def write(self, vals):
        """:raise UserError: as :meth:`create`"""
        if (
            self._discount_fields.isdisjoint(vals)
            or self.env["res.users"]._discount_lowest_limit() is None
        ):
            return super().write(vals)
        confirmed = self._discount_confirmed_orders()
        before = confirmed._discount_beyond()
        result = super().write(vals)
        if "order_id" in vals:
            self._discount_announce()
        confirmed |= self._discount_confirmed_orders()
        confirmed._discount_check_growth(before)
        return result

    def unlink(self):
        """:raise UserError: as :meth:`create`: what is left has a greater discount"""
        if self.env["res.users"]._discount_lowest_limit() is None:
            return super().unlink()
        confirmed = self._discount_confirmed_orders()
        before = confirmed._discount_beyond()
        result = super().unlink()
        confirmed._discount_check_growth(before)
        return result

    def _discount_confirmed_orders(self):
        return self.order_id.filtered(lambda order: order.state == "sale")

    def _discounts_given(self):
        """The discount of each line against the list price of its product, in the
        currency and unit of its order: that of the pricelist, the line's own, an edited
        price, and its part of whatever is taken off the order as a whole.

        :param self: all lines of some orders; lines left out count for nothing
        :return: ``{line: percent}`` of the lines that sell something
        """
        lines = self.sudo().filtered(lambda line: not line.display_type)
        prices = lines._discount_list_prices()
        given = {}
        for own in lines.grouped("order_id").values():
            shared = own._discount_shared()
            for head, parts in own.grouped(own._discount_heads().get).items():
                percent = parts._discount_of(head, prices, shared)
                if percent is not None:
                    given[head] = percent
        return given

    def _discount_head(self):
        """:return: the line this one is part of: the combo it was chosen for"""
        self.ensure_one()
        lines = self.order_id.order_line.sudo()
        return lines._discount_heads().get(self, self).with_env(self.env)

    def _discount_heads(self):
        """
        :param self: lines of one order
        :return: ``{line: the line it is part of}``: the combo it was chosen for, if it
            is one of that combo's choices, as many, and the first of them; else itself
        """
        saved = {line._origin: line for line in self if line._origin}
        heads, chosen = {line: line for line in self}, set()
        for line in self.filtered("combo_item_id"):
            linked = line._get_linked_line()
            head = saved.get(linked._origin, linked & self)
            choice = head, line.combo_item_id.combo_id
            if choice not in chosen and line._discount_is_choice(head):
                chosen.add(choice)
                heads[line] = head
        return heads

    def _discount_is_choice(self, head):
        """:return: whether this line may be a part of the combo of ``head``"""
        item = self.combo_item_id
        return (
            item.combo_id in head.product_id.combo_ids
            and item.product_id == self.product_id
            and self._discount_is_as_many(head.product_uom_qty, self.product_uom_qty)
        )

    def _discount_is_as_many(self, quantity, other):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return float_compare(quantity, other, precision_digits=digits) == 0

    def _discount_quantity(self):
        """:return: the quantity of one line in the unit of its product"""
        unit, own = self.product_uom_id, self.product_id.uom_id
        if not (unit and own) or not unit._has_common_reference(own):
            return self.product_uom_qty
        return unit._compute_quantity(self.product_uom_qty, own, round=False)

    def _discount_is_of(self, product_id, quantity=None):
        """:return: whether this line sells what a leader was asked for, or less of it
            once it is confirmed
        """
        now = self._discount_quantity()
        if quantity is not None and self.order_id.state == "sale":
            quantity = min(quantity, now)
        return self.product_id.id == product_id and (
            quantity is None or self._discount_is_as_many(quantity, now)
        )

    def _discount_price(self):
        """:return: what one unit costs after the line's discount; less, if amounts have
        been set beside the price
        """
        price, data = self._get_discounted_price(), self.extra_tax_data
        manual = isinstance(data, dict) and data.get("manual_total_excluded_currency")
        if not isinstance(manual, int | float) or not self.product_uom_qty:
            return price
        if isinstance(manual, bool):
            return price
        return min(price, manual / self.product_uom_qty)

    def _discount_of(self, head, prices, shared):
        """
        :param self: the lines of one product or combo
        :param head: the line of the product or combo itself
        :param prices: list prices by line
        :param shared: the part that is taken off the order as a whole, 1 being all
        :return: the discount in percent; None: it sells nothing
        """
        if all(x.price_unit < 0 or x.product_uom_qty < 0 for x in self):
            return 100.0 if shared is None else None
        price = sum(x._discount_price() for x in self)
        listed = prices.get(head, 0)
        if self != head:
            listed += sum(prices[x] for x in self - head)
        if listed <= 0:  # no list price: what is asked before the discount
            listed = sum(x.price_unit for x in self)
        if listed <= 0:
            return None
        return 100 * (1 - price / listed * (1 - (shared or 0)))

    def _discount_shared(self):
        """:return: the part that the negative lines take off the others, 1 being all;
        None: there are no others. What rounding may have added is left out.
        """
        amounts = [line._discount_price() * line.product_uom_qty for line in self]
        gross = sum(amount for amount in amounts if amount > 0)
        taken = -sum(amount for amount in amounts if amount < 0)
        rounding = self.order_id.currency_id.rounding / 2
        taken -= rounding * sum(amount < 0 for amount in amounts)
        if taken <= 0:
            return 0
        return taken / gross if gross else None

    def _discount_list_prices(self):
        """
        :param self: lines, as superuser
        :return: ``{line: list price}`` of one unit; for the parts of a combo, what they
            add to its price. Rates are read once for each currency and day.
        """
        rates, prices = {}, {}
        for line in self.filtered("product_id"):
            price, currency = line._discount_list_price()
            company = line.order_id.company_id or self.env.company
            to_currency = line.order_id.currency_id or company.currency_id
            date = line._discount_date()
            key = (currency, to_currency, company, date)
            if key not in rates:
                rates[key] = currency._get_conversion_rate(*key)
            prices[line] = line._discount_with_taxes(price * rates[key])
        return prices

    def _discount_date(self):
        """:return: the day of the rates: the order's, within the days it has existed,
        whatever date somebody has written on it
        """
        order, today = self.order_id, fields.Date.today()
        created = fields.Date.to_date(order.create_date) or today
        date = fields.Date.to_date(self._get_order_date()) or today
        return max(created, min(date, today))

    def _discount_list_price(self):
        """:return: the list price of one unit, and its currency"""
        self.ensure_one()
        company = self.order_id.company_id
        product = self.product_id.with_company(company)
        extras = self.product_no_variant_attribute_value_ids
        item = self.combo_item_id
        if item and self._discount_head() != self:
            added = product._get_no_variant_attributes_price_extra(extras)
            return item.extra_price + added, item.currency_id
        context = {NO_EXTRA: 0, **self._get_product_price_context()}
        product = product.with_context(**context)
        unit, own = self.product_uom_id, product.uom_id
        if unit and unit != own and not unit._has_common_reference(own):
            unit = own
        price = product._price_compute("list_price", uom=unit, company=company)
        return price[product.id], product.currency_id

    def _discount_with_taxes(self, price):
        """:return: ``price`` as core puts it on the line under its fiscal position"""
        position = self.order_id.fiscal_position_id
        if not position:
            return price
        company = self.order_id.company_id
        taxes = self.product_id.taxes_id._filter_taxes_by_company(company)
        return self.product_id._get_tax_included_unit_price_from_price(
            price, product_taxes=taxes, fiscal_position=position
        )
