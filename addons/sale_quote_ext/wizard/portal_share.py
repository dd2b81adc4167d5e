from odoo import api, models


class PortalShare(models.TransientModel):
    _inherit = "portal.share"

    @api.model
    def default_get(self, fields):
        """:raise UserError: it is a quotation with a discount beyond authority"""
        if self.env.context.get("active_model") == "sale.order":
            self._discount_check(self.env.context.get("active_id"))
        return super().default_get(fields)

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: as :meth:`default_get`"""
        wizards = super().create(vals_list)
        for wizard in wizards.filtered(lambda x: x.res_model == "sale.order"):
            self._discount_check(wizard.res_id)
        return wizards

    def action_send_mail(self):
        for wizard in self.filtered(lambda x: x.res_model == "sale.order"):
            self._discount_check(wizard.res_id)
        return super().action_send_mail()

    def _discount_check(self, order_id):
        self.env["sale.order"].browse(order_id or [])._discount_check_open()
