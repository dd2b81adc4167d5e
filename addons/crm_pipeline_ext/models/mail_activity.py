from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # Who marks one of these as done has spoken with the customer.
    _touch_categories = ("phonecall", "meeting")

    def _action_done(self, feedback=False, attachment_ids=None):
        self._meeting_held(feedback)
        touches = self.filtered(
            lambda x: x.res_model == "crm.lead"
            and x.activity_category in self._touch_categories
            and not x.calendar_event_id.meeting_outcome
        )
        leads = self.env["crm.lead"].browse(touches.mapped("res_id"))
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        leads.exists()._touch()
        return result

    def _meeting_held(self, feedback):
        """Who marks the activity of a meeting that is over as done has held it."""
        events = self.calendar_event_id.filtered(
            lambda x: x.outcome_awaited and not x.meeting_outcome and x.user_can_edit
        )
        if events:
            values = {"meeting_outcome": "held", "outcome_note": feedback}
            events.with_context(meeting_activity_done=True).write(values)
