from odoo import models

# What is wrong with the address, not with our server: for the salesperson.
OF_ADDRESS = ("mail_email_invalid", "mail_email_missing", "mail_spam", "unknown")


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """What the mail server refuses at once is a bounce, too. Core deletes some of
        these e-mails.
        """
        if failure_type in OF_ADDRESS:
            for mail in self.sudo().filtered(lambda x: x.model == "sale.order"):
                order = self.env["sale.order"].browse(mail.res_id).exists()
                addresses = mail._refused_addresses(success_pids, success_emails)
                order._plan_bounce(addresses, failure_reason)
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )

    def _refused_addresses(self, success_pids, success_emails):
        """:return: the addresses of one e-mail that it was not sent to"""
        sent = {partner.id for partner in success_pids}
        failed = self.recipient_ids.filtered(lambda partner: partner.id not in sent)
        addresses = (self.email_to or "").split(",")
        return [
            *(partner.email or partner.display_name for partner in failed),
            *(x.strip() for x in addresses if x.strip() not in success_emails),
        ]
