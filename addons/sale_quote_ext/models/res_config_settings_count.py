from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    break_scope = fields.Selection(
        selection=[
            ("template", "All lines of the same product"),
            ("category", "All lines of the same product category"),
        ],
        string="Quantity Breaks Count",
        config_parameter="sale_quote_ext.break_scope",
        help="What the minimum quantity of a price rule is compared with: the lines of "
        "an order together, or each line by itself if this is left empty.",
    )
