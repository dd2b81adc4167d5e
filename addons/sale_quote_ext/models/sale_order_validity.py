from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .payment_transaction import PAID, PAYING


class SaleOrder(models.Model):
    """An expired quotation is not confirmed, by whichever way."""

    _inherit = "sale.order"

    validity_date = fields.Date(tracking=True)

    def write(self, vals):
        """:raise UserError: an expired quotation would be confirmed"""
        if vals.get("state") == "sale":
            unconfirmed = self.filtered(lambda order: order.state != "sale")
            unconfirmed._validity_check(vals)
        return super().write(vals)

    # Ways out

    def action_validity_extend(self):
        """Give these expired quotations their usual time again, at their prices.

        :raise UserError: none of them has expired
        :raise AccessError: the user is no sales manager, or may not write one of them
        """
        orders = self._chain_distinct()
        orders.check_access("write")
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(
                self.env._(
                    "Only a sales manager extends a quotation at its old prices. "
                    "Refresh it instead, and send it again."
                )
            )
        expired = orders.filtered("is_expired")
        if not expired:
            raise UserError(self.env._("None of these quotations has expired."))
        expired._compute_validity_date()
        expired.invalidate_recordset(["is_expired"])  # it depends on nothing in core

    # What has expired

    def _validity_holds(self):
        """:return: those of these orders whose validity counts for who is at work: what
        a customer has paid or accepted is confirmed, as core does
        """
        if self.env.context.get(PAYING) is PAID or (
            self.env.su and self.env.user.share
        ):
            return self.browse()
        return self.filtered("company_id.quotation_validity_enforced")

    def _validity_expired(self, vals=None):
        """
        :param vals: what is about to be written
        :return: those that cannot be confirmed any more
        """
        today, vals = fields.Date.today(), vals or {}
        given = fields.Date.to_date(vals.get("validity_date"))
        expired = self.browse()
        for order in self._validity_holds():
            until = given if "validity_date" in vals else order.validity_date
            if until and until < today:
                expired |= order
        return expired

    def _validity_check(self, vals=None):
        """:raise UserError: one of these has expired; the message names them all"""
        expired = self._validity_expired(vals)
        if expired:
            raise UserError(
                "\n".join(
                    self.env._(
                        "The quotation %(quotation)s expired on %(date)s. Extend its "
                        "validity, or refresh it and send it again.",
                        quotation=order.name,
                        date=format_date(self.env, order.validity_date),
                    )
                    for order in expired
                )
            )

    # Chain

    def _chain_order_blockers(self):
        blockers = super()._chain_order_blockers()
        unconfirmed = self.filtered(lambda order: order.state in ("draft", "sent"))
        for order in unconfirmed._validity_expired():
            blockers[order.id].append(
                self.env._(
                    "It expired on %(date)s. Extend its validity, or refresh it and "
                    "send it again.",
                    date=format_date(self.env, order.validity_date),
                )
            )
        return blockers
