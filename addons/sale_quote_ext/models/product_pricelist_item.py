from odoo import api, fields, models
from odoo.exceptions import AccessError


class ProductPricelistItem(models.Model):
    """Rules for customers of some levels: with core's minimum quantity and dates, a
    price depends on quantity, level and period.
    """

    _inherit = "product.pricelist.item"
    # Core's order; between two rules alike, the one with levels goes first.
    _order = "applied_on, min_quantity desc, categ_id desc, has_levels desc, id desc"

    level_ids = fields.Many2many(
        comodel_name="res.partner.grade",
        relation="product_pricelist_item_level_rel",
        column1="item_id",
        column2="level_id",
        string="Customer Levels",
        # An archived level must not make it a rule for everybody.
        context={"active_test": False},
        ondelete="restrict",
        help="The rule applies only to customers of these levels. "
        "Empty: to all customers.",
    )
    has_levels = fields.Boolean(
        compute="_compute_has_levels", store=True, exportable=False
    )

    @api.depends("level_ids")
    def _compute_has_levels(self):
        for item in self:
            item.has_levels = bool(item.level_ids)

    # Rights

    def _check_access(self, operation):
        """Product managers change prices, but not those of levels."""
        if result := super()._check_access(operation):
            return result
        if operation == "read" or self.env["res.partner.grade"]._user_may_manage():
            return None
        rules = self.filtered("has_levels")
        message = self.env._("Only sales managers change prices of customer levels.")
        return (rules, lambda: AccessError(message)) if rules else None

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.check_access("create")
        return items

    def write(self, vals):
        result = super().write(vals)
        if "level_ids" in vals:
            self.check_access("write")
        return result
