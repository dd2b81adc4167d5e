from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import ChainCase

NOW = "2026-03-10 09:00:00"


@tagged("post_install", "-at_install")
class TestTouch(ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {"name": "Sara", "email": "sara@example.com"}
        )
        cls.deal = cls.make_leads(
            {"partner_id": cls.customer.id}, type="opportunity"
        ).with_context(tracking_disable=False)
        cls.note = cls.env.ref("mail.mt_note")

    def post(self, subtype="mail.mt_comment", **values):
        return self.deal.message_post(body="Hello", subtype_xmlid=subtype, **values)

    def touched(self):
        return fields.Datetime.to_string(self.deal.last_touch_date)

    @freeze_time(NOW)
    def test_a_message_to_the_customer_is_a_touch(self):
        self.post(message_type="comment", partner_ids=self.customer.ids)
        self.assertEqual(self.touched(), NOW)

    @freeze_time(NOW)
    def test_a_message_from_the_customer_is_a_touch(self):
        self.deal.sudo().message_post(
            body="Yes",
            author_id=self.customer.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(self.touched(), NOW)

    @freeze_time(NOW)
    def test_a_message_to_a_customer_who_follows_is_a_touch(self):
        self.deal.message_subscribe(self.customer.ids)
        self.post(message_type="comment")
        self.assertEqual(self.touched(), NOW)

    def test_a_message_among_colleagues_is_no_touch(self):
        self.post(message_type="comment", partner_ids=self.colleague.partner_id.ids)
        self.assertFalse(self.deal.last_touch_date)

    def test_notes_and_logs_are_no_touch(self):
        self.post("mail.mt_note", message_type="comment")
        self.post(message_type="notification", partner_ids=self.customer.ids)
        self.deal.write({"name": "Renamed", "priority": "3"})
        self.env.flush_all()
        self.assertFalse(self.deal.last_touch_date)

    @freeze_time(NOW)
    def test_a_call_or_meeting_marked_done_is_a_touch(self):
        for kind in ("call", "meeting"):
            deal = self.make_leads({}, type="opportunity")
            activity = deal.activity_schedule(f"mail.mail_activity_data_{kind}")
            self.assertFalse(deal.last_touch_date)
            activity.action_feedback("He is interested")
            self.assertEqual(fields.Datetime.to_string(deal.last_touch_date), NOW)

    def test_a_to_do_marked_done_is_no_touch(self):
        self.deal.activity_schedule("mail.mail_activity_data_todo").action_feedback()
        self.assertFalse(self.deal.last_touch_date)

    def test_an_earlier_touch_changes_nothing(self):
        now = fields.Datetime.now()
        self.deal._touch(now - timedelta(days=2))
        self.deal._touch(now - timedelta(days=5))
        self.assertEqual(self.deal.days_since_touch, 2)

    @freeze_time(NOW)
    def test_no_touch_lies_in_the_future(self):
        self.deal._touch(fields.Datetime.now() + timedelta(days=3))
        self.assertEqual(self.touched(), NOW)

    def test_without_a_touch_the_days_count_from_creation(self):
        with freeze_time(self.deal.create_date + timedelta(days=12, hours=1)):
            self.deal.invalidate_recordset(["days_since_touch"])
            self.assertEqual(self.deal.days_since_touch, 12)

    def test_who_may_not_write_the_lead_touches_it_all_the_same(self):
        reader = self.deal.with_user(self.env.ref("base.public_user"))
        reader._touch()
        self.assertTrue(self.deal.last_touch_date)

    def test_a_hundred_are_cost_no_more_than_one(self):
        deals = self.make_leads(*[{}] * 100, type="opportunity")
        self.env.flush_all()
        with self.assertQueryCount(2):
            deals._touch()
            deals.flush_recordset()

    def test_a_merged_opportunity_keeps_the_last_touch(self):
        other = self.make_leads({}, type="opportunity")
        when = fields.Datetime.now() - timedelta(days=1)
        other._touch(when)
        self.deal._touch(when - timedelta(days=7))
        merged = (self.deal | other).merge_opportunity()
        self.assertEqual(merged.last_touch_date, when)

    def test_a_copy_was_never_touched(self):
        self.deal._touch()
        self.assertFalse(self.deal.copy().last_touch_date)
