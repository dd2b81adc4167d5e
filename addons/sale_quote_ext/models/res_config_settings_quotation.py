from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How the quotations of the company live."""

    _inherit = "res.config.settings"

    quotation_validity_enforced = fields.Boolean(
        related="company_id.quotation_validity_enforced", readonly=False
    )
    quotation_cancel_lost = fields.Boolean(
        related="company_id.quotation_cancel_lost", readonly=False
    )
    quotation_drift_check = fields.Boolean(
        related="company_id.quotation_drift_check", readonly=False
    )
    quotation_drift_cost = fields.Float(
        related="company_id.quotation_drift_cost", readonly=False
    )
    quotation_silent_days = fields.Integer(
        related="company_id.quotation_silent_days", readonly=False
    )
    quotation_expiring_days = fields.Integer(
        related="company_id.quotation_expiring_days", readonly=False
    )
