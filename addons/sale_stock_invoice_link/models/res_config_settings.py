from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sale_down_payment_within_order = fields.Boolean(
        "Down Payments within the Order",
        config_parameter="sale_stock_invoice_link.down_payment_within_order",
        help="No down payment takes an order over its total.",
    )
