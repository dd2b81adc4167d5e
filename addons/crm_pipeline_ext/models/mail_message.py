from odoo import api, models
from odoo.tools import SQL


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

    @api.model
    def _is_touch_sql(self):
        """:return: the same of messages of the past, who were told of them, and what
        activities were done, as a condition on the table ``message``
        """
        return SQL(
            """(message.message_type IN %(types)s
                AND message.is_internal IS NOT TRUE
                AND (message.message_type = 'sms' OR message.subtype_id = %(comment)s)
                AND (message.message_type = 'sms'
                     OR message.author_id IS NULL
                     OR message.outgoing_email_to != ''
                     OR EXISTS (
                         SELECT FROM res_partner
                          WHERE partner_share
                            AND (id = message.author_id
                                 OR id IN (SELECT res_partner_id
                                             FROM mail_notification
                                            WHERE mail_message_id = message.id)
                                 OR id IN (SELECT res_partner_id
                                             FROM mail_message_res_partner_rel
                                            WHERE mail_message_id = message.id)))))
               OR message.mail_activity_type_id IN (
                      SELECT id FROM mail_activity_type WHERE category IN %(done)s)""",
            types=self._touch_types,
            comment=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
            done=self.env["mail.activity"]._touch_categories,
        )
