from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._chain_create_policies()
        return companies

    def _chain_create_policies(self):
        """Give each of these companies its default policy, if it has none."""
        Policy = self.env["crm.chain.policy"].sudo()
        defaults = Policy.search([("team_id", "=", False)])
        policies = Policy.create(
            [
                {"name": "Whole Chain", "company_id": company.id}
                for company in self - defaults.company_id
            ]
        )
        for code, _name in self.env["res.lang"].get_installed():
            spoken = policies.with_context(lang=code)
            spoken.name = spoken.env._("Whole Chain")
