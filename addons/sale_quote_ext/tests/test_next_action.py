from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import QuoteCase

NOW = "2026-03-10 09:00:00"


@tagged("post_install", "-at_install")
class TestNextAction(QuoteCase):
    """The customer's level in the score; quotations as touches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner.grade"].search([]).active = False
        cls.gold, cls.iron = cls.env["res.partner.grade"].create(
            [{"name": "Gold", "sequence": 1}, {"name": "Iron", "sequence": 2}]
        )
        cls.team = cls.env["crm.team"].create(
            {"name": "North", "member_ids": [(4, cls.salesperson.id)]}
        )
        cls.deal = cls.make_deals(team_id=cls.team.id)

    def weigh_level_only(self):
        names = self.team._next_action_weight_fields()
        self.team.write({name: int(x == "level") for x, name in names.items()})

    def old_touch(self):
        self.deal._touch(fields.Datetime.now() - timedelta(days=9))

    # Level

    def test_the_higher_the_level_the_higher_the_score(self):
        self.weigh_level_only()
        for level, score in ((self.gold, 100), (self.iron, 50), (False, 0)):
            self.customer.grade_id = level
            self.assertEqual(self.deal.next_action_score, score)

    def test_the_level_of_the_company_holds_for_its_people(self):
        company = self.env["res.partner"].create({"name": "ACME", "is_company": True})
        self.customer.parent_id = company
        self.assertFalse(self.deal.customer_level_id)
        company.grade_id = self.gold
        self.assertEqual(self.deal.customer_level_id, self.gold)
        self.assertEqual(self.deal.customer_level, "Gold")

    def test_a_high_level_is_a_reason(self):
        self.customer.grade_id = self.gold
        self.assertIn("Gold customer", self.deal.next_action_reasons)
        self.customer.grade_id = self.iron
        self.assertNotIn("customer", self.deal.next_action_reasons)

    def test_a_renamed_level_is_told_by_its_new_name(self):
        self.customer.grade_id = self.gold
        self.assertEqual(self.deal.customer_level, "Gold")
        self.gold.name = "Platinum"
        self.env.invalidate_all()
        self.assertEqual(self.deal.customer_level, "Platinum")

    # Touches

    @freeze_time(NOW)
    def test_a_quotation_sent_is_a_touch(self):
        self.deal.chain_run_step("quotation")
        self.deal.chain_run_step("send")
        self.assertEqual(fields.Datetime.to_string(self.deal.last_touch_date), NOW)

    @freeze_time(NOW)
    def test_a_quotation_sent_by_core_s_composer_is_a_touch(self):
        self.deal.chain_run_step("quotation")
        order = self.deal.order_ids
        composer = self.env["mail.compose.message"].with_user(self.salesperson)
        context = order.action_quotation_send()["context"]
        composer.with_context(**context).create({})._action_send_mail()
        self.assertEqual(order.state, "sent")
        self.assertEqual(fields.Datetime.to_string(self.deal.last_touch_date), NOW)

    def test_a_customer_who_writes_about_his_quotation_is_a_touch(self):
        self.deal.chain_run_step("quotation")
        self.old_touch()
        self.deal.order_ids.sudo().message_post(
            body="Too much",
            author_id=self.customer.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(self.deal.days_since_touch, 0)

    def test_making_and_confirming_a_quotation_are_no_touch(self):
        self.deal.chain_run_step("quotation")
        self.deal.chain_run_step("order")
        self.assertFalse(self.deal.last_touch_date)

    def test_many_sent_at_once_are_touched_at_once(self):
        counts = []
        for size in (2, 12):
            deals = self.make_deals(size)
            deals.chain_run_step("quotation")
            before = self.env.cr.sql_log_count
            deals.chain_run_step("send")
            counts.append((self.env.cr.sql_log_count - before, size))
            self.assertTrue(all(deals.mapped("last_touch_date")))
        with self.subTest("touches add nothing for each"):
            Lead = type(self.env["crm.lead"])
            self.patch(Lead, "_touch", lambda *a: None)
            deals = self.make_deals(12)
            deals.chain_run_step("quotation")
            before = self.env.cr.sql_log_count
            deals.chain_run_step("send")
            without = self.env.cr.sql_log_count - before
        self.assertLessEqual(counts[1][0] - without, 4)

    def test_messages_of_the_past_are_found(self):
        self.deal.chain_run_step("quotation")
        self.deal.chain_run_step("send")
        touched = self.deal.last_touch_date
        self.deal.sudo().last_touch_date = False
        self.env["crm.lead"]._touch_from_orders()
        self.assertEqual(self.deal.last_touch_date, touched)
