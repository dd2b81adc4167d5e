from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError

PRICELIST_FIELDS = {"property_product_pricelist", "specific_property_product_pricelist"}


class Terms(NamedTuple):
    """What one customer has in one company."""

    level: models.BaseModel
    given: models.BaseModel  # the pricelist that comes with the level
    current: models.BaseModel  # the pricelist kept for him, wherever it came from

    def after(self, level, given):
        """:return: his pricelist once he has ``level``, which gives ``given``. One that
        did not come from a level goes only for a new level's own.
        """
        if self.current == self.given or (given and level != self.level):
            return given
        return self.current


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _customer_level(self):
        """:return: the level (one, or none) that counts for one customer's prices:
        his company's, else his own. As superuser: a price does not depend on who asks.
        """
        partner = self.sudo()
        return partner.commercial_partner_id.grade_id or partner.grade_id

    # Pricelists of levels

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        leveled = partners.filtered("grade_id")
        if not leveled:
            return partners
        leveled.grade_id._check_user_may_assign()
        for partner, vals in zip(partners, vals_list, strict=True):
            if PRICELIST_FIELDS & vals.keys():
                partner._check_level_pricelist()
        leveled._follow_first_level()
        return partners

    def write(self, vals):
        if "grade_id" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda x: x.grade_id.id != (vals["grade_id"] or False))
        if not changed:
            return super().write({k: v for k, v in vals.items() if k != "grade_id"})
        level = self.env["res.partner.grade"].browse(vals["grade_id"] or ())
        level._check_user_may_assign()
        companies = (changed._levels() | level.sudo())._companies()
        if PRICELIST_FIELDS & vals.keys():
            companies -= self.env.company
        before = changed._level_terms(companies)
        result = super().write(vals)
        changed._follow_levels(before)
        return result

    def copy_data(self, default=None):
        """Who may not set a level copies customers without theirs."""
        vals_list = super().copy_data(default)
        if self.env["res.partner.grade"]._user_may_manage():
            return vals_list
        for partner, vals in zip(self, vals_list, strict=True):
            if vals.pop("grade_id", False):
                given = partner.grade_id._pricelist_in(self.env.company)
                if vals.get("specific_property_product_pricelist") == given.id:
                    del vals["specific_property_product_pricelist"]
        return vals_list

    def _check_level_pricelist(self):
        """What core says on write: a customer cannot have two pricelists.

        :raise UserError: if one customer's pricelist is not that of his level
        """
        given = self._customer_level()._pricelist_in(self.env.company)
        chosen = self.specific_property_product_pricelist
        if given and chosen and chosen != given:
            raise UserError(
                self.env._(
                    "%(customer)s is given the pricelist %(chosen)s, and "
                    "%(given)s by the level %(level)s. Choose one of them.",
                    customer=self.display_name,
                    chosen=chosen.display_name,
                    given=given.display_name,
                    level=self._customer_level().name,
                )
            )

    def _follow_first_level(self):
        """Give new customers the pricelist of their level, if they have none yet."""
        new = self.filtered(lambda x: x._customer_level() == x.grade_id)
        nothing = self.env["res.partner.grade"]
        companies = new._levels()._companies()
        new._follow_levels(
            {
                key: terms._replace(level=nothing)
                for key, terms in new._level_terms(companies).items()
                if not terms.current
            }
        )

    def _levels(self):
        """:return: their own levels and those of their companies"""
        partners = self.sudo()
        return partners.grade_id | partners.commercial_partner_id.grade_id

    def _level_terms(self, companies):
        """What the levels of these customers have given them so far.

        :return: ``{(company, partner): Terms}``, as superuser
        """
        result = {}
        for company in companies:
            for partner in self.sudo().with_company(company):
                level = partner._customer_level()
                entity = partner.commercial_partner_id
                result[company, partner] = Terms(
                    level=level,
                    given=level._pricelist_in(company),
                    current=entity.specific_property_product_pricelist,
                )
        return result

    def _follow_levels(self, before):
        """Bring customers' pricelists in line with their levels: one write for each
        company and pricelist.

        :param before: what :meth:`_level_terms` said of them before the change
        """
        wanted = defaultdict(list)
        for (company, partner), terms in before.items():
            level = partner._customer_level()
            pricelist = terms.after(level, level._pricelist_in(company))
            wanted[company, pricelist].append(partner.commercial_partner_id.id)
        for (company, pricelist), ids in wanted.items():
            entities = self.sudo().with_company(company).browse(ids)
            behind = entities.filtered(
                lambda x, kept=pricelist: x.specific_property_product_pricelist != kept
            )
            behind.write({"specific_property_product_pricelist": pricelist.id})
