from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_lost_reason_required = fields.Boolean(
        "Lost Reason Required",
        config_parameter="crm_pipeline_ext.lost_reason_required",
        help="Nobody can lose a lead or an opportunity without a lost reason.",
    )
    crm_match_by_name = fields.Boolean(
        "Customers by Name",
        config_parameter="crm_pipeline_ext.match_by_name",
        help="A lead's customer is also found by a name that one customer alone bears.",
    )
    crm_customer_required = fields.Boolean(
        "Customers First",
        config_parameter="crm_pipeline_ext.customer_required",
        help="An opportunity needs a registered customer.",
    )
