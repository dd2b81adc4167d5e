from odoo import models

from ..batch import collector_of


class MailMessageSubtype(models.Model):
    _inherit = "mail.message.subtype"

    def exists(self):
        """Core looks before each message whether its subtype is still there; a step
        that posts many looks once.
        """
        if batch := collector_of(self.env):
            return batch.once(("exists", self), super().exists)
        return super().exists()
