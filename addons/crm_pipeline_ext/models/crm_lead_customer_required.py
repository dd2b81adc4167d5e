from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import str2bool

REGISTER = "crm_register_customers"


class CrmLead(models.Model):
    """Customers first (a setting): no opportunity without a registered customer."""

    _inherit = "crm.lead"

    @api.model
    def _customer_required(self):
        param = self.env["ir.config_parameter"].sudo()
        return str2bool(param.get_param("crm_pipeline_ext.customer_required"), False)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        if self._customer_required():
            lacking = leads._without_customer()
            if lacking and self._registers_customers():
                lacking._chain_set_customers()
            lacking._check_customer()
        return leads

    def write(self, vals):
        """Opportunities that have had no customer before may go on so."""
        if not vals.keys() & {"type", "partner_id"} or not self._customer_required():
            return super().write(vals)
        before = self._without_customer()
        result = super().write(vals)
        (self - before)._check_customer()
        return result

    def message_new(self, msg_dict, custom_values=None):
        """Who writes for the first time is registered: his e-mail must not be lost."""
        leads = self.with_context(**{REGISTER: True})
        return super(CrmLead, leads).message_new(msg_dict, custom_values)

    @api.model
    def _registers_customers(self):
        """:return: whether a new opportunity's customer is registered rather than asked
        for: nobody is there to ask where it comes by e-mail or from the website
        """
        return self.env.context.get(REGISTER) or not self.env.user._is_internal()

    def _without_customer(self):
        return self.filtered(
            lambda lead: lead.type == "opportunity" and not lead.partner_id
        )

    def _check_customer(self):
        """:raise ValidationError: one of them is an opportunity without a customer"""
        if lacking := self._without_customer():
            raise ValidationError(
                self.env._(
                    "An opportunity needs a registered customer. Choose or create one, "
                    "or keep it a lead until you know who it is: %(names)s",
                    names=", ".join(lacking[:10].mapped("name")),
                )
            )
