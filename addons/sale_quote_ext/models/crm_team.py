from odoo import fields, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    next_action_weight_level = fields.Integer(
        string="Weight of Level",
        default=10,
        help="How much the level of the customer counts.",
    )

    _next_action_weight_level_not_negative = models.Constraint(
        "CHECK (next_action_weight_level >= 0)",
        "A weight cannot be less than zero. Use zero for what shall not count.",
    )
