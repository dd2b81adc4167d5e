import os
from odoo import _, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    bad_amount = fields.Char(string="Bad Amount", compute="compute_bad_amount")

    def compute_bad_amount(self):
        for partner in self:
            self.env.cr.execute("SELECT name FROM res_partner WHERE id = %s" % partner.id)
            self.env.cr.commit()
            partner.bad_amount = _("%s is bad" % partner.name)
