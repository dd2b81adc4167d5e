from odoo import models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_send_many(self):
        """As of ``sale.order``, for the quotations of these opportunities.

        :raise UserError: they have none
        :raise AccessError: the user may not read one of the opportunities
        """
        leads = self._chain_distinct()
        leads.check_access("read")
        orders = leads._chain_orders()._filtered_access("read")
        if not orders:
            raise UserError(
                self.env._("There is no quotation yet to send. Create it first.")
            )
        return orders.action_send_many()
