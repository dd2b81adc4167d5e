from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

WEIGHT = "next_action_weight_"


class CrmTeam(models.Model):
    """What the score of the team's next actions is reckoned with."""

    _inherit = "crm.team"

    _next_action_top_count = 10

    next_action_weight_activity = fields.Integer(
        string="Weight of Due Activity",
        default=40,
        help="How much an overdue, due or missing next activity counts.",
    )
    next_action_weight_touch = fields.Integer(
        string="Weight of Silence",
        default=25,
        help="How much the days since the last touch with the customer count.",
    )
    next_action_weight_value = fields.Integer(
        string="Weight of Value",
        default=20,
        help="How much the expected revenue, weighted by its probability, counts.",
    )
    next_action_weight_priority = fields.Integer(
        string="Weight of Priority", default=10, help="How much the stars count."
    )
    next_action_median = fields.Float(
        string="Median Value",
        readonly=True,
        copy=False,
        help="Half of the team's open opportunities are expected to bring more than "
        "this, weighted by their probability. Found anew every night.",
    )
    next_action_top_10 = fields.Float(
        string="Top 10 % Value", readonly=True, copy=False
    )
    next_action_top_25 = fields.Float(
        string="Top 25 % Value", readonly=True, copy=False
    )

    _next_action_weights_not_negative = models.Constraint(
        """CHECK (LEAST(next_action_weight_activity, next_action_weight_touch,
                        next_action_weight_value, next_action_weight_priority) >= 0)""",
        "A weight cannot be less than zero. Use zero for what shall not count.",
    )

    @api.model
    def _next_action_weight_fields(self):
        """:return: ``{part of the score: the field of its weight}``"""
        parts = self.env["crm.lead"]._next_action_parts()
        return {part: WEIGHT + part for part in parts}

    @api.model
    @tools.ormcache("team_id")
    def _next_action_settings(self, team_id):
        """:param team_id: False for what belongs to no team
        :return: ``{"weights": {part: weight}, "median", "top_10", "top_25"}``
        """
        names = self._next_action_weight_fields()
        team = self.sudo().browse(team_id or ())
        weights = team.read(names.values())[0] if team else {
            name: self._fields[name].default(self) for name in names.values()
        }
        return {
            "weights": {part: weights[name] for part, name in names.items()},
            "median": team.next_action_median,
            "top_10": team.next_action_top_10,
            "top_25": team.next_action_top_25,
        }

    def write(self, vals):
        """New weights hold for what changes from now on; the scheduled action brings
        them to the rest at once.
        """
        result = super().write(vals)
        if any(name.startswith("next_action_") for name in vals):
            self.env.registry.clear_cache()
        if any(name.startswith(WEIGHT) for name in vals):
            cron = "crm_pipeline_ext.ir_cron_next_actions"
            self.env.ref(cron).sudo()._trigger()
        return result

    @api.model
    def _next_action_measure(self):
        """Find the median and the top values of all teams, with one query. Top of a
        few says nothing: it takes ten.
        """
        self.env["crm.lead"].flush_model(["prorated_revenue", "team_id", "won_status"])
        rows = self.env.execute_query(
            SQL(
                """SELECT team_id, COUNT(*), PERCENTILE_CONT(ARRAY[0.5, 0.75, 0.9])
                          WITHIN GROUP (ORDER BY prorated_revenue::float8)
                     FROM crm_lead
                    WHERE active AND type = 'opportunity' AND won_status = 'pending'
                      AND prorated_revenue > 0 AND team_id IS NOT NULL
                 GROUP BY team_id"""
            )
        )
        found = {team_id: (count, values) for team_id, count, values in rows}
        stale = Domain("next_action_median", "!=", 0)
        teams = self.sudo().with_context(active_test=False)
        for team in teams.search(stale | Domain("id", "in", list(found))):
            count, (median, top_25, top_10) = found.get(team.id, (0, (0, 0, 0)))
            top = count >= self._next_action_top_count
            values = (median, top_25 if top else 0, top_10 if top else 0)
            names = ("next_action_median", "next_action_top_25", "next_action_top_10")
            changed = {
                name: value
                for name, value in zip(names, values, strict=True)
                if abs(team[name] - value) > 0.005
            }
            if changed:
                team.write(changed)
