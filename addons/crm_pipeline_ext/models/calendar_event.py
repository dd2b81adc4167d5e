from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime, plaintext2html

OUTCOME = {"meeting_outcome", "outcome_note"}


class CalendarEvent(models.Model):
    """How a meeting about an opportunity went, and what follows from it."""

    _inherit = "calendar.event"

    meeting_outcome = fields.Selection(
        selection=[("held", "Held"), ("moved", "Moved"), ("no_show", "No-show")],
        string="Outcome",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="How the meeting went. One that was moved is asked for again after its "
        "new date.",
    )
    outcome_note = fields.Text(
        string="Outcome Notes", copy=False, groups="base.group_user"
    )
    outcome_awaited = fields.Boolean(
        string="Awaiting an Outcome",
        compute="_compute_outcome_awaited",
        search="_search_outcome_awaited",
        groups="base.group_user",
    )

    @api.depends("active", "stop", "opportunity_id", "meeting_outcome")
    def _compute_outcome_awaited(self):
        now = fields.Datetime.now()
        for event in self:
            event.outcome_awaited = (
                event.opportunity_id
                and event._outcome_open()
                and event.stop
                and event.stop < now
            )

    def _search_outcome_awaited(self, operator, value):
        if operator != "in":
            return NotImplemented
        return (
            Domain("opportunity_id", "!=", False)
            & Domain("meeting_outcome", "in", [False, "moved"])
            & Domain("active", "=", True)
            & Domain("stop", "<", fields.Datetime.now())
            & Domain("stop", ">=", self._outcome_since())
        )

    @api.model
    def _outcome_since(self):
        """:return: since when meetings are asked for: the addon's installation. What
        was before is over.
        """
        param = self.env["ir.config_parameter"].sudo()
        since = param.get_param("crm_pipeline_ext.meetings_asked_since")
        return fields.Datetime.to_datetime(since) or fields.Datetime.now()

    def _outcome_open(self):
        """:return: whether one meeting, once it is over, has still to be told of"""
        return (
            self.active
            and self.meeting_outcome not in ("held", "no_show")
            and (self.stop and self.stop >= self._outcome_since())
        )

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        if any(OUTCOME & vals.keys() for vals in vals_list):
            events._outcome_follow_up(dict.fromkeys(events, (False, False, False)))
        return events

    def write(self, vals):
        if not OUTCOME & vals.keys():
            return super().write(vals)
        self._check_outcome_rights()
        before = {x: (x.meeting_outcome, x.outcome_note, x.start) for x in self}
        # of a series, it is this meeting that was held, not the others too
        own = {key: value for key, value in vals.items() if key in OUTCOME}
        rest = {key: value for key, value in vals.items() if key not in OUTCOME}
        if not vals.get("recurrence_update"):
            own, rest = dict(vals), {}
        # the activity follows the meeting; core would move the meeting once more, and
        # tell its attendees twice
        once = self.with_context(calendar_event_meeting_update=True)
        super(CalendarEvent, once).write(own)
        self._outcome_follow_up(before)
        return super().write(rest) if rest else True

    def action_outcome(self):
        """Ask how these meetings went.

        :param self: any number of meetings
        :return: the action of the dialog
        :raise AccessError: the user may not edit one of them
        """
        self.env["crm.lead"]._chain_check_ids(self._ids)
        self.check_access("write")
        self._check_outcome_rights()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("How Did It Go?"),
            "res_model": "crm.meeting.outcome",
            "view_mode": "form",
            "target": "new",
            "context": {"default_event_ids": [fields.Command.set(self.ids)]},
        }

    def _check_outcome_rights(self):
        """:raise AccessError: the user may not edit one of the meetings"""
        if self.env.su:
            return
        if refused := self.filtered(lambda event: not event.user_can_edit):
            raise AccessError(
                self.env._(
                    "Only who organises a meeting or takes part in it can say how it "
                    "went: %(names)s",
                    names=", ".join(refused[:10].mapped("display_name")),
                )
            )

    # What follows from an outcome

    def _outcome_follow_up(self, before):
        """Tell the opportunities, mark the activities as done, note the touch: with
        the rights of the user, so only where he may write.

        :param before: ``{meeting: (outcome, notes, start)}`` before the change
        """
        told = self.filtered(
            lambda event: event.meeting_outcome
            and (event.meeting_outcome, event.outcome_note) != before[event][:2]
            or event.meeting_outcome == "moved"
            and event.start != before[event][2]
        )
        if not told:
            return
        told._outcome_touch()
        done = told._outcome_mark_done()
        (told - done)._outcome_tell(before)

    def _outcome_opportunities(self):
        """:return: ``{opportunity: its meetings}`` of those the user may write"""
        leads = self.opportunity_id._filtered_access("write")
        return self.filtered(lambda x: x.opportunity_id in leads).grouped(
            "opportunity_id"
        )

    def _outcome_touch(self):
        latest = defaultdict(self.env["crm.lead"].browse)
        for lead, events in self._outcome_opportunities().items():
            held = events.filtered(lambda event: event.meeting_outcome == "held")
            if held:
                latest[max(held.mapped("start"))] |= lead
        for start, leads in latest.items():
            leads._touch(start)

    def _outcome_mark_done(self):
        """Mark the activities of the meetings that are over as done, with the notes.

        :return: the meetings that had one
        """
        over = self.filtered(lambda event: event.meeting_outcome != "moved")
        activities = over.activity_ids._filtered_access("write")
        if self.env.context.get("meeting_activity_done"):
            return activities.calendar_event_id  # it is being marked already
        feedbacks = activities.grouped(lambda x: x.calendar_event_id._outcome_text())
        for feedback, same in feedbacks.items():
            same._action_done(feedback=feedback)
        return activities.calendar_event_id

    def _outcome_tell(self, before):
        """Post how the meetings went in the chatter of their opportunities."""
        bodies = {
            lead.id: Markup("<br/>").join(
                plaintext2html(event._outcome_told(before[event][2]))
                for event in events
            )
            for lead, events in self._outcome_opportunities().items()
        }
        leads = self.env["crm.lead"].browse(bodies)
        if leads:
            leads._message_log_batch(bodies)

    def _outcome_told(self, start):
        """:param start: when the meeting was to begin before it was moved
        :return: what the opportunity's chatter says of one meeting
        """
        private = self.effective_privacy == "private"
        name = self.env._("private") if private else self.name
        names = {"name": name, "outcome": self._outcome_text()}
        if self.meeting_outcome != "moved" or not start or start == self.start:
            return self.env._(
                "Meeting “%(name)s”, %(date)s: %(outcome)s",
                date=self._outcome_date(self.start),
                **names,
            )
        return self.env._(
            "Meeting “%(name)s”, %(date)s, is now on %(new_date)s: %(outcome)s",
            date=self._outcome_date(start),
            new_date=self._outcome_date(self.start),
            **names,
        )

    def _outcome_text(self):
        """:return: the outcome with the notes, in the user's language; those of a
        private meeting are for who takes part in it
        """
        field = self._fields["meeting_outcome"]
        label = dict(field._description_selection(self.env))[self.meeting_outcome]
        if not self.outcome_note or self.effective_privacy == "private":
            return f"{label}."
        return f"{label}. {self.outcome_note}"

    def _outcome_date(self, start):
        if self.allday:
            return format_date(self.env, start)
        return format_datetime(self.env, start, dt_format="medium")
