from odoo import models
from odoo.exceptions import UserError

from .sale_order_take_back import Taken


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_take_back(self):
        """Show what the quotations of these opportunities changed of their products:
        the confirmed one of each, else the latest; another can be chosen.

        :return: as of ``sale.order``
        :raise UserError: none of them has a quotation
        :raise AccessError: the user may not read one of the opportunities
        """
        leads = self._chain_distinct()
        leads.check_access("read")
        orders = leads._take_back_orders()
        if not orders:
            raise UserError(
                self.env._("There is no quotation yet to take anything back from.")
            )
        chosen = orders.sorted(lambda x: (x.state == "sale", x.id), reverse=True)
        first = chosen.grouped("opportunity_id").values()
        return orders.browse().union(*(own[0] for own in first)).action_take_back()

    def _take_back_orders(self):
        """:return: the quotations and orders of these opportunities that count"""
        orders = self.order_ids._filtered_access("read")
        return orders.filtered(lambda order: order.state != "cancel")


class CrmLeadLine(models.Model):
    _inherit = "crm.lead.line"

    def _taken(self):
        """:return: this line, to be compared with that of a quotation"""
        self.ensure_one()
        return Taken(
            product=self.product_id,
            unit=self.product_uom_id,
            quantity=self.product_uom_qty,
            price=self.price_unit,
            discount=self.discount,
            amount=self.price_subtotal,
        )
