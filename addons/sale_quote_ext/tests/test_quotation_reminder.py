from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from ..models.sale_order_reminder import EXPIRING, SILENT
from .common import QuoteCase


@tagged("post_install", "-at_install")
class TestQuotationReminder(QuoteCase):
    """Silent and expiring quotations come back to their salesperson, once."""

    def setUp(self):
        super().setUp()
        self.env["sale.order"].search([("state", "=", "sent")]).state = "draft"
        self.deal = self.make_deals()
        self.deal.chain_run_step("quotation")
        self.order = self.deal.order_ids
        self.order.action_quotation_sent()
        self.sent = self.order.quotation_sent_date
        self.order.validity_date = fields.Date.today() + timedelta(days=30)
        self.orders = self.env["sale.order"].sudo()

    def remind(self, days):
        """Work off the reminders of as many days after the sending."""
        with freeze_time(self.sent + timedelta(days=days)):
            with self.own_transaction(self.orders) as orders:
                orders._cron_quotation_reminders()

    def activities(self, kind, orders=None):
        orders = (orders or self.order).sudo()
        return orders.activity_search([kind])

    def message(self, days, record=None, **vals):
        with freeze_time(self.sent + timedelta(days=days)):
            (record or self.order).sudo().message_post(
                body="I think about it.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=self.customer.id,
                **vals,
            )

    def test_silence_comes_to_the_salesperson(self):
        self.remind(6)
        self.assertFalse(self.activities(SILENT))
        self.remind(7.1)
        activity = self.activities(SILENT)
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertIn("7 days ago", activity.summary)

    def test_once_and_not_daily(self):
        for days in (8, 9, 10):
            self.remind(days)
        self.assertEqual(len(self.activities(SILENT)), 1)
        self.activities(SILENT).unlink()
        self.remind(11)
        self.assertFalse(self.activities(SILENT))

    def test_answer_starts_anew(self):
        self.message(5)
        self.remind(8)
        self.assertFalse(self.activities(SILENT))
        self.remind(12.1)
        self.assertEqual(len(self.activities(SILENT)), 1)
        self.message(13)
        self.remind(14)
        self.assertEqual(len(self.activities(SILENT)), 1)
        self.remind(20.1)
        self.assertEqual(len(self.activities(SILENT)), 2)

    def test_message_on_the_opportunity_is_an_answer(self):
        self.message(5, self.deal)
        self.remind(8)
        self.assertFalse(self.activities(SILENT))

    def test_note_is_no_answer(self):
        with freeze_time(self.sent + timedelta(days=5)):
            self.order.message_post(body="Phone broken")
        self.remind(8)
        self.assertTrue(self.activities(SILENT))

    def test_sending_again_starts_anew(self):
        self.remind(8)
        with freeze_time(self.sent + timedelta(days=9)):
            self.order.action_draft()
            self.order.action_quotation_sent()
        self.remind(15)
        self.assertEqual(len(self.activities(SILENT)), 1)
        self.remind(16.1)
        self.assertEqual(len(self.activities(SILENT)), 2)

    def test_expiry_comes_before_the_last_day(self):
        self.remind(26)
        self.assertFalse(self.activities(EXPIRING))
        for days in (27, 28, 30):
            self.remind(days)
        activity = self.activities(EXPIRING)
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertIn("expires on", activity.summary)

    def test_extended_one_is_told_again(self):
        self.remind(28)
        self.order.validity_date += timedelta(days=10)
        self.remind(29)
        self.assertEqual(len(self.activities(EXPIRING)), 1)
        self.remind(38)
        self.assertEqual(len(self.activities(EXPIRING)), 2)

    def test_expired_ones_are_left_alone(self):
        self.order.validity_date = fields.Date.today() + timedelta(days=2)
        self.remind(20)
        self.assertFalse(self.order.sudo().activity_ids)

    def test_never_for_drafts_orders_cancelled_and_lost(self):
        drafted, ordered, cancelled = (self.order.copy() for _number in range(3))
        ordered.opportunity_id = False
        (ordered | cancelled).action_quotation_sent()
        ordered.action_confirm()
        cancelled.action_cancel()
        self.order.company_id.sudo().quotation_cancel_lost = False
        self.lose(self.deal)
        orders = self.order | drafted | ordered | cancelled
        for days in (8, 28):
            self.remind(days)
        for kind in (SILENT, EXPIRING):
            self.assertFalse(self.activities(kind, orders))

    def test_zero_days_never(self):
        company = self.order.company_id.sudo()
        company.quotation_silent_days = company.quotation_expiring_days = 0
        for days in (8, 28):
            self.remind(days)
        self.assertFalse(self.order.sudo().activity_ids)

    def test_without_salesperson_the_leader_is_reminded(self):
        team = self.env["crm.team"].create({"name": "T", "user_id": self.colleague.id})
        self.order.sudo().write({"user_id": False, "team_id": team.id})
        self.remind(8)
        self.assertEqual(self.activities(SILENT).user_id, self.colleague)

    def test_nobody_is_told_by_e_mail(self):
        self.order.sudo().user_id = self.colleague
        mails = self.env["mail.mail"].sudo().search_count([])
        self.remind(8)
        self.assertTrue(self.activities(SILENT))
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)

    def test_many_cost_what_few_do(self):
        def cost(count):
            orders = self.orders
            for _number in range(count):
                orders |= self.order.sudo().copy()
            orders.action_quotation_sent()
            orders.user_id = self.salesperson
            orders = orders.browse(orders.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._remind_of_silence()
            orders._remind_of_expiry()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(30), cost(15))
