from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class LeadPlanNext(models.TransientModel):
    _name = "crm.lead.plan.next"
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
    activity_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        string="Next Activity",
        domain="[('res_model', 'in', [False, 'crm.lead'])]",
        compute="_compute_activity_type_id",
        store=True,
        readonly=False,
    )
    summary = fields.Char(compute="_compute_activity", store=True, readonly=False)
    date_deadline = fields.Date(
        string="Due Date", compute="_compute_activity", store=True, readonly=False
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

    @api.depends("lead_ids")
    def _compute_activity_type_id(self):
        for wizard in self:
            wizard.activity_type_id = wizard._proposed_kind()[0]

    @api.depends("activity_type_id")
    def _compute_activity(self):
        for wizard in self:
            proposed, due = wizard._proposed_kind()
            kind = wizard.activity_type_id
            wizard.summary = kind.summary
            if kind and kind != proposed:
                due = kind._get_date_deadline()
            wizard.date_deadline = due

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
        if not (self.activity_type_id and self.date_deadline):
            raise UserError(
                self.env._("Choose the next activity and its date, or plan nothing.")
            )
        owner = self.activity_type_id.default_user_id or lead.user_id or self.env.user
        return {
            "activity_type_id": self.activity_type_id.id,
            "summary": self.summary,
            "note": self.activity_type_id.default_note,
            "date_deadline": self.date_deadline,
            "user_id": owner.id,
        }

    def _proposed_kind(self):
        """:return: the proposed type and date for the first opportunity"""
        lead = self.lead_ids._origin[:1]
        if not lead:
            return self.env["mail.activity.type"], fields.Date.context_today(self)
        return lead._plan_next_kind(lead._plan_next_current())

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
