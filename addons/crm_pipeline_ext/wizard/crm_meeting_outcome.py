from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError


class MeetingOutcome(models.TransientModel):
    _name = "crm.meeting.outcome"
    _inherit = ["crm.next.activity.mixin"]
    _description = "Outcome of Meetings"

    event_ids = fields.Many2many(
        comodel_name="calendar.event", string="Meetings", required=True
    )
    event_count = fields.Integer(compute="_compute_lead_ids")
    outcome = fields.Selection(
        selection=lambda self: self.env["calendar.event"]
        ._fields["meeting_outcome"]
        ._description_selection(self.env),
        required=True,
        default="held",
    )
    note = fields.Text(string="Notes")
    start = fields.Datetime(
        string="New Start",
        help="The meeting keeps its duration; its attendees are told.",
    )
    lead_ids = fields.Many2many(
        comodel_name="crm.lead", string="Opportunities", compute="_compute_lead_ids"
    )
    plan_next = fields.Boolean(
        string="Plan the Next Step",
        compute="_compute_plan_next",
        store=True,
        readonly=False,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        help="Nobody: the salesperson of each opportunity.",
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        context = self.env.context
        if "event_ids" in fields and context.get("active_model") == "calendar.event":
            defaults.setdefault("event_ids", context.get("active_ids", []))
        return defaults

    @api.depends("event_ids")
    def _compute_lead_ids(self):
        for wizard in self:
            events = wizard.event_ids._origin
            wizard.event_count = len(events)
            wizard.lead_ids = events.opportunity_id._filtered_access("write")

    @api.depends("outcome", "lead_ids")
    def _compute_plan_next(self):
        """One that was moved is itself what comes next."""
        for wizard in self:
            wizard.plan_next = wizard.lead_ids and wizard.outcome != "moved"

    @api.depends("lead_ids", "activity_type_id")
    def _compute_user_id(self):
        for wizard in self:
            users = wizard.lead_ids._origin.user_id
            default = wizard.activity_type_id.default_user_id
            wizard.user_id = default or (users if len(users) < 2 else False)

    def action_apply(self):
        """Note the outcome and plan what comes next.

        :return: the action that closes the dialog
        :raise AccessError: the user may not edit one of the meetings
        :raise UserError: the dialog does not say all it must
        """
        self.env["crm.lead"]._chain_check_ids(self._ids)
        for wizard in self:
            if wizard.plan_next:
                wizard._check_activity()
            leads = wizard.lead_ids
            before = leads.activity_ids
            wizard.event_ids.write(wizard._outcome_values())
            if wizard.plan_next:
                wizard._plan(leads, leads.activity_ids - before)
        return {"type": "ir.actions.act_window_close"}

    def _outcome_values(self):
        """:raise UserError: no new date, or one for several meetings"""
        values = {"meeting_outcome": self.outcome, "outcome_note": self.note}
        if self.outcome != "moved":
            return values
        event = self.event_ids
        if len(event) > 1:
            raise UserError(self.env._("Move one meeting at a time."))
        if not self.start:
            raise UserError(self.env._("Say when the meeting takes place instead."))
        start = self.start
        if event.allday:
            start = datetime.combine(start.date(), event.start.time())
        return {**values, "start": start, "stop": start + (event.stop - event.start)}

    def _plan(self, leads, followed):
        """Plan the next activity of each opportunity.

        :param followed: activities that the end of the meeting's own has brought about
        """
        planned = {activity.res_id: activity for activity in followed}
        for lead in leads.filtered(lambda lead: lead.id in planned):
            planned[lead.id].write(self._activity_values(lead, self.user_id))
        self.env["mail.activity"].create(
            [
                {
                    **self._activity_values(lead, self.user_id),
                    **lead._plan_next_link(),
                }
                for lead in leads
                if lead.id not in planned
            ]
        )

    def _activity_before(self, lead):
        return (lead.activity_ids - self.event_ids._origin.activity_ids)[:1]
