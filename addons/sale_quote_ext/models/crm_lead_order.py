from odoo import models

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


class CrmLead(models.Model):
    """What orders mean for their opportunity."""

    _inherit = "crm.lead"

    def _update_revenues_from_so(self, order):
        """Who may confirm an order may lack the right to write its opportunity."""
        return super(CrmLead, self.sudo())._update_revenues_from_so(order)

    def _lost_blockers(self):
        """What is ordered is not lost."""
        blockers = super()._lost_blockers()
        orders = self.env["sale.order"].sudo()
        for order in orders.search(
            [("opportunity_id", "in", self.ids), ("state", "=", "sale")], order="id"
        ):
            reason = self.env._(
                "It has the confirmed order %(order)s. Cancel the order first.",
                order=order.name,
            )
            lead_id = order.opportunity_id.id
            blockers[lead_id].append(ChainReason(reason, order.sudo(False)))
        return blockers
