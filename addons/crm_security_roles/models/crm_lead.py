from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    _create_uid_idx = models.Index("(create_uid)")
