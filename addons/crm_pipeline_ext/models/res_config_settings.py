from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_lost_reason_required = fields.Boolean(
        "Lost Reason Required",
        config_parameter="crm_pipeline_ext.lost_reason_required",
        help="Nobody can lose a lead or an opportunity without a lost reason.",
    )
    crm_customer_required = fields.Boolean(
        "Customers First",
        config_parameter="crm_pipeline_ext.customer_required",
        help="An opportunity needs a registered customer.",
    )
