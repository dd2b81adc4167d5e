from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """The meetings of an opportunity that are over and that nobody has told of."""

    _inherit = "crm.lead"

    open_meeting_date = fields.Datetime(
        string="Meeting to Close",
        compute="_compute_open_meeting_date",
        store=True,
        copy=False,
        help="The end of the first meeting whose outcome is not known.",
    )
    meeting_awaits_outcome = fields.Boolean(
        compute="_compute_meeting_awaits_outcome",
        help="A meeting is over and nobody has said how it went.",
    )

    @api.depends(
        "calendar_event_ids.active",
        "calendar_event_ids.stop",
        "calendar_event_ids.meeting_outcome",
    )
    def _compute_open_meeting_date(self):
        for lead in self:
            meetings = lead.calendar_event_ids.filtered(lambda x: x._outcome_open())
            lead.open_meeting_date = min(meetings.mapped("stop"), default=False)

    @api.depends("open_meeting_date")
    def _compute_meeting_awaits_outcome(self):
        now = fields.Datetime.now()
        for lead in self:
            date = lead.open_meeting_date
            lead.meeting_awaits_outcome = bool(date and date < now)

    def action_meeting_outcome(self):
        """Ask how the meetings of these opportunities went that are over.

        :param self: any number of opportunities
        :return: the action of the dialog
        :raise UserError: there is none that the user may edit
        """
        self.env["crm.lead"]._chain_check_ids(self._ids)
        self.check_access("read")
        events = self.env["calendar.event"].search(
            [("opportunity_id", "in", self.ids), ("outcome_awaited", "=", True)]
        )
        if mine := events.filtered("user_can_edit"):
            return mine.action_outcome()
        if events:
            events._check_outcome_rights()
        raise UserError(self.env._("No meeting awaits its outcome here."))
