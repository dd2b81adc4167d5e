from odoo import api, fields, models
from odoo.tools import format_date


class LeadPlanNext(models.TransientModel):
    _name = "crm.lead.plan.next"
    _inherit = ["crm.next.activity.mixin"]
    _description = "Done and Plan the Next"

    lead_ids = fields.Many2many(
        comodel_name="crm.lead", string="Opportunities", required=True
    )
    is_single = fields.Boolean(compute="_compute_current")
    current = fields.Char(string="Done Now", compute="_compute_current")
    feedback = fields.Text()
    plan = fields.Selection(
        selection=[
            ("this", "This activity"),
            ("proposed", "What is proposed for each"),
            ("nothing", "Nothing"),
        ],
        compute="_compute_plan",
        store=True,
        readonly=False,
        required=True,
    )

    @api.depends("lead_ids")
    def _compute_current(self):
        for wizard in self:
            leads = wizard.lead_ids._origin
            wizard.is_single = len(leads) == 1
            wizard.current = wizard._current_told(leads)

    @api.depends("lead_ids")
    def _compute_plan(self):
        """Several are planned as proposed; where something is planned, no more is."""
        for wizard in self:
            leads = wizard.lead_ids._origin
            wizard.plan = "proposed"
            if len(leads) == 1:
                wizard.plan = "this" if leads._plan_next_proposal() else "nothing"

    def action_confirm(self):
        """Do what the dialog says.

        :return: a client action that says what was planned, and closes the dialog
        :raise AccessError: the user may not write one of the opportunities
        """
        self.env["crm.lead"]._chain_check_ids(self._ids)
        wizard = self[:1]
        leads = wizard.lead_ids
        leads.check_access("write")
        plans = leads._plan_next_proposed() if wizard.plan == "proposed" else {}
        if wizard.plan == "this":
            plans = {lead: wizard._plan_values(lead) for lead in leads}
        done, planned = leads._plan_next(plans, feedback=wizard.feedback)
        return leads._plan_next_notify(done, planned, then=False)

    def _plan_values(self, lead):
        """:return: the values of the activity the dialog plans for ``lead``

        :raise UserError: the dialog does not say which activity, or when
        """
        self._check_activity()
        return self._activity_values(lead, self.activity_type_id.default_user_id)

    def _activity_before(self, lead):
        return lead._plan_next_current()

    def _current_told(self, leads):
        """:return: what is marked as done, in the user's language"""
        current = self.env["mail.activity"].union(
            *(lead._plan_next_current() for lead in leads)
        )
        if not current:
            return self.env._("Nothing is planned")
        if len(leads) > 1:
            return self.env._("%(count)s activities", count=len(current))
        date = format_date(self.env, current.date_deadline)
        return f"{current.display_name} · {date}"
