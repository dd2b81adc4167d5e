from odoo import api, models


class ProductTemplate(models.Model):
    """Selling a membership gives its level, so managers decide on that one too. The
    configurators show the prices of the customer's level.
    """

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

    @api.model
    def _get_configurator_price(self, *args, customer_id=None, **kwargs):
        """:param customer_id: whose prices to show, as the client sends it; only if
        the user may read him
        """
        if isinstance(customer_id, int):
            customer = self.env["res.partner"].browse(customer_id).exists()
            customer = customer._filtered_access("read")
            kwargs.setdefault("customer_level", customer._customer_level())
        return super()._get_configurator_price(*args, **kwargs)
