from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ResPartnerGrade(models.Model):
    """The pricelist of a level follows its customers; managers alone decide on both."""

    _inherit = "res.partner.grade"

    default_pricelist_id = fields.Many2one(
        help="Customers who get this level get this pricelist, in every company where "
        "the level and the pricelist may be used. When it is changed, those who still "
        "have it get the new one.",
    )

    # Rights

    @api.model
    def _user_may_manage(self):
        """Whether the user decides on levels: who has them, and what they give."""
        user = self.env.user
        return (
            self.env.su
            or user.has_group("sales_team.group_sale_manager")
            or user.has_group("base.group_system")
        )

    @api.model
    def _check_user_may_assign(self):
        """:raise AccessError: for whoever does not decide on levels"""
        if not self._user_may_manage():
            raise AccessError(
                self.env._("Only sales managers set the level of a customer. Ask one.")
            )

    def _check_access(self, operation):
        """Core lets every salesperson change levels."""
        if operation == "read" or self._user_may_manage():
            return super()._check_access(operation)
        message = self.env._("Only sales managers change customer levels. Ask one.")
        return self, lambda: AccessError(message)

    # Pricelists

    def _pricelist_in(self, company):
        """:return: the pricelist the level (one, or none) gives in ``company``;
        empty where the level or the pricelist is another company's
        """
        level = self.sudo()
        pricelist = level.default_pricelist_id
        owners = level.company_id | pricelist.company_id
        return pricelist if owners <= company.sudo().parent_ids else pricelist.browse()

    def _companies(self):
        """:return: the companies in which one of these levels could give a pricelist,
        and the current one, as superuser
        """
        owners = [level.company_id for level in self.sudo()]
        companies = self._all_companies()
        return companies.filtered(
            lambda x: (
                x == self.env.company or any(owner <= x.parent_ids for owner in owners)
            )
        )

    def _all_companies(self):
        return self.env["res.company"].sudo().search([("active", "=", True)])

    def _customers(self):
        """:return: all customers of these levels, archived ones too, as superuser"""
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return partners.search([("grade_id", "in", self.ids)])

    def write(self, vals):
        if {"default_pricelist_id", "company_id"}.isdisjoint(vals):
            return super().write(vals)
        self.check_access("write")
        customers = self._customers()
        companies = self._companies()
        if "company_id" in vals:
            companies = self._all_companies()
        before = customers._level_terms(companies)
        result = super().write(vals)
        customers._follow_levels(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_price_rules(self):
        """A rule that lost its last level would be a rule for everybody."""
        rules = self.env["product.pricelist.item"].sudo()
        if found := rules.search([("level_ids", "in", self.ids)]):
            raise UserError(
                self.env._(
                    "There are price rules for %(levels)s (pricelists: "
                    "%(pricelists)s). Archive the level instead.",
                    levels=(found.level_ids & self.sudo()).mapped("name"),
                    pricelists=found.pricelist_id.mapped("display_name"),
                )
            )

    def unlink(self):
        """Customers keep no pricelist of a level that is gone."""
        self.check_access("unlink")
        self._customers().write({"grade_id": False})
        return super().unlink()
