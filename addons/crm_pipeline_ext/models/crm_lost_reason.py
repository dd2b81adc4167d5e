from odoo import fields, models


class CrmLostReason(models.Model):
    _inherit = "crm.lost.reason"

    win_back_days = fields.Integer(
        string="Win Back After (Days)",
        help="So many days after an opportunity was lost for this reason, its "
        "salesperson has an activity to win it back. 0: never.",
    )
    win_back_activity_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        string="Win-Back Activity",
        domain="[('res_model', 'in', (False, 'crm.lead'))]",
        ondelete="set null",
        help="Without one, it is a call.",
    )

    _check_win_back_days = models.Constraint(
        "CHECK (win_back_days >= 0)", "Give the days until the win-back as 0 or more."
    )
