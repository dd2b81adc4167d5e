from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    win_back = fields.Boolean(
        readonly=True,
        copy=False,
        help="Planned when the opportunity was lost; restoring it takes it away.",
    )
