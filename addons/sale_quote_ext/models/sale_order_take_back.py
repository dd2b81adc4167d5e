from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class Taken(NamedTuple):
    """What a line of a quotation is as a product of the opportunity."""

    product: models.BaseModel
    unit: models.BaseModel
    quantity: float
    price: float  # of one unit, in the opportunity's currency, without taxes
    discount: float
    amount: float

    def differs(self, other):
        """:return: whether it is not the same to the customer"""
        digits = self.unit.env["decimal.precision"].precision_get("Product Unit")
        return (
            self.unit != other.unit
            or float_compare(self.quantity, other.quantity, precision_digits=digits)
            or float_compare(self.amount, other.amount, precision_digits=2)
        )

    def vals(self):
        return {
            "product_uom_id": self.unit.id,
            "product_uom_qty": self.quantity,
            "discount": self.discount,
        }


class Change(NamedTuple):
    line: models.BaseModel  # the opportunity's; none: the product is new
    was: Taken  # None: the product is new
    now: Taken  # None: the product is gone


class SaleOrder(models.Model):
    """What was changed on the quotation, back on the opportunity."""

    _inherit = "sale.order"

    def action_take_back(self):
        """Show what these quotations changed of the products of their opportunities.

        :return: the dialog that asks before it takes them over
        :raise UserError: one has no opportunity
        :raise AccessError: the user may not read one of them
        """
        orders = self._chain_distinct()
        orders.check_access("read")
        orders._take_back_check()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Back to the Opportunity"),
            "res_model": "sale.order.take.back",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_ids": orders.ids},
        }

    def _take_back_check(self):
        """:raise UserError: no quotation, one without an opportunity, or two of one"""
        if not self:
            raise UserError(self.env._("Choose a quotation to take back."))
        for order in self.filtered(lambda order: not order.opportunity_id):
            raise UserError(
                self.env._(
                    "%(order)s has no opportunity to take its products back to.",
                    order=order.display_name,
                )
            )
        for lead, orders in self.grouped("opportunity_id").items():
            if len(orders) > 1:
                raise UserError(
                    self.env._(
                        "%(orders)s belong to the same opportunity, %(opportunity)s. "
                        "Choose the one that counts.",
                        orders=orders.mapped("name"),
                        opportunity=lead.display_name,
                    )
                )

    # Differences

    def _take_back_changes(self):
        """
        :return: ``{order: [Change]}`` of these quotations, each of an opportunity of
            its own; what is the same on both is left out
        """
        lines = self._take_back_lines().grouped("order_id")
        return {
            order: list(order._take_back_of_one(lines.get(order, ()))) for order in self
        }

    def _take_back_of_one(self, lines):
        rest = list(self.opportunity_id.line_ids)
        for now in map(self._taken, lines):
            line = self._take_back_match(rest, now)
            if line:
                rest.remove(line)
            was = line and line._taken() or None
            if not was or was.differs(now):
                yield Change(line, was, now)
        for line in rest:
            yield Change(line, line._taken(), None)

    def _take_back_match(self, lines, taken):
        """:return: which of ``lines`` became that line of the quotation; none: it is
        new
        """
        same = [line for line in lines if line.product_id == taken.product]
        exact = [line for line in same if line.product_uom_id == taken.unit]
        return next(iter(exact or same), self.env["crm.lead.line"])

    def _take_back_lines(self):
        """:return: the lines that are products the customer asked for"""
        return self.order_line.filtered(
            lambda line: (
                line.product_id
                and not line.display_type
                and not line.is_downpayment
                and not line.combo_item_id
                and line.price_unit >= 0
                and line.product_uom_qty > 0
            )
        )

    @api.model
    def _taken(self, line):
        """:param line: of a quotation"""
        order, lead = line.order_id, line.order_id.opportunity_id
        currency = lead.company_currency or order.company_id.currency_id
        rate = order.currency_id._get_conversion_rate(
            order.currency_id, currency, order.company_id, order.date_order
        )
        price, quantity = line.price_unit, line.product_uom_qty
        part = 1 - line.discount / 100
        if part > 0 and any(line.tax_ids.mapped("price_include")):
            price = line.price_subtotal / quantity / part
        return Taken(
            product=line.product_id,
            unit=line.product_uom_id,
            quantity=quantity,
            price=price * rate,
            discount=min(max(line.discount, 0), 100),
            amount=currency.round(line.price_subtotal * rate),
        )

    # Taking over

    def _take_back(self, changes):
        """Make the opportunities' products what they are on these quotations.

        :param changes: as of :meth:`_take_back_changes`
        :raise AccessError: the user may not change one of the opportunities
        """
        leads = self.opportunity_id
        leads.check_access("write")
        lines = self.env["crm.lead.line"].sudo()
        gone, prices, new = lines, {}, []
        for order, found in changes.items():
            for change in found:
                if not change.now:
                    gone |= change.line.sudo()
                elif change.line:
                    line = change.line.sudo()
                    line.write(change.now.vals())
                    prices[line] = change.now.price
                else:
                    new.append((order, change.now))
        gone.unlink()
        created = lines.create(
            [
                {**now.vals(), "product_id": now.product.id, "lead_id": lead.id}
                for lead, now in ((order.opportunity_id, now) for order, now in new)
            ]
        )
        prices.update(
            {line: now.price for line, (_, now) in zip(created, new, strict=True)}
        )
        lines._agree_on(prices)
        leads.sudo()._message_log_batch(
            bodies={
                order.opportunity_id.id: self.env._(
                    "The products were taken back from %(order)s.", order=order.name
                )
                for order in changes
            },
            author_id=self.env.user.partner_id.id,
        )
