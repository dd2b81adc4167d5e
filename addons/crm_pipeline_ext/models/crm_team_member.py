from odoo import api, fields, models


class CrmTeamMember(models.Model):
    _inherit = "crm.team.member"

    open_opportunity_count = fields.Integer(
        string="Open Opportunities", compute="_compute_open_opportunity_count"
    )

    @api.depends("user_id", "crm_team_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_opportunity_count(self):
        """One query for all members."""
        domain = self.crm_team_id._open_opportunities_domain()
        counts = {
            (team, user): count
            for team, user, count in self.env["crm.lead"]._read_group(
                domain & fields.Domain("user_id", "in", self.user_id.ids),
                ["team_id", "user_id"],
                ["__count"],
            )
        }
        for member in self:
            key = (member.crm_team_id, member.user_id)
            member.open_opportunity_count = counts.get(key, 0)
