from odoo import api, fields, models

from ..folding import fold_name, fold_number


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Texts as they are compared: see `folding.py`. For searching, not to be shown.
    name_folded = fields.Char(
        compute="_compute_name_folded",
        store=True,
        precompute=True,
        index=True,
        export_string_translation=False,
    )
    vat_folded = fields.Char(
        compute="_compute_vat_folded",
        store=True,
        precompute=True,
        index="btree_not_null",
        export_string_translation=False,
    )
    company_registry_folded = fields.Char(
        compute="_compute_company_registry_folded",
        store=True,
        index="btree_not_null",
        export_string_translation=False,
    )

    # Customers are looked up by these too, and core has no index for them.
    _email_normalized_index = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )
    _phone_sanitized_index = models.Index(
        "(phone_sanitized) WHERE phone_sanitized IS NOT NULL"
    )

    @api.depends("name")
    def _compute_name_folded(self):
        for partner in self:
            partner.name_folded = fold_name(partner.name) or False

    @api.depends("vat")
    def _compute_vat_folded(self):
        for partner in self:
            partner.vat_folded = fold_number(partner.vat) or False

    @api.depends("company_registry")
    def _compute_company_registry_folded(self):
        for partner in self:
            number = fold_number(partner.company_registry)
            partner.company_registry_folded = number or False

    def _identity(self, key):
        """:return: the values of one key of `crm_lead_customer.py` that one partner is
        known by
        """
        if key == "number":
            values = {self.vat_folded, self.company_registry_folded}
        elif key == "email":
            values = {self.email_normalized}
        elif key == "phone":
            values = {self.phone_sanitized}
        else:
            values = {self.name_folded}
        return values - {False}
