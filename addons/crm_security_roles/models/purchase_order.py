from odoo import models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    _create_uid_idx = models.Index("(create_uid)")
