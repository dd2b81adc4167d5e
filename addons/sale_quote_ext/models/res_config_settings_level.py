from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What becomes of levels by revenue each week."""

    _inherit = "res.config.settings"

    level_review = fields.Selection(
        selection=[
            ("tell", "Tell the sales managers"),
            ("apply", "Give the levels"),
        ],
        string="Levels by Revenue",
        config_parameter="sale_quote_ext.level_review",
        help="What happens each week when customers have earned another level, or "
        "theirs has expired. Nothing, if it is left empty.",
    )
