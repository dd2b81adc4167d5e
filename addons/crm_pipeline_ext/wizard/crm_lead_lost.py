from odoo import api, fields, models


class CrmLeadLost(models.TransientModel):
    _inherit = "crm.lead.lost"

    competitor_id = fields.Many2one(comodel_name="crm.competitor")
    lost_reason_required = fields.Boolean(compute="_compute_lost_reason_required")

    @api.depends("lead_ids")
    def _compute_lost_reason_required(self):
        self.lost_reason_required = self.env["crm.lead"]._lost_reason_required()

    def action_lost_reason_apply(self):
        if self.competitor_id:
            self.lead_ids.competitor_id = self.competitor_id
        return super().action_lost_reason_apply()
