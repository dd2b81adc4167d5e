from contextlib import contextmanager
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ChainCase


@tagged("post_install", "-at_install")
class TestMeetingOutcome(ChainCase):
    """After a meeting: how it went, what follows, and what comes next."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "crm_pipeline_ext.meetings_asked_since", "2000-01-01 00:00:00"
        )
        cls.now = fields.Datetime.now().replace(microsecond=0)
        cls.yesterday = cls.now - timedelta(days=1)
        [cls.deal] = cls.make_leads({"name": "Deal"}, type="opportunity")

    @classmethod
    def make_meeting(cls, deal=None, start=None, user=None, **vals):
        start = start or cls.yesterday
        user = user or cls.salesperson
        deal = cls.deal if deal is None else deal
        return (
            cls.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Demo",
                    "start": start,
                    "stop": start + timedelta(hours=2),
                    "opportunity_id": deal.id,
                    "res_id": deal.id,
                    "res_model_id": cls.env["ir.model"]._get_id("crm.lead"),
                    "user_id": user.id,
                    "partner_ids": user.partner_id.ids,
                    **vals,
                }
            )
        )

    def notes(self, deal=None):
        return "\n".join((deal or self.deal).message_ids.mapped("body"))

    def wizard(self, events, **vals):
        action = events.action_outcome()
        return Form(
            events.env[action["res_model"]].with_context(**action["context"]), **vals
        )

    @contextmanager
    def refused(self, error, message):
        """What was done before the refusal is taken back, as at the end of a call."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), message)

    def test_meeting_has_its_activity_by_core(self):
        meeting = self.make_meeting()
        self.assertEqual(meeting.activity_ids.res_id, self.deal.id)

    def test_past_meeting_awaits_its_outcome(self):
        past = self.make_meeting()
        future = self.make_meeting(start=self.now + timedelta(days=1))
        without = self.make_meeting(opportunity_id=False)
        events = past | future | without
        self.assertEqual(events.filtered("outcome_awaited"), past)
        found = events.search(
            [("outcome_awaited", "=", True), ("id", "in", events.ids)]
        )
        self.assertEqual(found, past)
        self.assertEqual(self.deal.open_meeting_date, past.stop)
        self.assertTrue(self.deal.meeting_awaits_outcome)
        past.meeting_outcome = "held"
        self.assertEqual(self.deal.open_meeting_date, future.stop)
        self.assertFalse(self.deal.meeting_awaits_outcome)

    def test_meetings_before_the_installation_are_not_asked_for(self):
        self.env["ir.config_parameter"].set_param(
            "crm_pipeline_ext.meetings_asked_since", self.now
        )
        meeting = self.make_meeting()
        self.assertFalse(meeting.outcome_awaited)
        self.assertFalse(self.deal.meeting_awaits_outcome)

    def test_filter_of_the_pipeline(self):
        [other] = self.make_leads({}, type="opportunity")
        self.make_meeting()
        self.make_meeting(other, start=self.now + timedelta(days=1))
        found = self.Lead.search(
            [
                ("open_meeting_date", "<", "now"),
                ("id", "in", (self.deal | other).ids),
            ]
        )
        self.assertEqual(found, self.deal)

    def test_what_cards_show_costs_no_query(self):
        self.make_meeting()
        self.env.flush_all()
        self.env.invalidate_all()
        self.deal.mapped("name")  # the record itself is read
        with self.assertQueryCount(0):
            self.assertTrue(self.deal.meeting_awaits_outcome)

    def test_held_is_told_touches_and_ends_the_activity(self):
        meeting = self.make_meeting()
        activity = meeting.activity_ids
        meeting.write({"meeting_outcome": "held", "outcome_note": "He likes it"})
        self.assertFalse(activity.active)
        self.assertEqual(activity.feedback, "Held. He likes it")
        self.assertEqual(self.deal.last_touch_date, self.yesterday)
        self.assertEqual(self.notes().count("He likes it"), 1)

    def test_no_show_is_no_touch(self):
        meeting = self.make_meeting()
        activity = meeting.activity_ids
        meeting.write({"meeting_outcome": "no_show", "outcome_note": "Ill"})
        self.assertFalse(activity.active)
        self.assertFalse(self.deal.last_touch_date)
        self.assertIn("No-show. Ill", self.notes())

    def test_without_an_activity_the_chatter_is_told(self):
        meeting = self.make_meeting(res_id=False, res_model_id=False)
        self.assertFalse(meeting.activity_ids)
        meeting.write({"meeting_outcome": "held", "outcome_note": "Line\nby line"})
        self.assertIn("Meeting “Demo”", self.notes())
        self.assertIn("Held. Line<br>by line", self.notes())

    def test_moved_takes_the_activity_along_and_is_asked_for_again(self):
        meeting = self.make_meeting()
        start = self.now + timedelta(days=3)
        meeting.write(
            {
                "meeting_outcome": "moved",
                "start": start,
                "stop": start + timedelta(hours=2),
            }
        )
        self.assertEqual(meeting.activity_ids.date_deadline, start.date())
        self.assertIn("is now on", self.notes())
        self.assertFalse(self.deal.last_touch_date)
        self.assertFalse(self.deal.meeting_awaits_outcome)
        self.assertEqual(self.deal.open_meeting_date, meeting.stop)

    def test_outcome_can_be_corrected(self):
        meeting = self.make_meeting()
        meeting.meeting_outcome = "no_show"
        meeting.write({"meeting_outcome": "held", "outcome_note": "He was late"})
        self.assertEqual(self.deal.last_touch_date, self.yesterday)
        self.assertIn("Held. He was late", self.notes())
        before = self.notes()
        meeting.write({"meeting_outcome": "held", "outcome_note": "He was late"})
        meeting.meeting_outcome = False
        self.assertEqual(self.notes(), before)

    def test_import_of_a_held_meeting_has_the_same_effects(self):
        result = (
            self.env["calendar.event"]
            .with_user(self.salesperson)
            .load(
                [
                    "name",
                    "start",
                    "stop",
                    "opportunity_id/.id",
                    "meeting_outcome",
                    "outcome_note",
                ],
                [
                    [
                        "Imported",
                        str(self.yesterday),
                        str(self.yesterday + timedelta(hours=1)),
                        str(self.deal.id),
                        "held",
                        "All well",
                    ]
                ],
            )
        )
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(self.deal.last_touch_date, self.yesterday)
        self.assertIn("All well", self.notes())

    def test_of_a_series_only_this_meeting_was_held(self):
        meeting = self.make_meeting(
            recurrency=True, rrule_type="daily", count=3, interval=1, end_type="count"
        )
        series = meeting.recurrence_id.calendar_event_ids
        self.assertEqual(len(series), 3)
        meeting.write({"meeting_outcome": "held"})
        self.assertEqual(series.filtered("meeting_outcome"), meeting)

    def test_marking_the_activity_as_done_holds_the_meeting(self):
        meeting = self.make_meeting()
        meeting.activity_ids.action_feedback(feedback="Went well")
        self.assertEqual(meeting.meeting_outcome, "held")
        self.assertEqual(meeting.outcome_note, "Went well")
        self.assertEqual(self.deal.last_touch_date, self.yesterday)
        self.assertEqual(self.notes().count("Went well"), 1)

    def test_only_who_may_edit_the_meeting_may_tell(self):
        meeting = self.make_meeting()
        theirs = meeting.with_user(self.colleague)
        with self.refused(AccessError, "Only who organises a meeting.*Demo"):
            theirs.write({"meeting_outcome": "held"})
        with self.refused(AccessError, "Only who organises"):
            theirs.action_outcome()
        with self.refused(AccessError, "Only who organises"):
            self.env["crm.meeting.outcome"].with_user(self.colleague).create(
                {"event_ids": meeting.ids, "outcome": "held"}
            ).action_apply()
        self.assertFalse(meeting.meeting_outcome)

    def test_name_of_a_private_meeting_is_not_told(self):
        meeting = self.make_meeting(privacy="private")
        with self.assertRaises(AccessError) as caught:
            meeting.with_user(self.colleague).write({"meeting_outcome": "held"})
        self.assertNotIn("Demo", str(caught.exception))

    def test_opportunity_is_not_told_what_is_private(self):
        meeting = self.make_meeting(
            privacy="private", name="Hush", res_id=False, res_model_id=False
        )
        before = self.notes()
        meeting.write({"meeting_outcome": "held", "outcome_note": "Secret"})
        told = self.notes().replace(before, "")
        self.assertIn("Held.", told)
        self.assertNotIn("Secret", told)
        self.assertNotIn("Hush", told)
        self.assertEqual(self.deal.last_touch_date, self.yesterday)

    def test_attendee_tells_but_reaches_no_opportunity_that_is_not_his(self):
        both = (self.salesperson | self.colleague).partner_id
        meeting = self.make_meeting(partner_ids=both.ids)
        meeting.with_user(self.colleague).write(
            {"meeting_outcome": "held", "outcome_note": "Secret"}
        )
        self.assertEqual(meeting.meeting_outcome, "held")
        self.assertNotIn("Secret", self.notes())
        self.assertFalse(self.deal.last_touch_date)

    def test_dialog_plans_the_next_step(self):
        call = self.env.ref("mail.mail_activity_data_call")
        meeting = self.make_meeting()
        with self.wizard(meeting) as form:
            self.assertEqual(form.outcome, "held")
            self.assertTrue(form.plan_next)
            self.assertEqual(form.user_id, self.salesperson)
            form.note = "Wants a price"
            form.activity_type_id = call
            form.summary = "Tell the price"
            form.date_deadline = self.now.date() + timedelta(days=2)
        form.record.action_apply()
        self.assertEqual(meeting.meeting_outcome, "held")
        activity = self.deal.activity_ids
        self.assertEqual(activity.activity_type_id, call)
        self.assertEqual(activity.summary, "Tell the price")
        self.assertEqual(activity.date_deadline, self.now.date() + timedelta(days=2))
        self.assertEqual(activity.user_id, self.salesperson)

    def test_dialog_proposes_what_the_stage_says(self):
        call = self.env.ref("mail.mail_activity_data_call")
        self.deal.stage_id.sudo().next_activity_type_id = call
        self.assertEqual(self.wizard(self.make_meeting()).activity_type_id, call)

    def test_next_step_can_be_left_out(self):
        with self.wizard(self.make_meeting()) as form:
            form.plan_next = False
        form.record.action_apply()
        self.assertFalse(self.deal.activity_ids)

    def test_activity_that_core_chains_is_the_next_step(self):
        kind = self.env.ref("mail.mail_activity_data_call")
        meeting = self.make_meeting()
        meeting.activity_ids.activity_type_id.sudo().write(
            {"chaining_type": "trigger", "triggered_next_type_id": kind.id}
        )
        with self.wizard(meeting) as form:
            form.summary = "Mine"
        form.record.action_apply()
        self.assertEqual(self.deal.activity_ids.mapped("summary"), ["Mine"])

    def test_dialog_moves_a_meeting_and_keeps_its_duration(self):
        meeting = self.make_meeting()
        start = self.now + timedelta(days=3)
        with self.wizard(meeting) as form:
            form.outcome = "moved"
            self.assertFalse(form.plan_next)
            form.start = start
            form.note = "He has the flu"
        with self.mock_notify() as told:
            form.record.action_apply()
        self.assertEqual(meeting.start, start)
        self.assertEqual(meeting.stop, start + timedelta(hours=2))
        self.assertEqual(told, [meeting.attendee_ids])
        self.assertIn("He has the flu", self.notes())

    @contextmanager
    def mock_notify(self):
        """What core tells the attendees of."""
        told = []
        attendee = type(self.env["calendar.attendee"])
        original = attendee._notify_attendees

        def notify(self, *args, **kwargs):
            if self:
                told.append(self)

        attendee._notify_attendees = notify
        try:
            yield told
        finally:
            attendee._notify_attendees = original

    def test_dialog_moves_a_meeting_of_a_day(self):
        day = self.yesterday.date()
        meeting = self.make_meeting(
            allday=True, start_date=day, stop_date=day + timedelta(days=1)
        )
        wizard = self.env["crm.meeting.outcome"].with_user(self.salesperson)
        wizard.create(
            {
                "event_ids": meeting.ids,
                "outcome": "moved",
                "start": self.now + timedelta(days=3),
            }
        ).action_apply()
        self.assertEqual(meeting.start_date, self.now.date() + timedelta(days=3))
        self.assertEqual(meeting.stop_date, meeting.start_date + timedelta(days=1))

    def test_dialog_asks_for_what_is_missing(self):
        meetings = self.make_meeting() | self.make_meeting()
        wizard = self.env["crm.meeting.outcome"].with_user(self.salesperson)
        for vals, message in (
            ({"event_ids": meetings[0].ids}, "Say when"),
            ({"event_ids": meetings.ids, "start": self.now}, "one meeting at a time"),
        ):
            with self.refused(UserError, message):
                wizard.create({"outcome": "moved", **vals}).action_apply()
        with self.refused(UserError, "Choose the next activity"):
            wizard.create(
                {"event_ids": meetings.ids, "plan_next": True, "date_deadline": False}
            ).action_apply()

    def test_several_meetings_at_once(self):
        [other] = self.make_leads({"name": "Other"}, type="opportunity")
        meetings = self.make_meeting() | self.make_meeting(other)
        with self.wizard(meetings) as form:
            form.outcome = "no_show"
            form.summary = "Ask why"
        form.record.action_apply()
        self.assertEqual(set(meetings.mapped("meeting_outcome")), {"no_show"})
        for deal in (self.deal, other):
            self.assertEqual(deal.activity_ids.summary, "Ask why")

    def test_opportunity_asks_for_its_meetings(self):
        meeting = self.make_meeting()
        action = self.deal.action_meeting_outcome()
        self.assertEqual(action["res_model"], "crm.meeting.outcome")
        self.assertEqual(
            action["context"]["default_event_ids"],
            [fields.Command.set(meeting.ids)],
        )
        meeting.meeting_outcome = "held"
        with self.refused(UserError, "No meeting awaits"):
            self.deal.action_meeting_outcome()
        with self.assertRaises(AccessError):
            self.deal.with_user(self.colleague).action_meeting_outcome()

    def test_who_takes_no_part_is_told_so(self):
        boss = new_test_user(
            self.env, login="chain_boss", groups="sales_team.group_sale_manager"
        )
        self.make_meeting()
        with self.refused(AccessError, "Only who organises"):
            self.deal.with_user(boss).action_meeting_outcome()

    def test_card_and_form_plan_meetings(self):
        for view in ("crm.crm_lead_view_form", "crm.crm_case_kanban_view_leads"):
            arch = self.Lead.get_view(
                self.env.ref(view).id, "form" if "form" in view else "kanban"
            )["arch"]
            with self.subTest(view=view):
                self.assertIn("action_schedule_meeting", arch)

    def test_menu_lists_what_awaits(self):
        action = self.env.ref("crm_pipeline_ext.calendar_event_outcome_action")
        self.assertIn("search_default_outcome_awaited", action.context)
        menu = self.env.ref("crm_pipeline_ext.calendar_event_outcome_menu")
        visible = self.env["ir.ui.menu"].with_user(self.salesperson)
        self.assertIn(menu.id, visible._visible_menu_ids())

    def test_queries_do_not_grow_with_the_meetings(self):
        counts = []
        for count in (5, 25):
            deals = self.make_leads(*[{}] * count, type="opportunity")
            meetings = self.env["calendar.event"].with_user(self.salesperson)
            for deal in deals:
                meetings |= self.make_meeting(deal, res_id=False, res_model_id=False)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            meetings.write({"meeting_outcome": "held", "outcome_note": "Fair"})
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - start)
            self.assertEqual(set(deals.mapped("last_touch_date")), {self.yesterday})
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
