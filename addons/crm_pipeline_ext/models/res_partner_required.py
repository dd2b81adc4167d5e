from odoo import api, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_customer_of_opportunity(self):
        """Where opportunities need a customer, those that have one keep him."""
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        if not leads._customer_required():
            return
        domain = [("type", "=", "opportunity"), ("partner_id", "in", self.ids)]
        if lead := leads.search(domain, limit=1):
            raise ValidationError(
                self.env._(
                    "%(customer)s is the customer of an opportunity. Archive the "
                    "contact, or give the opportunity another customer first.",
                    customer=lead.partner_id.display_name,
                )
            )
