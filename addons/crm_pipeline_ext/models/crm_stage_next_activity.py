from odoo import fields, models


class CrmStage(models.Model):
    """What is proposed as the next activity of an opportunity in the stage."""

    _inherit = "crm.stage"

    next_activity_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        string="Next Activity",
        domain="[('res_model', 'in', [False, 'crm.lead'])]",
        ondelete="set null",
        help="Proposed as the next activity in this stage. Without one, what follows "
        "the activity that was done; else a to-do.",
    )
    next_activity_days = fields.Integer(
        string="Due In (Days)",
        default=3,
        help="Days until the proposed activity is due.",
    )

    _next_activity_days_not_negative = models.Constraint(
        "CHECK (next_activity_days >= 0)",
        "An activity cannot be due before it is planned. Enter zero days or more.",
    )
