from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_won_lost import WonLostCase


@tagged("post_install", "-at_install")
class TestLostQuotations(WonLostCase):
    """Losing an opportunity cancels its quotations."""

    def setUp(self):
        super().setUp()
        self.deal = self.make_deals()
        self.order = self.make_quotations(self.deal)
        self.sent = self.order.copy({"opportunity_id": self.deal.id})
        self.sent.action_quotation_sent()
        self.orders = self.order | self.sent

    def assertCancelled(self):
        self.assertEqual(set(self.orders.mapped("state")), {"cancel"})
        self.assertIn(self.deal.name, self.order.message_ids[0].body)
        bodies = " ".join(self.deal.message_ids.mapped("body"))
        self.assertIn(self.sent.name, bodies)

    def test_by_the_wizard(self):
        wizard = self.env["crm.lead.lost"].with_user(self.salesperson)
        wizard = wizard.with_context(active_ids=self.deal.ids)
        wizard = wizard.create({"lead_ids": self.deal.ids})
        wizard.lost_reason_id = self.reason
        wizard.action_lost_reason_apply()
        self.assertCancelled()

    def test_by_the_method(self):
        self.lose(self.deal)
        self.assertCancelled()

    def test_by_written_fields(self):
        self.deal.write({"active": False, "probability": 0})
        self.assertCancelled()

    def test_by_import(self):
        names = [".id", "active", "probability"]
        result = self.deal.load(names, [[self.deal.id, "0", "0"]])
        self.assertFalse(result["messages"])
        self.assertCancelled()

    def test_quotation_of_a_colleague_too(self):
        self.order.sudo().user_id = self.colleague
        self.lose(self.deal)
        self.assertEqual(self.order.sudo().state, "cancel")

    def test_chain_says_that_it_is_lost(self):
        self.lose(self.deal)
        result = self.deal.chain_run_step("order")
        self.assertIn("Restore it first", result["blocked"][str(self.deal.id)][0])

    def test_archiving_alone_is_no_loss(self):
        self.deal.write({"active": False, "probability": 40})
        self.assertEqual(self.order.state, "draft")

    def test_without_the_setting_they_stay(self):
        self.order.company_id.sudo().quotation_cancel_lost = False
        self.lose(self.deal)
        self.assertEqual(self.order.state, "draft")

    def test_confirmed_order_forbids_losing_as_before(self):
        self.sent.action_confirm()
        other = self.make_deals()
        self.order.opportunity_id = other
        with self.assertRaises(UserError):
            self.lose(self.deal)
        self.assertEqual(self.order.state, "draft")

    def test_stage_stays_where_it_was_lost(self):
        rule = {"team_id": self.team.id, "stage_id": self.talk.id}
        self.env["crm.stage.rule"].create({**rule, "enter_step": "quotation"})
        deal = self.make_deals()
        self.make_quotations(deal)
        self.end()
        self.assertEqual(deal.stage_id, self.talk)
        self.lose(deal)
        self.end()
        self.assertEqual(deal.stage_id, self.talk)

    def test_restoring_does_not_revive_them_but_says_so(self):
        deal = self.deal.with_context(tracking_disable=False)
        deal.action_set_lost(lost_reason_id=self.reason.id)
        self.end()
        deal.action_unarchive()
        self.end()
        self.assertEqual(set(self.orders.mapped("state")), {"cancel"})
        said = " ".join(self.deal.message_ids.mapped("body"))
        self.assertIn("stay cancelled", said)
        self.assertIn(self.sent.name, said)

    def test_revived_quotation_is_not_told_of_again(self):
        self.lose(self.deal)
        self.orders.action_draft()
        self.orders.action_cancel()
        self.assertFalse(self.orders.filtered("cancelled_by_loss"))

    def test_many_are_cancelled_in_a_batch(self):
        def cost(count):
            deals = self.make_deals(count)
            self.make_quotations(deals)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deals._cancel_quotations()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(40), cost(20) + 2)

    def test_leads_without_quotations_cost_one_query(self):
        deals = self.make_deals(3)
        deals._cancel_quotations()
        with self.assertQueryCount(1):
            deals._cancel_quotations()
