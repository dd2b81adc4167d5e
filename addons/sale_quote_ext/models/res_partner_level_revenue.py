from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

MANAGERS = "sales_team.group_sale_manager,base.group_system"


class Proposal(NamedTuple):
    """Another level for a customer, or the same for longer."""

    partner: models.BaseModel
    level: models.BaseModel  # may be none
    basis: models.BaseModel  # the level that was compared with
    revenue: float  # as it counts for that one, in its currency


class ResPartner(models.Model):
    """Levels that revenue gives. One that a person sets is changed by persons only."""

    _inherit = "res.partner"

    level_earned_id = fields.Many2one(
        comodel_name="res.partner.grade",
        string="Level by Revenue",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=MANAGERS,
        help="The level that the invoiced revenue has given.",
    )
    level_expires_on = fields.Date(
        string="Level until",
        readonly=True,
        copy=False,
        groups=MANAGERS,
        help="After this day the level is proposed anew, by the revenue there is then.",
    )

    def write(self, vals):
        """A level that is set is one by hand from then on."""
        if "grade_id" not in vals or "level_earned_id" in vals:
            return super().write(vals)
        earned = self.sudo().filtered(
            lambda x: x.level_earned_id and x.grade_id.id != (vals["grade_id"] or False)
        )
        result = super().write(vals)
        earned.write({"level_earned_id": False, "level_expires_on": False})
        return result

    def _level_is_earned(self):
        return self.grade_id and self.grade_id == self.level_earned_id

    @api.model
    def _level_proposals(self):
        """Which customers have earned another level than they have, or have theirs
        extended. A fixed number of queries.

        :return: a list of :class:`Proposal`, as superuser
        """
        levels = self.env["res.partner.grade"]._revenue_levels()
        invoiced = levels._invoiced() if levels else {}
        revenues = {level: level._revenue_of(invoiced) for level in levels}
        customers = self._level_candidates(revenues)
        found = (x._level_proposal(revenues) for x in customers)
        return [proposal for proposal in found if proposal]

    @api.model
    def _level_candidates(self, revenues):
        """:return: who was invoiced something, or has a level by revenue"""
        ids = {partner_id for amounts in revenues.values() for partner_id in amounts}
        customers = self.sudo().search(
            ["|", ("id", "in", list(ids)), ("level_earned_id", "!=", False)],
            order="complete_name, id",
        )
        return customers

    def _level_proposal(self, revenues):
        """
        :param self: one customer, as superuser
        :param revenues: by level, highest first
        :return: a :class:`Proposal`, or None: all is as it should be
        """
        reached = (x for x, y in revenues.items() if self._level_reached(x, y))
        level = next(reached, self.grade_id.browse())
        if not self._level_may_become(level, list(revenues)):
            return None
        basis = level or self._level_lowest(revenues)
        return Proposal(self, level, basis, revenues.get(basis, {}).get(self.id, 0))

    def _level_lowest(self, revenues):
        return next(reversed(revenues), self.grade_id.browse())

    def _level_reached(self, level, amounts):
        amount, threshold = amounts.get(self.id, 0), level.revenue_threshold
        return level.revenue_currency_id.compare_amounts(amount, threshold) >= 0

    def _level_may_become(self, level, order):
        """Whether ``level`` is to be proposed. One by revenue goes up at any time, and
        down once it has expired; who has one by hand is not taken down to none.

        :param order: the levels by revenue, highest first
        """
        today = fields.Date.context_today(self)
        if not self._level_is_earned():
            return level and level != self.grade_id
        if self.level_expires_on and self.level_expires_on < today:
            return True
        return level in order and (
            self.grade_id not in order
            or order.index(level) < order.index(self.grade_id)
        )

    def _level_expiry(self, level):
        months = level.revenue_validity
        today = fields.Date.context_today(self)
        return months and today + relativedelta(months=months)
