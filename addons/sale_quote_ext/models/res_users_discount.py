from odoo import SUPERUSER_ID, api, models
from odoo.tools import str2bool


class ResUsers(models.Model):
    """How large a discount one may give."""

    _inherit = "res.users"

    @api.model
    def _discount_role_limits(self):
        """:return: ``{role: percent}`` of the roles that have a limit: ``own``,
            ``all``, ``manager``; without a query
        """
        get_param = self.env["ir.config_parameter"].sudo().get_param
        return {
            role: float(get_param(f"sale_quote_ext.discount_limit_{role}") or 0)
            for role in ("own", "all", "manager")
            if str2bool(get_param(f"sale_quote_ext.discount_limited_{role}") or "0")
        }

    @api.model
    def _discount_lowest_limit(self):
        """:return: the lowest limit anybody has, in percent, which is also the
            customer's; None: there are no limits. Without a query.
        """
        limits = self._discount_role_limits().values()
        teams = self.env["crm.team"]._discount_limits().values()
        return min([*limits, *teams], default=None)

    def _discount_limit(self, team):
        """The authority of one user over the quotations of ``team``.

        :return: the highest discount in percent; None: any
        """
        self.ensure_one()
        lowest = self._discount_lowest_limit()
        if lowest is None or self._discount_is_unlimited():
            return None
        if self.sudo().share:
            return lowest
        roles = self._discount_role_limits()
        if self.has_group("sales_team.group_sale_manager"):
            return roles.get("manager")
        teams = self._discount_team_limits()
        if teams:
            return teams.get(team.id, min(teams.values()))
        if self.has_group("sales_team.group_sale_salesman_all_leads"):
            return roles.get("all")
        return roles.get("own")

    def _discount_is_unlimited(self):
        """Odoo itself, and what another department's work does to an order by the
        rights of the program.
        """
        if self.id == SUPERUSER_ID:
            return True
        if self.sudo().share or not self.env.su:
            return False
        return not self.has_group("sales_team.group_sale_salesman")

    def _discount_team_limits(self):
        """:return: ``{team id: percent}`` of this user's teams that have a limit"""
        limits = self.env["crm.team"]._discount_limits()
        if not limits:
            return {}
        teams = self._discount_teams().ids
        return {team: limits[team] for team in teams if team in limits}

    def _discount_teams(self):
        """:return: the teams this user is a member of, as superuser; not those he was
            a member of, whatever the context says
        """
        memberships = self.sudo().crm_team_member_ids
        return memberships.filtered("active").crm_team_id
