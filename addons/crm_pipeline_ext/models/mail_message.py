from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    # Messages of these types are written by people; all others by programs.
    _touch_types = ("comment", "email", "email_outgoing", "sms")

    def _is_touch(self, record):
        """:param record: the one this message was posted on
        :return: whether the message came from the customer's side or went there; no
            internal note and no log is one
        """
        message = self.sudo()
        if message.message_type not in self._touch_types or message.is_internal:
            return False
        if message.message_type == "sms":
            return True
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        if message.subtype_id.id != comment:
            return False
        author = message.author_id
        return (
            not author
            or author.partner_share
            or bool(message.outgoing_email_to)
            or any(message.partner_ids.mapped("partner_share"))
            or any(record.sudo().message_partner_ids.mapped("partner_share"))
        )
