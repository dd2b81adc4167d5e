from odoo import fields, models

from .crm_lead_revenue import PARAM


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_lines_feed_revenue = fields.Boolean(
        string="Products Make Expected Revenue",
        config_parameter=PARAM,
        help="Opportunities with products expect what these come to, without taxes.",
    )
