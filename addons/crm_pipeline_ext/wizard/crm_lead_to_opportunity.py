from odoo import api, fields, models


class CrmLead2opportunityPartner(models.TransientModel):
    _inherit = "crm.lead2opportunity.partner"

    customer_reason = fields.Char(
        compute="_compute_customer_reason",
        string="Known By",
        compute_sudo=False,
    )

    @api.depends_context("lang")
    @api.depends("lead_id", "partner_id")
    def _compute_customer_reason(self):
        for convert in self:
            convert.customer_reason = (
                convert.lead_id
                and convert.partner_id
                and convert.lead_id._customer_reason(convert.partner_id)
            )
