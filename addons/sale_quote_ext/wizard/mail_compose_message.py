from odoo import models


class MailComposeMessage(models.TransientModel):
    """A quotation with a discount beyond authority is not sent; a message without a
    template is no quotation.
    """

    _inherit = "mail.compose.message"

    def _action_send_mail(self, auto_commit=False):
        """:raise UserError: it sends a quotation with a discount beyond authority"""
        for orders in self._discount_quotations():
            orders._discount_check_sending()
        return super()._action_send_mail(auto_commit=auto_commit)

    def _action_schedule_message(self):
        """:raise UserError: as :meth:`_action_send_mail`"""
        for orders in self._discount_quotations():
            orders._discount_check_sending()
        return super()._action_schedule_message()

    def _discount_quotations(self):
        """:return: the orders of each of these messages that may send a quotation"""
        for composer in self:
            if composer.model == "sale.order" and (
                composer.template_id or composer.composition_mode == "mass_mail"
            ):
                yield self.env["sale.order"].browse(composer._evaluate_res_ids())
