from odoo import api, models


class ProductTemplate(models.Model):
    """Selling a membership gives its level, so managers decide on that one too."""

    _inherit = "product.template"

    @api.model_create_multi
    def create(self, vals_list):
        templates = super().create(vals_list)
        if templates.grade_id:
            templates.grade_id._check_user_may_assign()
        return templates

    def write(self, vals):
        level_id = vals.get("grade_id")
        if level_id and any(x.grade_id.id != level_id for x in self):
            self.env["res.partner.grade"]._check_user_may_assign()
        return super().write(vals)
