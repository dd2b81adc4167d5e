from odoo import models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    def _action_send_mail(self, auto_commit=False):
        """:raise UserError: it sends a quotation with a discount beyond authority; a
        message without a template is no quotation
        """
        for composer in self:
            if composer.model == "sale.order" and (
                composer.template_id or composer.composition_mode == "mass_mail"
            ):
                order_ids = composer._evaluate_res_ids()
                self.env["sale.order"].browse(order_ids)._discount_check_open()
        return super()._action_send_mail(auto_commit=auto_commit)
