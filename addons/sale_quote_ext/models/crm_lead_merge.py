from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        """Core takes over the orders that the user may see: those of others would lose
        their opportunity.
        """
        result = super()._merge_dependences(opportunities)
        orders = self.env["sale.order"].sudo().with_context(active_test=False)
        orders = orders.search([("opportunity_id", "in", opportunities.ids)])
        orders.write({"opportunity_id": self.id})
        return result
