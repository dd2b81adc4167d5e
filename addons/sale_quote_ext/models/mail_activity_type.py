from odoo import fields, models


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    category = fields.Selection(
        selection_add=[("discount", "Discount Approval")],
        ondelete={"discount": "set default"},
    )
