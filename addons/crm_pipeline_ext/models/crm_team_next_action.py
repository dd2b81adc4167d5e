from odoo import api, fields, models, tools

WEIGHT = "next_action_weight_"


class CrmTeam(models.Model):
    """What the score of the team's next actions is reckoned with."""

    _inherit = "crm.team"

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
        result = super().write(vals)
        if any(name.startswith("next_action_") for name in vals):
            self.env.registry.clear_cache()
        return result
