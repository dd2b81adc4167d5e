from odoo import models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def send_mail_batch(self, res_ids, *args, **kwargs):
        """:raise UserError: a quotation among them gives a discount beyond authority"""
        if self.model == "sale.order":
            self.env["sale.order"].browse(res_ids)._discount_check_sending()
        return super().send_mail_batch(res_ids, *args, **kwargs)
