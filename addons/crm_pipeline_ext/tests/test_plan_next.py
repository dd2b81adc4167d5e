from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .common import ChainCase

TODAY = fields.Date.to_date("2026-03-10")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPlanNext(ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call, cls.meeting, cls.todo = (
            cls.env.ref(f"mail.mail_activity_data_{kind}")
            for kind in ("call", "meeting", "todo")
        )
        cls.call.write({"summary": "Ask him", "triggered_next_type_id": False})
        cls.stage = cls.env["crm.stage"].create({"name": "Talks", "sequence": 1})
        cls.deal = cls.make_deals({"name": "Pumps"})

    @classmethod
    def make_deals(cls, *vals_list):
        return cls.make_leads(*vals_list, type="opportunity", stage_id=cls.stage.id)

    def plan(self, deal, kind=None, days=0, **values):
        return deal.activity_schedule(
            activity_type_id=(kind or self.meeting).id,
            date_deadline=TODAY + timedelta(days=days),
            user_id=values.pop("user_id", self.salesperson.id),
            **values,
        )

    def params(self, action):
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]

    def dialog(self, deals):
        action = deals.action_done_and_plan_next()
        model = self.env[action["res_model"]].with_user(self.salesperson)
        return Form(model.with_context(**action["context"]))

    # In one click

    def test_the_stage_proposes_the_next_activity(self):
        self.stage.write(
            {"next_activity_type_id": self.call.id, "next_activity_days": 5}
        )
        done = self.plan(self.deal)
        told = self.params(self.deal.action_done_and_plan_proposed())
        self.assertFalse(done.active)
        following = self.deal.activity_ids
        self.assertEqual(following.activity_type_id, self.call)
        self.assertEqual(following.summary, "Ask him")
        self.assertEqual(following.date_deadline, TODAY + timedelta(days=5))
        self.assertEqual(following.user_id, self.salesperson)
        self.assertEqual(told["title"], "Done: Meeting")
        self.assertEqual(told["message"], "Next for “Pumps”: Ask him, 03/15/2026.")

    def test_without_the_stage_what_follows_the_activity_is_proposed(self):
        self.todo.suggested_next_type_ids = self.call
        self.call.write({"delay_count": 2, "delay_unit": "days"})
        self.plan(self.deal, self.todo, days=-9)
        self.deal.action_done_and_plan_proposed()
        self.assertEqual(self.deal.activity_ids.activity_type_id, self.call)
        self.assertGreaterEqual(self.deal.activity_ids.date_deadline, TODAY)

    def test_else_a_to_do_in_three_days(self):
        self.plan(self.deal)
        self.deal.action_done_and_plan_proposed()
        following = self.deal.activity_ids
        self.assertEqual(following.activity_type_id, self.todo)
        self.assertEqual(following.date_deadline, TODAY + timedelta(days=3))

    def test_where_nothing_was_planned_the_next_is(self):
        told = self.params(self.deal.action_done_and_plan_proposed())
        self.assertEqual(len(self.deal.activity_ids), 1)
        self.assertEqual(told["title"], "Nothing was due")

    def test_what_is_planned_already_stays_the_next(self):
        self.plan(self.deal)
        later = self.plan(self.deal, self.call, days=6)
        told = self.params(self.deal.action_done_and_plan_proposed())
        self.assertEqual(self.deal.activity_ids, later)
        self.assertIn("03/16/2026", told["message"])

    def test_ones_own_activity_is_done_first(self):
        others = self.plan(self.deal, user_id=self.colleague.id)
        mine = self.plan(self.deal, days=1)
        self.deal.action_done_and_plan_proposed()
        self.assertFalse(mine.active)
        self.assertTrue(others.active)

    def test_core_s_own_chain_plans_no_second_one(self):
        self.meeting.triggered_next_type_id = self.todo
        self.stage.next_activity_type_id = self.call
        self.plan(self.deal)
        self.deal.action_done_and_plan_proposed()
        self.assertEqual(self.deal.activity_ids.activity_type_id, self.call)

    def test_for_what_is_won_nothing_is_planned(self):
        self.plan(self.deal)
        self.deal.action_set_won()
        told = self.params(self.deal.action_done_and_plan_proposed())
        self.assertFalse(self.deal.activity_ids)
        self.assertEqual(told["message"], "Nothing is planned for “Pumps”.")

    def test_many_are_done_and_planned_together(self):
        deals = self.make_deals(*[{}] * 20)
        for deal in deals[:15]:
            self.plan(deal)
        told = self.params(deals.action_done_and_plan_proposed())
        self.assertEqual(told["title"], "15 activities done")
        self.assertEqual(told["message"], "20 activities planned.")
        self.assertEqual(len(deals.activity_ids), 20)

    def test_proposals_for_many_cost_no_more_queries_than_for_a_few(self):
        self.todo.suggested_next_type_ids = self.call
        deals = self.make_deals(*[{}] * 60)
        for deal in deals:
            self.plan(deal, self.todo)
        counts = []
        for some in (deals[:5], deals[:5], deals):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._plan_next_proposed()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[1])

    def test_a_second_click_does_nothing(self):
        self.plan(self.deal)
        self.deal.action_done_and_plan_proposed()
        planned = self.deal.activity_ids
        self.age(planned, 2)
        self.deal.action_done_and_plan_proposed()
        self.assertEqual(self.deal.activity_ids, planned)
        self.age(planned, 20)
        self.deal.action_done_and_plan_proposed()
        self.assertFalse(planned.active)

    def age(self, activity, seconds):
        """As if the activity had been planned that long ago."""
        self.env.flush_all()
        when = self.env.cr.now() - timedelta(seconds=seconds)
        made = SQL("UPDATE mail_activity SET create_date = %s", when)
        self.env.cr.execute(SQL("%s WHERE id = %s", made, activity.id))
        activity.invalidate_recordset(["create_date"])

    def test_who_may_not_write_them_plans_nothing(self):
        foreign = self.deal.with_user(self.colleague)
        with self.assertRaises(AccessError):
            foreign.action_done_and_plan_proposed()
        with self.assertRaises(AccessError):
            foreign.action_done_and_plan_next()

    # By the dialog

    def test_the_dialog_shows_what_is_done_and_proposes_the_next(self):
        self.stage.next_activity_type_id = self.call
        self.plan(self.deal)
        form = self.dialog(self.deal)
        self.assertEqual(form.current, "Meeting · 03/10/2026")
        self.assertEqual(form.plan, "this")
        self.assertEqual(form.activity_type_id, self.call)
        self.assertEqual(form.summary, "Ask him")
        self.assertEqual(form.date_deadline, TODAY + timedelta(days=3))

    def test_the_dialog_plans_what_is_chosen(self):
        done = self.plan(self.deal)
        form = self.dialog(self.deal)
        form.feedback = "He wants two"
        form.activity_type_id = self.call
        form.summary = "Send him the price"
        form.date_deadline = TODAY + timedelta(days=8)
        self.params(form.save().action_confirm())
        self.assertEqual(done.feedback, "He wants two")
        following = self.deal.activity_ids
        self.assertEqual(following.summary, "Send him the price")
        self.assertEqual(following.date_deadline, TODAY + timedelta(days=8))
        self.assertEqual(self.deal.next_action_date, TODAY + timedelta(days=8))

    def test_the_dialog_may_plan_nothing(self):
        self.plan(self.deal)
        form = self.dialog(self.deal)
        form.plan = "nothing"
        form.save().action_confirm()
        self.assertFalse(self.deal.activity_ids)

    def test_the_dialog_proposes_nothing_where_something_is_planned(self):
        self.plan(self.deal)
        self.plan(self.deal, self.call, days=4)
        self.assertEqual(self.dialog(self.deal).plan, "nothing")

    def test_the_dialog_plans_for_each_of_many_what_its_stage_proposes(self):
        other = self.env["crm.stage"].create(
            {"name": "Offer", "next_activity_type_id": self.call.id}
        )
        deals = self.make_deals({}, {})
        deals[1].stage_id = other
        form = self.dialog(deals)
        self.assertEqual(form.plan, "proposed")
        form.save().action_confirm()
        kinds = [deal.activity_ids.activity_type_id for deal in deals]
        self.assertEqual(kinds, [self.todo, self.call])

    def test_the_dialog_asks_for_what_it_needs(self):
        wizard = self.dialog(self.deal).save()
        wizard.activity_type_id = False
        with self.assertRaisesRegex(UserError, "Choose the next activity"):
            wizard.action_confirm()
