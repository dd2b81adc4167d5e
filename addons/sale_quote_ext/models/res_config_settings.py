from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_order_wins_opportunity = fields.Boolean(
        "Orders Win Opportunities",
        config_parameter="sale_quote_ext.order_wins_opportunity",
        help="Confirming an order marks its opportunity as won. Cancelling the order "
        "takes that back.",
    )
