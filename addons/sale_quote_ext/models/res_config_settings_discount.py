from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    """The highest discount of each role."""

    _inherit = "res.config.settings"

    discount_limited_own = fields.Boolean(
        string="Limit Discounts of Salespeople (Own Documents)",
        config_parameter="sale_quote_ext.discount_limited_own",
    )
    discount_limit_own = fields.Float(
        string="Highest Discount, Own Documents (%)",
        digits="Discount",
        config_parameter="sale_quote_ext.discount_limit_own",
        help="In percent of the list price, all discounts of a line together.",
    )
    discount_limited_all = fields.Boolean(
        string="Limit Discounts of Salespeople (All Documents)",
        config_parameter="sale_quote_ext.discount_limited_all",
    )
    discount_limit_all = fields.Float(
        string="Highest Discount, All Documents (%)",
        digits="Discount",
        config_parameter="sale_quote_ext.discount_limit_all",
        help="In percent of the list price, all discounts of a line together.",
    )
    discount_limited_manager = fields.Boolean(
        string="Limit Discounts of Sales Managers",
        config_parameter="sale_quote_ext.discount_limited_manager",
    )
    discount_limit_manager = fields.Float(
        string="Highest Discount, Managers (%)",
        digits="Discount",
        config_parameter="sale_quote_ext.discount_limit_manager",
        help="In percent of the list price, all discounts of a line together.",
    )

    @api.constrains(
        "discount_limit_own", "discount_limit_all", "discount_limit_manager"
    )
    def _check_discount_limits(self):
        for settings in self:
            limits = (
                settings.discount_limit_own,
                settings.discount_limit_all,
                settings.discount_limit_manager,
            )
            if not all(0 <= limit <= 100 for limit in limits):
                raise ValidationError(
                    self.env._("The highest discount lies between 0 and 100 percent.")
                )
