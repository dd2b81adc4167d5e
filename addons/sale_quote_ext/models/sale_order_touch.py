from odoo import models


class SaleOrder(models.Model):
    """A quotation sent, or a message about it, is a touch of its opportunity."""

    _inherit = "sale.order"

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        opportunity = self.sudo().opportunity_id
        if opportunity and message._is_touch(self):
            opportunity._touch(message.date)
        return result

    def _message_mail_after_hook(self, mails):
        result = super()._message_mail_after_hook(mails)
        self.sudo().opportunity_id._touch()
        return result
