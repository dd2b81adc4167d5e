from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

# What of a form decides on prices.
ORDER_FIELDS = (
    "company_id",
    "date_order",
    "fiscal_position_id",
    "partner_id",
    "pricelist_id",
)
LINE_FIELDS = (
    "combo_item_id",
    "discount",
    "display_type",
    "is_downpayment",
    "linked_line_id",
    "linked_virtual_id",
    "price_unit",
    "product_id",
    "product_no_variant_attribute_value_ids",
    "product_uom_id",
    "product_uom_qty",
    "technical_price_unit",
    "virtual_id",
)


class SaleOrder(models.Model):
    """Why the lines of an order cost what they cost."""

    _inherit = "sale.order"

    def explain_price(self, line=None, changes=None):
        """What makes the price of one line, as it stands in the form. Writes nothing.

        :param self: one order; none: one that is not saved yet
        :param line: the id of the line, or what the web client calls a new one
        :param changes: of the form, as the web client would save them
        :return: see ``sale.order.line._why``
        :raise UserError: there is no such line, or no product on it
        :raise AccessError: the user may not read the order
        """
        self._chain_check_ids(self._ids)
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only employees see where prices come from."))
        lines = self.browse().order_line
        if len(self) < 2:
            self.check_access("read" if self else "create")
            lines = self._lines_with_changes(changes or {})
        lines = lines.filtered(lambda x: line and line in (x._origin.id, x.id.ref))
        if len(lines.product_id) != 1:
            raise UserError(
                self.env._("This line is not part of the quotation. Save it first.")
            )
        lines.product_id._origin.check_access("read")
        return lines._why()

    def _lines_with_changes(self, changes):
        """:raise UserError: these are no changes of a form; other programs send
        anything
        """
        try:
            return self._with_changes(changes).order_line
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(
                self.env._("Give the changes as the web client would save them.")
            ) from error

    def _with_changes(self, changes):
        """:return: one order as the form has it, in memory only"""
        kept = {name: changes[name] for name in ORDER_FIELDS if name in changes}
        order = self.new({"order_line": self.order_line, **kept}, origin=self)
        order.partner_id._origin.check_access("read")
        commands = [
            command
            for command in map(self._line_change, changes.get("order_line") or ())
            if command
        ]
        order._update_cache({"order_line": commands}, validate=False)
        return order

    def _line_change(self, command):
        """:return: a command on a line of this order, as far as it concerns prices"""
        kind, line_id, *values = command
        if kind == Command.CREATE or (
            kind == Command.UPDATE and line_id in self.order_line.ids
        ):
            kept = {name: values[0][name] for name in LINE_FIELDS if name in values[0]}
            return (kind, line_id, kept)
        return command if kind in (Command.DELETE, Command.UNLINK) else None

    def _portal_next_breaks(self):
        """:return: ``{line id: text}``: what the customer saves if he takes more; for
        his page, so as superuser
        """
        self.ensure_one()
        if self.state not in ("draft", "sent") or self.is_expired:
            return {}
        breaks = self.order_line._next_breaks()
        return {line.id: line._break_text(ahead) for line, ahead in breaks.items()}
