from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    _create_uid_idx = models.Index("(create_uid)")
    _invoice_user_id_idx = models.Index(
        "(invoice_user_id) WHERE invoice_user_id IS NOT NULL"
    )
