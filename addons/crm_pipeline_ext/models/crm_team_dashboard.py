from odoo import api, fields, models
from odoo.fields import Domain


class CrmTeam(models.Model):
    """What the team's card and form tell of its pipeline and its capacity."""

    _inherit = "crm.team"

    pipeline_funnel = fields.Json(
        compute="_compute_pipeline_funnel",
        help="The open opportunities of the team that you may see, by stage.",
    )
    next_action_overdue_count = fields.Integer(
        string="Overdue", compute="_compute_next_action_counts"
    )
    next_action_today_count = fields.Integer(
        string="Today", compute="_compute_next_action_counts"
    )
    next_action_missing_count = fields.Integer(
        string="Without Next Action", compute="_compute_next_action_counts"
    )
    capacity_member_ids = fields.One2many(
        comodel_name="crm.team.member", inverse_name="crm_team_id", string="Capacity"
    )
    chain_policy_id = fields.Many2one(
        comodel_name="crm.chain.policy",
        compute="_compute_chain_policy_id",
        help="The steps that a chain run takes for the sales of this team.",
    )

    def _open_opportunities_domain(self):
        still_open = self.env["crm.lead"]._next_action_domain()
        return Domain("team_id", "in", self.ids) & still_open

    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_pipeline_funnel(self):
        """Two queries for all teams."""
        stages = self.env["crm.stage"].search([("is_won", "=", False)])
        found = {
            (team, stage): figures
            for team, stage, *figures in self.env["crm.lead"]._read_group(
                self._open_opportunities_domain(),
                ["team_id", "stage_id"],
                ["__count", "expected_revenue:sum"],
            )
        }
        for team in self:
            rows = [
                (stage, *found.get((team, stage), (0, 0)))
                for stage in stages
                if (team, stage) in found
                or not stage.fold
                and (not stage.team_ids or team in stage.team_ids)
            ]
            currency = (team.company_id or self.env.company).currency_id
            team.pipeline_funnel = {
                "currency_id": currency.id,
                "stages": [
                    {"id": stage.id, "name": stage.name, "count": count, "value": value}
                    for stage, count, value in rows
                ],
                "capacity": {
                    "used": team.lead_all_assigned_month_count,
                    "total": team.assignment_max,
                },
            }

    @api.depends_context("uid", "allowed_company_ids", "tz")
    def _compute_next_action_counts(self):
        """One query a count for all teams."""
        today = fields.Date.context_today(self)
        due = {
            "next_action_overdue_count": Domain("next_action_date", "<", today),
            "next_action_today_count": Domain("next_action_date", "=", today),
            "next_action_missing_count": Domain("next_action_date", "=", False),
        }
        for name, domain in due.items():
            counts = dict(
                self.env["crm.lead"]._read_group(
                    self._open_opportunities_domain() & domain, ["team_id"], ["__count"]
                )
            )
            for team in self:
                team[name] = counts.get(team, 0)

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_chain_policy_id(self):
        Policy = self.env["crm.chain.policy"]
        for team in self:
            company = team.company_id or self.env.company
            team.chain_policy_id = Policy.browse(
                Policy._find(company.id, team._origin.id) or ()
            )

    def action_chain_policy(self):
        """Open the policy of the first of these teams, or a new one that is to be its
        own.
        """
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        team = self[:1]
        own = team.chain_policy_id.filtered("team_id")
        company = team.company_id or self.env.company
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Chain Policy"),
            "res_model": "crm.chain.policy",
            "res_id": own.id,
            "views": [(False, "form")],
            "context": {
                "default_name": team.name,
                "default_team_id": team.id,
                "default_company_id": company.id,
            },
        }
